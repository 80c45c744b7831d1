package browser

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/memory"

	"waitboard/api/operator"
	"waitboard/domain"
	"waitboard/internal/testlevel"
)

// shows sets the first private value of a widget, and waits until the page shows it.
func (s *board) shows(b *tab, widget int, value string) {
	b.Helper()
	var id string
	s.change(func(state *operator.State) {
		w := &state.Widgets[widget]
		id = w.ID
		w.Metrics = append([]operator.Metric{}, w.Metrics...)
		w.Metrics[0].Text = value
	})
	b.wait(fmt.Sprintf(`document.querySelector('#widget-%s .value b')?.textContent == %q`, id, value))
}

// An update keeps the focus, what is typed and opened, and the scroll position, even when rows come and go.
func TestDashboardUpdates(t *testing.T) {
	t.Parallel()
	s, b := newBoard(t, healthy(5, 40)), newTab(t, 1280, 700)
	b.open(s.url)
	b.wait(live)
	eval[any](b, `{
		for (const id of ['widget-support', 'widget-sales-1', 'source-hq']) document.getElementById(id).open = true;
		const input = document.getElementById('text-sales-1');
		input.focus();
		input.value = 'Half a not';
		input.dispatchEvent(new Event('input', {bubbles: true}));
		input.form.closed.click();
		input.setSelectionRange(2, 4);
		window.kept = input;
	}`)
	const kept = `[document.activeElement == kept, kept.isConnected, kept.value, kept.selectionStart, kept.selectionEnd, kept.form.closed.checked, ['widget-support', 'widget-sales-1', 'source-hq'].every(id => document.getElementById(id).open), Math.round(scrollY) == scrolled].join()`
	eval[any](b, `scrollTo(0, 300), window.scrolled = Math.round(scrollY)`)
	for i := range 3 {
		s.shows(b, 0, fmt.Sprintf("0:0%d", i))
		if got := eval[string](b, kept); got != "true,true,Half a not,2,4,true,true,true" {
			t.Errorf("update %d: %s", i, got)
		}
	}
	// Rows come, go and change places.
	s.change(func(state *operator.State) {
		w := state.Widgets
		w[2], w[39] = w[39], w[2]
		state.Widgets = slices.Delete(w, 4, 5)
		state.Sources[1].State, state.Sources[1].Cause, state.Sources[1].Detail = "failing", "unauthorized", "status 401"
	})
	b.wait(`document.title == '(1) waitboard, for operators'`)
	if got := eval[string](b, `Array.from(document.querySelectorAll('#widgets details'), d => d.id).slice(0, 5).join()`); got != "widget-support,widget-sales-1,widget-pharmacy-39,widget-kundendienst-3,widget-pharmacy-5" && !strings.HasPrefix(got, "widget-support,widget-sales-1,widget-") {
		t.Errorf("the order is %s", got)
	}
	if got := eval[string](b, `[document.querySelectorAll('#widgets details').length, document.activeElement == kept, kept.value, document.querySelectorAll('[id]').length == new Set(Array.from(document.querySelectorAll('[id]'), e => e.id)).size].join()`); got != "39,true,Half a not,true" {
		t.Errorf("after a change of rows: %s", got)
	}
	b.quiet()
}

// The search shows results while an operator types, and keeps its text through updates.
func TestDashboardSearches(t *testing.T) {
	t.Parallel()
	s, b := newBoard(t, healthy(200, 1000)), newTab(t, 1280, 800)
	b.open(s.url)
	b.wait(live)
	typed := func(text string) {
		eval[any](b, fmt.Sprintf(`q.focus(), q.value = %q, q.dispatchEvent(new Event('input', {bubbles: true}))`, text))
	}
	typed("pharmacy 12")
	b.wait(`document.querySelectorAll('#widgets details').length < 10 && document.querySelector('#widget-pharmacy-12')`)
	if got := eval[string](b, `[location.search, q.value, document.activeElement == q].join(' ')`); got != "?q=pharmacy+12 pharmacy 12 true" {
		t.Errorf("after the search: %s", got)
	}
	s.shows(b, 12, "7:77")
	if got := eval[string](b, `[q.value, document.activeElement == q].join()`); got != "pharmacy 12,true" {
		t.Errorf("after an update: %s", got)
	}
	typed("widget:support")
	b.wait(`document.querySelectorAll('#widgets details').length == 1 && document.querySelector('#source-hq') && document.querySelectorAll('#sources details').length == 1`)
	eval[any](b, `show.value = 'problems', show.dispatchEvent(new Event('input', {bubbles: true}))`)
	b.wait(`location.search == '?q=widget%3Asupport&show=problems' && !document.querySelector('#widgets details')`)
	typed("")
	b.wait(`location.search == '?show=problems'`)
	b.quiet()
}

// A notice is set, changed and removed in place, with and without scripts.
func TestDashboardNotices(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprint(scripts), func(t *testing.T) {
			t.Parallel()
			s, b := newBoard(t, healthy(1, 5)), newTab(t, 1280, 900)
			if !scripts {
				call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			}
			b.open(s.url + "?q=sales")
			if scripts {
				b.wait(live)
				eval[any](b, `document.getElementById('widget-sales-1').open = true`)
			}
			const form = `document.querySelector('#widget-sales-1 .notice')`
			write := func(text string) {
				b.wait(form)
				eval[any](b, fmt.Sprintf(`(f => { f.elements.text.value = %q; f.elements.text.dispatchEvent(new Event('input', {bubbles: true})); f.querySelector('.publish').click() })(%s)`, text, form))
			}
			shown := func(want string) {
				t.Helper()
				if !until(func() bool { n, _ := s.notices.Get("sales-1"); return n.Text == want }) {
					t.Fatalf("the notice is never %q", want)
				}
			}
			write("Phones are down")
			shown("Phones are down")
			b.wait(form + `?.querySelector('.remove') && ` + form + `.elements.text.value == 'Phones are down' && document.getElementById('widget-sales-1').open && location.search == '?q=sales'`)
			if got := eval[string](b, form+`.elements.for.selectedOptions[0].text`); !strings.HasPrefix(got, "unchanged: ends in ") || strings.Count(got, ":") != 2 {
				t.Errorf("it ends %q", got)
			}
			write("Phones are slow")
			shown("Phones are slow")
			b.wait(form + `?.elements.text.value == 'Phones are slow'`)
			if scripts {
				write("a\u202eb")
				b.wait(form + `.querySelector('.said.failed')?.textContent.includes('direction')`)
				shown("Phones are slow")
			}
			eval[any](b, form+`.querySelector('.remove').click()`)
			shown("")
			b.wait(form + ` && !` + form + `.querySelector('.remove') && ` + form + `.elements.text.value == ''`)
			if scripts {
				b.inspectPolicy()
			}
		})
	}
}

// inspectPolicy fails the test if the page broke its policy.
func (b *tab) inspectPolicy() {
	b.Helper()
	if broken := eval[[]string](b, "window.violations"); len(broken) > 0 {
		b.Errorf("policy violations: %q", broken)
	}
}

// A hidden page follows nothing, and catches up when it is visible again.
func TestDashboardPauses(t *testing.T) {
	t.Parallel()
	s, b := newBoard(t, healthy(1, 5)), newTab(t, 1280, 900)
	b.atStart(hide)
	b.open(s.url)
	b.wait(live)
	s.shows(b, 0, "1:11")
	b.wait(live)
	if n := s.streams.Load(); n != 1 {
		t.Errorf("%d streams", n)
	}
	eval[any](b, `hide(true)`)
	b.wait(`document.querySelector('#live').textContent == 'Paused'`)
	if !until(func() bool { return s.streams.Load() == 0 }) {
		t.Error("a hidden page keeps its stream")
	}
	s.change(func(state *operator.State) { state.Version = "2" })
	eval[any](b, `hide(false)`)
	b.wait(live)
	s.shows(b, 0, "2:22")
	if n := s.streams.Load(); n != 1 {
		t.Errorf("%d streams", n)
	}
}

// A dashboard too many says so, reads the page all the same, and follows changes once another one closes.
func TestDashboardsTooMany(t *testing.T) {
	t.Parallel()
	s, b := newBoard(t, healthy(1, 5)), newTab(t, 1280, 900)
	var last *http.Response
	for range 64 {
		response, err := http.Get(s.url + "events")
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatal(response, err)
		}
		defer response.Body.Close()
		last = response
	}
	b.open(s.url)
	b.wait(`document.querySelector('#live').textContent.startsWith('Too many dashboards are open')`)
	s.shows(b, 0, "1:11")
	_ = last.Body.Close()
	b.wait(live)
	s.shows(b, 0, "2:22")
}

// Minutes of updates of a page with 200 sources and 1,000 widgets leave no nodes and no listeners behind.
func TestDashboardLeavesNothing(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	s, b := newBoard(t, healthy(200, 1000)), newTab(t, 1280, 900)
	if _, err := s.notices.Set("support", domain.Notice{Text: "Down"}); err != nil {
		t.Fatal(err)
	}
	b.open(s.url)
	b.wait(live)
	eval[any](b, `document.querySelectorAll('details').forEach((d, i) => d.open = i % 3 == 0)`)
	count := func() memory.GetDOMCountersResult {
		call(b, heapprofiler.CollectGarbage, cdp.Empty{})
		return call(b, memory.GetDOMCounters, cdp.Empty{})
	}
	update := func(times int) {
		for i := range times {
			// The number of nodes stays the same, so that a difference is a leak.
			s.shows(b, i%50, fmt.Sprintf("%d:%02d", i/60, i%60))
		}
	}
	update(20)
	before := count()
	update(150)
	after := count()
	t.Logf("before %+v, after %+v", before, after)
	if after.Nodes > before.Nodes+before.Nodes/20 || after.JsEventListeners > before.JsEventListeners+5 || after.Documents > before.Documents+2 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	b.quiet()
}
