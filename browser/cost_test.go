package browser

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
)

// slow lets the script and the data come when the page has long been painted.
func slow(_ http.ResponseWriter, r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/v1/") {
		time.Sleep(250 * time.Millisecond)
	}
	return false
}

// Where a snippet keeps the place free, or the script may hold up the page for a moment, nothing in the page moves.
func TestLayoutShift(t *testing.T) {
	t.Parallel()
	const most = 0.01
	element := func(layout string, width, height int) string {
		return fmt.Sprintf(`<wait-time widget="support" layout=%q><img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>" width="%d" height="%d" alt="Customer support"></wait-time>`, layout, width, height) + script
	}
	for _, snippet := range []struct{ name, html string }{
		{"card", element("card", 300, 220)},
		{"line", element("line", 300, 84)},
		{"compact", element("compact", 300, 70)},
		{"bare", "The wait is " + element("bare", 64, 16) + " now."},
		{"unreserved", `<wait-time widget="support"></wait-time>` + script}, // to see that a shift is seen
		{"script", `<script src="{api}/v1/widget.js" data-widget="sales"></script>`},
	} {
		for _, width := range []int64{390, 1280} {
			t.Run(fmt.Sprint(snippet.name, width), func(t *testing.T) {
				t.Parallel()
				s, b := usual(t), newTab(t, width, 800)
				s.breakBy(slow)
				const text = `<p>Call us, we are glad to help. Here is how long it takes at the moment, so that you can choose when.</p>`
				b.open(s.page("/", `<h1>Support</h1>`+text+snippet.html+strings.Repeat(text, 12)))
				b.wait(shown + `()`)
				time.Sleep(300 * time.Millisecond) // shifts are told with the next frames
				shift := eval[float64](b, `shifts`)
				size := eval[string](b, `(r => r.width + ' × ' + r.height)(document.querySelector('wait-time').shadowRoot.querySelector('.box').getBoundingClientRect())`)
				t.Logf("layout shift %.4f, the widget measures %s px", shift, size)
				if snippet.name == "unreserved" {
					shift = most / shift * most
				}
				if shift > most {
					t.Errorf("layout shift %.4f, at most %v is allowed", shift, most)
				}
			})
		}
	}
}

// TestLongestTask reports the longest task of a page with ten widgets on a processor that is four times as slow. It is a
// figure, and no bound: the machine may have other things to do.
func TestLongestTask(t *testing.T) {
	const loads = 5
	var all []float64
	s := usual(t)
	url := s.page("/", strings.Repeat(`<wait-time widget="support"></wait-time><wait-time widget="sales" layout="line"></wait-time>`, 5)+script)
	b := newTab(t, 1280, 800)
	call(b, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4})
	b.atStart(`window.longestOurs = 0; new PerformanceObserver(l => { for (const e of l.getEntries()) if (e.scripts.some(s => s.sourceURL.includes('widget.js'))) longestOurs = Math.max(longestOurs, e.duration) }).observe({type: 'long-animation-frame', buffered: true})`)
	for range loads {
		b.open(url)
		b.wait(shown + `(9)`)
		time.Sleep(100 * time.Millisecond)
		all = append(all, eval[float64](b, `longestOurs`))
	}
	slices.Sort(all)
	t.Logf("longest tasks of ours, in ms (0: none of 50 ms or more): %.0f, median %.0f", all, all[loads/2])
}
