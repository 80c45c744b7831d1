package browser

import (
	"strings"
	"testing"
)

// A tag without its end tag encloses what follows. That remains visible below the widget, and a warning explains the fix.
func TestUnclosedElement(t *testing.T) {
	t.Parallel()
	const page = `<form id="page"><input></form><h2>Opening hours</h2>`
	const link = `<a id="own" href="{api}/w/support">Customer support</a>`
	s, b := usual(t), newTab(t, 800, 600)
	b.atStart(`window.warned = ''; console.warn = (...words) => { warned += words.join(' ') + '\n' }`)
	for _, test := range []struct {
		name, body string
		page       bool // page content remains visible; otherwise the placeholder is hidden
		warns      bool
	}{
		{"self-closing, with a form and a heading", `<wait-time widget="support" />` + page, true, true},
		{"no end tag", `<div><wait-time widget="support">` + page + `</div>`, true, true},
		{"text in a paragraph", `<p>You wait <wait-time widget="support" layout="bare" /> now. <em id="page">Please hold</em></p>`, true, true},
		{"two of them", `<wait-time widget="sales" />` + page + `<wait-time widget="support" />`, true, true},
		{"upper case, without quotes", `<WAIT-TIME widget=support />` + page, true, true},
		{"one of no widget", `<wait-time widget=support/>` + page, true, true},
		{"in a list item", `<ul><li><wait-time widget="support" /><li id="page">Call us</ul>` + "\n", true, false},
		{"with the link that stands in", `<wait-time widget="support" />` + link, false, false},
		{"closed, last, with the link that stands in", `<p><wait-time widget="support">` + link + `</wait-time></p>`, false, false},
		{"closed, with what the page says", `<wait-time widget="support"><b id="own">Call us</b></wait-time> now`, false, false},
		{"closed, last, with what stands in", `<p><wait-time widget="support"><b id="own" data-fallback>Call us</b></wait-time></p>`, false, false},
		{"closed, last, all of it stands in", `<p><wait-time widget="support" data-fallback>Call <b id="own">us</b></wait-time></p>`, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b.failing(t)
			b.open(s.page("/", script+"<main>"+test.body+"</main>"))
			last := shown + `(document.querySelectorAll('wait-time').length - 1)`
			b.wait(last + `?.match(/3|4 min|not available/)`)
			const visible = `(e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().height > 0)`
			if test.page {
				b.wait(visible + `(document.querySelector('#page'))`)
				const corner = `(e => { const {left, top} = e.getBoundingClientRect(); return top * 1e4 + left })`
				if eval[bool](b, corner+`(document.querySelector('#page')) <= `+corner+`(document.querySelector('wait-time').shadowRoot.querySelector('.box'))`) {
					t.Error("the page's content is not below the widget")
				}
				if eval[bool](b, `(({left, top}) => document.elementFromPoint(left + 1, top + 1)?.closest('wait-time, #page')?.id != 'page')(document.querySelector('#page').getBoundingClientRect())`) {
					t.Error("something covers the page's content")
				}
			} else {
				b.wait(`!` + visible + `(document.querySelector('#own'))`)
			}
			b.keep("unclosed " + strings.ReplaceAll(test.name, " ", "-"))
			if test.warns {
				b.wait(`warned.includes('close the tag')`)
			} else if said := eval[string](b, `warned`); strings.Contains(said, "close the tag") {
				t.Errorf("warning: %s", said)
			}
		})
	}
}

// Content that a script adds to an unclosed element remains visible.
func TestUnclosedElementGrows(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	b.open(s.page("/", `<main><wait-time widget="support"></wait-time></main>`+script))
	b.wait(shown + `() == "` + running + `"`)
	eval[any](b, `document.querySelector('wait-time').append(Object.assign(document.createElement('p'), {id: 'page', textContent: 'Call us'}))`)
	s.passes(b, 0)
	b.wait(`document.querySelector('#page').checkVisibility({visibilityProperty: true}) && ` + shown + `() == "` + running + `"`)
	b.complains("close the tag")
}
