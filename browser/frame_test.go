package browser

import (
	"fmt"
	"testing"
	"time"

	"waitboard/snippet"
	"waitboard/wait"
)

// An iframe of ours gets the height of what is in it, on a page of another site that has the script.
func TestFrameGetsItsHeight(t *testing.T) {
	t.Parallel()
	s := usual(t)
	b := newTab(t, 800, 800)
	b.open(s.page("/frame", `<iframe src="{api}/embed/support" title="Customer support" width="400" height="20"></iframe>`+script))
	b.wait(`+document.querySelector('iframe').height > 100`)
}

// A height is told to pages that may embed the widget, and the widget is shown there only; in a sandbox, where the element may
// not read it, the page is loaded anew instead.
func TestFramesOfRestrictedWidgets(t *testing.T) {
	t.Parallel()
	const page = `<script>window.told = []; addEventListener('message', e => told.push(e.data.type + ' ' + e.origin))</script>
		<iframe src="{api}/embed/support" width="400" height="20"></iframe><iframe sandbox="allow-scripts" src="{api}/embed/sales" width="400" height="20"></iframe>`
	w := widget("support", metric("calls", "Calls in queue"))
	w.RefreshAfter, w.StaleAfter, w.HideAfter = time.Second, time.Minute, 5*time.Minute
	sandboxed := w
	sandboxed.ID = "sales"
	s := newSite(t, w, sandboxed)
	s.observe("calls", wait.CountOf(3), 0)
	loads := func(id string) int { return len(s.requests("/embed/" + id)) }
	s.restrict(s.url)
	friend := newTab(t, 800, 800)
	friend.open(s.page("/friend", page))
	friend.wait(`told.includes('wait-time:height ' + new URL(document.querySelector('iframe').src).origin) && told.includes('wait-time:height null')`)
	for end := time.Now().Add(patience); loads("sales") < 3; time.Sleep(30 * time.Millisecond) { // the first, and at least one asked for and then loaded
		if time.Now().After(end) {
			t.Fatalf("in the sandbox it is never loaded anew: %q", s.requests(""))
		}
	}
	if n := loads("support"); n != 1 {
		t.Errorf("without a sandbox the page was loaded %d times", n)
	}
	friend.quiet()

	s.restrict("https://www.example.com")
	stranger := newTab(t, 800, 800)
	stranger.open(s.page("/stranger", page))
	if told := eval[[]string](stranger, `new Promise(done => setTimeout(done, 300, told))`); len(told) > 0 {
		t.Errorf("a page that may not embed them was told %q", told)
	}
}

// What the server writes looks as the element does: nothing moves when that takes its place, or when no script runs. The height
// that we print for iframes suffices, without leaving much of the box empty.
func TestFramesFit(t *testing.T) {
	t.Parallel()
	s := usualAnd(t, busy("busy"))
	s.observe("still", wait.Line(7*time.Minute, 0, time.Now()), 0)
	b := newTab(t, snippet.Width, 400)
	for _, o := range []snippet.Options{{Widget: "support", Rows: 2}, {Widget: "sales", Rows: 1}, {Widget: "busy", Rows: 3, Extras: 1}} {
		for _, o.Layout = range snippet.Layouts {
			o.Base = s.api
			b.open(o.Frame())
			b.wait(shown + `()`)
			time.Sleep(100 * time.Millisecond) // shifts are told with the next frame
			height, shift := eval[int](b, `Math.ceil(document.body.getBoundingClientRect().height)`), eval[float64](b, `shifts`)
			name := fmt.Sprint(o.Widget, " ", o.Layout)
			t.Logf("%s: %d px high in a box of %d, layout shift %.4f", name, height, o.Height(), shift)
			if height > o.Height() || height < o.Height()-80 {
				t.Errorf("%s: is %d px high, in a box of %d", name, height, o.Height())
			}
			if shift > 0.01 {
				t.Errorf("%s: layout shift %.4f", name, shift)
			}
		}
	}
	b.quiet()
}

// The page weighs little, with all that it loads, as it comes over the wire.
func TestFrameWeight(t *testing.T) {
	t.Parallel()
	const most = 8000
	s := usual(t)
	b := newTab(t, snippet.Width, 400)
	for _, layout := range snippet.Layouts {
		b.open(s.api + "/embed/support?layout=" + layout)
		b.wait(shown + `()`)
		parts := eval[map[string]int](b, `Object.fromEntries([...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(e => [e.name.replace(/.*\/base/, ''), e.encodedBodySize]))`)
		sum := 0
		for _, size := range parts {
			sum += size
		}
		t.Logf("%s: %d bytes: %v", layout, sum, parts)
		if sum > most || len(parts) < 4 {
			t.Errorf("%s: %d bytes in %d parts, at most %d are allowed", layout, sum, len(parts), most)
		}
	}
}

// A link leads out of the frame, also once the element is there.
func TestFrameLinks(t *testing.T) {
	t.Parallel()
	w := busy("busy")
	s := usualAnd(t, w)
	s.observe("still", wait.Line(7*time.Minute, 0, time.Now()), 0)
	b := newTab(t, snippet.Width, 400)
	b.open(s.api + "/embed/busy")
	b.wait(shown + `()`)
	const link = `document.querySelector('wait-time').shadowRoot.querySelector('a')`
	if target := eval[string](b, `(a => { addEventListener('click', e => e.preventDefault()); a.click(); return a.target })(`+link+`)`); target != "_blank" {
		t.Errorf("it opens in %q", target)
	}
}
