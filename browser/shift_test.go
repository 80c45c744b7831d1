package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"waitboard/domain"
	"waitboard/internal/testlevel"
	"waitboard/snippet"
)

// busy is a widget with levels, a link, spans, and long labels.
func busy(id string) domain.Widget {
	leveled := metric("still", "Current wait time for new calls")
	leveled.Levels = domain.Levels{Kind: domain.Duration, Moderate: 60_000, High: 120_000}
	leveled.Link = domain.Link{When: domain.High, Label: "Request a callback", URL: "https://www.example.com/callback"}
	span := metric("still", "Average of all queues")
	span.ID, span.Display = "span", domain.Display{Kind: domain.Duration, Buckets: []float64{300_000, 600_000}}
	calls := metric("calls", "Calls in queue right now")
	w := widget(id, leveled, span, calls)
	w.Title = "Sales, billing and returns"
	return w
}

// A trial is a page that loads a widget.
type trial struct {
	name, html string
	shifts     bool // the page must shift
	long       bool // full level only
}

// trials returns all printed snippets.
func trials(base, notice string) []trial {
	all := []trial{{"unreserved", `<wait-time widget="support"></wait-time>` + script, true, false}} // checks that the test detects a shift
	for _, c := range []struct {
		snippet.Options
		layouts []string
		kinds   []snippet.Kind
	}{
		{snippet.Options{Widget: "support", Rows: 2}, snippet.Layouts[:1], []snippet.Kind{snippet.IFrame, snippet.Image}},
		{snippet.Options{Widget: "support", Rows: 2}, snippet.Layouts, []snippet.Kind{snippet.Element, snippet.Script}},
		{snippet.Options{Widget: "sales", Rows: 1}, snippet.Layouts[:1], []snippet.Kind{snippet.Element, snippet.Script}},
		{snippet.Options{Widget: "noticed", Rows: 2, Notice: notice}, snippet.Layouts, []snippet.Kind{snippet.Element}},
		{snippet.Options{Widget: "noticed", Rows: 2, Notice: notice}, snippet.Layouts[:1], []snippet.Kind{snippet.Script, snippet.IFrame}},
		{snippet.Options{Widget: "busy", Rows: 3, Extras: 1}, snippet.Layouts, []snippet.Kind{snippet.Element, snippet.Script}},
	} {
		for _, layout := range c.layouts {
			for _, kind := range c.kinds {
				c.Base, c.Title, c.Layout = base, "Customer support", layout
				html := snippet.HTML(kind, c.Options)
				if layout == "bare" {
					html = "<p>The wait is " + html + " now.</p>"
				}
				long := c.Widget != "busy" && kind != snippet.IFrame && kind != snippet.Image || kind == snippet.Script
				all = append(all, trial{fmt.Sprint(c.Widget, " ", layout, " ", kind), html, false, long})
			}
		}
	}
	return all
}

// Nothing in a page shifts when a widget loads, for all printed snippets. The test logs the shifts.
func TestLayoutShift(t *testing.T) {
	t.Parallel()
	const most = 0.01
	const text = `<p>Call us, we are glad to help. Here is how long it takes at the moment, so that you can choose when.</p>`
	const notice = "We are short of people today: please use our chat, or write to us. Thank you for your patience."
	noticed := widget("noticed", metric("still", "Current wait time"), metric("calls", "Calls in queue"))
	noticed.Notice = notice
	for _, width := range []int64{320, 390, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			if width != 390 {
				testlevel.Full(t)
			}
			t.Parallel()
			s, b := usualAnd(t, busy("busy"), noticed), newTab(t, width, 800)
			s.observe("still", domain.Line(7*time.Minute, 0, s.now()), 0)
			call(b, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}) // or the script would load immediately
			for _, c := range trials(s.api, notice) {
				t.Run(c.name, func(t *testing.T) {
					if c.long {
						testlevel.Full(t)
					}
					b.failing(t)
					url, done := s.page("/"+strings.ReplaceAll(c.name, " ", "-"), `<h1>Support</h1>`+text+c.html+strings.Repeat(text, 12)), `true`
					if strings.Contains(c.html, "<script") {
						done = shown + `()`
					}
					s.openSlowly(b, url, done)
					shift := eval[float64](b, shiftsSoFar)
					size := eval[string](b, `(e => { if (!e) return '-'; const r = e.shadowRoot.querySelector('.box').getBoundingClientRect(), i = e.querySelector('img'); return r.width + ' × ' + r.height + (i ? ' in ' + i.width + ' × ' + i.height : ' in ' + e.style.minHeight) })(document.querySelector('wait-time'))`)
					t.Logf("layout shift %.4f, the widget measures %s px", shift, size)
					if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > width {
						t.Errorf("%d px wide", wide)
					}
					if moved := shift > most; moved != c.shifts && width > 350 { // narrow pages may shift, because lines wrap
						t.Errorf("layout shift %.4f, want at most %v", shift, most)
					}
				})
			}
		})
	}
}
