package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"

	"waitboard/domain"
)

const elements = `document.querySelectorAll('wait-time').length`

// The one-line script places exactly one element for each snippet, whatever the page does with the script.
func TestOneLine(t *testing.T) {
	t.Parallel()
	const line = `<script async src="{api}/v1/widget.js" data-widget="support"></script>`
	blocked := func(kind string) string { return strings.Replace(line, "<script", `<script type="`+kind+`"`, 1) }
	// A consent manager replaces the blocked script by one that runs.
	const consent = `{ const old = document.querySelector('main script[type]'), live = document.createElement('script');
		for (const {name, value} of old.attributes) if (name != 'type') live.setAttribute(name, value);
		old.replaceWith(live) }`
	// A morph makes the page match its HTML and leaves equal elements, such as the script, in place.
	const morph = `document.querySelector('wait-time').remove(); for (const s of document.scripts) s.removeAttribute('data-placed')`
	s := usual(t)
	for _, test := range []struct {
		name, body, before string
		then               string // what the page does next
		elements           int    // after that
	}{
		{"morphed", line, elements + ` == 1`, morph, 1},
		{"removed by the page", line, elements + ` == 1`, `document.querySelector('wait-time').remove()`, 0},
		{"saved with its element", `<wait-time widget="support"></wait-time>` + strings.Replace(line, "data-widget", "data-placed=wait-time data-widget", 1), elements + ` == 1`, ``, 1},
		{"blocked until consent", blocked("text/plain"), `!` + elements, consent, 1},
		{"blocked beside a live copy", blocked("text/plain") + script, `customElements.get('wait-time') && !` + elements, consent, 1},
		{"blocked by Rocket Loader", blocked("0123-text/javascript") + script, `customElements.get('wait-time') && !` + elements, consent, 1},
		{"blocked by yett", blocked("javascript/blocked") + script, `customElements.get('wait-time') && !` + elements, consent, 1},
		{"with a type", blocked("text/javascript"), elements + ` == 1`, ``, 1},
		{"as a module", blocked("module"), elements + ` == 1`, ``, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, 800, 600)
			b.atStart(stopped)
			b.open(s.page("/"+strings.ReplaceAll(test.name, " ", "-"), "<main>"+test.body+"</main>"))
			b.wait(test.before)
			eval[any](b, test.then+`; pass(1500)`)
			b.wait(fmt.Sprintf(elements+` == %d`, test.elements))
			if test.elements > 0 {
				b.wait(`(pass(100), ` + shown + `().includes('4 min'))`)
			}
			b.quiet()
		})
	}
}

// Where nothing is drawn, or the service is unknown, the element requests nothing and a warning names the remedy.
func TestMisplacedScripts(t *testing.T) {
	t.Parallel()
	s := usual(t)
	for _, test := range []struct{ name, body string }{
		{"script in the head", `<script>{ const s = document.createElement('script'); s.src = '{api}/v1/widget.js'; s.dataset.widget = 'support'; document.head.append(s) }</script>`},
		{"script of a site's cache", `<wait-time widget="support"></wait-time><script async src="{api}/cache/wait/v1/widget.js"></script>`},
		{"bundled script", `<wait-time widget="support"></wait-time><script async src="{api}/bundle.js"></script>`},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newTab(t, 800, 600)
			s.breakBy(func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, ".js") || strings.HasSuffix(r.URL.Path, "more.js") {
					return false
				}
				r.URL.Path = "/v1/widget.js"
				return false
			})
			b.open(s.page("/", test.body))
			b.complains("set widget and api")
			if asked := eval[int](b, `fetched.length`); asked != 0 {
				t.Errorf("%d requests", asked)
			}
		})
	}
}

// A failed request is reported with its status and the address, which may be wrong.
func TestWrongServiceIsNamed(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	b.open(s.page("/", `<wait-time widget="support" api="{api}/nowhere"></wait-time>`+script))
	b.complains("404, api=" + s.api + "/nowhere?")
}

// An element without a service shows nothing once a page has scripts of two, and a warning names the remedy.
func TestTwoServices(t *testing.T) {
	t.Parallel()
	s, other, b := usual(t), usual(t), newTab(t, 800, 600)
	other.observe("calls", domain.CountOf(8), 0)
	b.atStart(stopped)
	page := `<wait-time widget="sales">Call us</wait-time><wait-time widget="sales" api="{api}"></wait-time><wait-time widget="sales" api="{other}"></wait-time>` +
		script + strings.ReplaceAll(script, "{api}", "{other}")
	b.open(s.page("/", strings.ReplaceAll(page, "{other}", other.api)))
	b.complains("set widget and api")
	b.wait(`(pass(1000), ` + shown + `(1).includes('queue 3') && ` + shown + `(2).includes('queue 8'))`)
	if got := eval[string](b, shown+`(0)`); got != "" {
		t.Errorf("the element without a service shows %q", got)
	}
}

// The element follows the language of the page when it changes, also through shadow roots.
func TestLanguageIsInherited(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	b.open(s.page("/", `<wait-time widget="support"></wait-time>
		<div lang="fr"><template shadowrootmode="open"><p><wait-time widget="support"></wait-time></p></template></div>
		<form lang="de"><select name="lang"></select><wait-time widget="support"></wait-time></form>`+script))
	const language = `(e => e.shadowRoot.querySelector('.box')?.lang)`
	b.wait(language + `(document.querySelector('div').shadowRoot.querySelector('wait-time')) == 'fr'`)
	b.wait(language + `(document.querySelector('form wait-time')) == 'de'`)
	b.wait(language + `(document.querySelector('wait-time')) == 'en'`)
	eval[any](b, `document.documentElement.lang = 'es'; `+look)
	b.wait(language + `(document.querySelector('wait-time')) == 'es'`)
	b.quiet()
}

// What a translation or an extension writes into the element stays until the element has something new to say.
func TestTranslatedElement(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	b.open(s.page("/", `<wait-time widget="support"></wait-time>`+script))
	b.wait(shown + `() == "` + running + `"`)
	eval[any](b, `{
		const root = document.querySelector('wait-time').shadowRoot;
		for (const e of root.querySelectorAll('.title, .label, .value')) e.innerHTML = '<font><font>(' + e.textContent + ')</font></font>';
		root.querySelector('.label').setAttribute('_msttexthash', '1');
		root.querySelector('.metric').append(document.createElement('font'));
		window.written = 0;
		new MutationObserver(all => written += all.length).observe(root, {subtree: true, childList: true, attributes: true, characterData: true});
	}`)
	eval[any](b, look+`; `+painted)
	if n := eval[int](b, `written`); n != 0 {
		t.Errorf("%d writes without news", n)
	}
	s.observe("calls", domain.CountOf(17), 0)
	s.passes(b, 11*time.Second)
	b.wait(shown + `().includes('(Calls in queue) 17')`)
}

// Paper shows when the values were confirmed, with the date, and no controls.
func TestPrintedElement(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	b.open(s.page("/", `<wait-time widget="support"></wait-time>`+script))
	b.wait(shown + `() == "` + running + `"`)
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	const part = `(name => document.querySelector('wait-time').shadowRoot.querySelector(name))`
	if eval[bool](b, part+`('.pause').checkVisibility({visibilityProperty: true})`) {
		t.Error("the pause control is on paper")
	}
	if size := eval[string](b, `getComputedStyle(`+part+`('.updated')).fontSize`); size != "0px" {
		t.Errorf("the age is on paper, in %s", size)
	}
	if !eval[bool](b, part+`('.updated').title.includes(new Date().getFullYear()) && getComputedStyle(`+part+`('.updated'), '::after').content.includes(`+part+`('.updated').title)`) {
		t.Error("no date is on paper")
	}
	b.keep("printed")
}
