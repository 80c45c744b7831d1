package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"waitboard/internal/testlevel"
)

// TestLongestTask logs the longest task of a page with ten widgets, with the processor slowed down four times. It asserts nothing, because
// the machine may be busy.
func TestLongestTask(t *testing.T) {
	testlevel.Full(t)
	const loads = 5
	var all []float64
	s := usual(t)
	url := s.page("/", strings.Repeat(`<wait-time widget="support"></wait-time><wait-time widget="sales" layout="line"></wait-time>`, 5)+script)
	b := newTab(t, 1280, 800)
	call(b, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4})
	b.atStart(`window.longestOurs = 0; window.tasks = new PerformanceObserver(l => note(l.getEntries()));
		window.note = entries => { for (const e of entries) if (e.scripts.some(s => s.sourceURL.includes('widget.js'))) longestOurs = Math.max(longestOurs, e.duration) };
		tasks.observe({type: 'long-animation-frame', buffered: true})`)
	for range loads {
		b.open(url)
		b.wait(shown + `(9)`)
		all = append(all, eval[float64](b, painted+`.then(() => (note(tasks.takeRecords()), longestOurs))`))
	}
	slices.Sort(all)
	t.Logf("longest tasks of the element in ms (0: all under 50 ms): %.0f, median %.0f", all, all[loads/2])
}
