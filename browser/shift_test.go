package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"waitboard/snippet"
	"waitboard/wait"
)

// slow lets the script and the data come when the page has long been painted.
func slow(_ http.ResponseWriter, r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/v1/") {
		time.Sleep(400 * time.Millisecond)
	}
	return false
}

// busy is a widget with a bit of everything: levels, a link, spans, and labels of some length.
func busy(id string) wait.Widget {
	leveled := metric("still", "Current wait time for new calls")
	leveled.Levels = wait.Levels{Kind: wait.Duration, Moderate: 60_000, High: 120_000}
	leveled.Link = wait.Link{When: wait.High, Label: "Request a callback", URL: "https://www.example.com/callback"}
	span := metric("still", "Average of all queues")
	span.ID, span.Display = "span", wait.Display{Kind: wait.Duration, Buckets: []float64{300_000, 600_000}}
	calls := metric("calls", "Calls in queue right now")
	w := widget(id, leveled, span, calls)
	w.Title = "Sales, billing and returns"
	return w
}

// Nothing in a page moves when a widget comes into it, in whatever way that we print. The figures are logged.
func TestLayoutShift(t *testing.T) {
	t.Parallel()
	const most = 0.01
	const text = `<p>Call us, we are glad to help. Here is how long it takes at the moment, so that you can choose when.</p>`
	s := usualAnd(t, busy("busy"))
	s.observe("still", wait.Line(7*time.Minute, 0, time.Now()), 0)
	s.breakBy(slow)
	type trial struct {
		name, html string
		shifts     bool
	}
	var trials []trial
	try := func(name, html string, shifts bool) { trials = append(trials, trial{name, html, shifts}) }
	try("unreserved", `<wait-time widget="support"></wait-time>`+script, true) // to see that a shift is seen
	for _, c := range []struct {
		snippet.Options
		layouts []string
		kinds   []snippet.Kind
	}{
		{snippet.Options{Widget: "support", Rows: 2}, snippet.Layouts[:1], []snippet.Kind{snippet.IFrame, snippet.Image}},
		{snippet.Options{Widget: "support", Rows: 2}, snippet.Layouts, []snippet.Kind{snippet.Element, snippet.Script}},
		{snippet.Options{Widget: "sales", Rows: 1}, snippet.Layouts[:1], []snippet.Kind{snippet.Element, snippet.Script}},
		{snippet.Options{Widget: "busy", Rows: 3, Extras: 1}, snippet.Layouts, []snippet.Kind{snippet.Element, snippet.Script}},
	} {
		for _, layout := range c.layouts {
			for _, kind := range c.kinds {
				c.Base, c.Title, c.Layout = s.api, "Customer support", layout
				html := snippet.HTML(kind, c.Options)
				if layout == "bare" {
					html = "<p>The wait is " + html + " now.</p>"
				}
				try(fmt.Sprint(c.Widget, " ", layout, " ", kind), html, false)
			}
		}
	}
	const tabs = 3 // of each width; the pages are shared out among them
	for _, width := range []int64{390, 1280} {
		for n := range tabs {
			t.Run(fmt.Sprint(width, " ", n), func(t *testing.T) {
				t.Parallel()
				b := newTab(t, width, 800)
				call(b, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}) // or the script would be quick
				for i := n; i < len(trials); i += tabs {
					c := trials[i]
					b.open(s.page("/"+strings.ReplaceAll(c.name, " ", "-"), `<h1>Support</h1>`+text+c.html+strings.Repeat(text, 12)))
					if strings.Contains(c.html, "<script") {
						b.wait(shown + `()`)
					}
					time.Sleep(200 * time.Millisecond) // shifts are told with the next frames
					shift := eval[float64](b, `shifts`)
					size := eval[string](b, `(e => { if (!e) return '-'; const r = e.shadowRoot.querySelector('.box').getBoundingClientRect(), i = e.querySelector('img'); return r.width + ' × ' + r.height + (i ? ' in ' + i.width + ' × ' + i.height : ' in ' + e.style.minHeight) })(document.querySelector('wait-time'))`)
					t.Logf("%s: layout shift %.4f, the widget measures %s px", c.name, shift, size)
					if moved := shift > most; moved != c.shifts {
						t.Errorf("%s: layout shift %.4f, at most %v is allowed", c.name, shift, most)
					}
				}
			})
		}
	}
}
