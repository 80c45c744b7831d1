package publish

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"waitboard/domain"
	"waitboard/locale"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func widget(id string, metrics ...domain.WidgetMetric) domain.Widget {
	return domain.Widget{ID: id, Title: `Support "<now>"`, Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute,
		RefreshAfter: 10 * time.Second, Metrics: metrics}
}

func metric(id string) domain.WidgetMetric {
	return domain.WidgetMetric{ID: id, Label: "Label of " + id, Ref: domain.Ref{Source: "hq", Metric: id}}
}

// confirmed is an observation of a reading, confirmed now.
func confirmed(r domain.Reading) domain.Observation {
	now := time.Now()
	return domain.Observation{Confirmed: now, Kind: r.Kind, Samples: map[string]domain.Sample{"": {Reading: r, Confirmed: now}}}
}

// atNoon runs a test in a bubble whose clock says noon.
func atNoon(t *testing.T, test func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 23, 12, 0, 0, 250e6, time.UTC)))
		test(t)
	})
}

func newPublisher(t *testing.T, widgets ...domain.Widget) *Publisher {
	p := New(Options{Widgets: widgets, Now: time.Now})
	t.Cleanup(p.Close)
	return p
}

func body(t *testing.T, p *Publisher, id string) string {
	t.Helper()
	page, ok := p.Page(id)
	if !ok {
		t.Fatalf("no page of %s", id)
	}
	checkVariants(t, page)
	return strings.TrimSuffix(string(page.Plain.Body), "\n")
}

// checkVariants wants the compressed page to unpack to the plain one.
func checkVariants(t *testing.T, page *Page) {
	t.Helper()
	if !json.Valid(page.Plain.Body) {
		t.Errorf("not JSON: %s", page.Plain.Body)
	}
	if page.Gzip().Body == nil {
		return
	}
	reader, err := gzip.NewReader(bytes.NewReader(page.Gzip().Body))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(reader)
	if diff := cmp.Diff(string(page.Plain.Body), string(unpacked)); diff != "" || err != nil {
		t.Errorf("gzip: %v (-plain +unpacked):\n%s", err, diff)
	}
	if page.Plain.ETag[0] == page.Gzip().ETag[0] {
		t.Error("both variants have the same ETag")
	}
}

func TestPage(t *testing.T) {
	null := `"value":null,`
	tests := []struct {
		name    string
		observe domain.Reading
		want    string // the metric
	}{
		{"running duration", domain.Line(3*time.Minute+500*time.Millisecond, 1./3, time.Date(2026, 11, 23, 12, 0, 0, 250e6, time.UTC)),
			`"type":"duration","value":180.5,"unit":"s","rate":0.333333,"as_of":"2026-11-23T12:00:00.250Z","text":"4 min"`},
		{"standing duration", domain.Line(4*time.Minute, 0, time.Time{}),
			`"type":"duration","value":240,"unit":"s","text":"4 min"`},
		{"count", domain.CountOf(3), `"type":"count","value":3,"text":"3"`},
		{"boolean", domain.BooleanOf(false), `"type":"boolean","value":false,"text":"No"`},
		{"text", domain.TextOf(`</script>&"`), `"type":"text","value":"\u003c/script\u003e\u0026\"","text":"\u003c/script\u003e\u0026\""`},
		{"no value", domain.Reading{}, null + `"text":"Not available"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			atNoon(t, func(t *testing.T) {
				p := newPublisher(t, widget("support", metric("m")))
				p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(test.observe)})
				want := `{"id":"support","title":"Support \"\u003cnow\u003e\"","locale":"en","state":"open","stale":false,"observed_at":"2026-11-23T12:00:00.250Z",` +
					`"refresh_after":10,"stale_after":45,"hide_after":300,"metrics":[{"id":"m","label":"Label of m",` + test.want + `}]}`
				if diff := cmp.Diff(want, body(t, p, "support")); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// The page turns stale and hidden on time without new readings.
func TestPageTurnsOnTime(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		p := newPublisher(t, widget("support", metric("m")))
		steps := []struct {
			after time.Duration
			has   []string
		}{
			{0, []string{`"state":"open"`, `"stale":false`, `"value":0,`, `"text":"0 min"`}},
			{time.Millisecond, []string{`"stale":false`, `"value":0.001,`, `"text":"1 min"`}},
			{45*time.Second - time.Millisecond, []string{`"stale":false`, `"value":0.001,`}},
			{45 * time.Second, []string{`"stale":true`, `"value":0.001,`, `"as_of":"2026-11-23T12:00:00.251Z"`, `"text":"1 min","stale":true`}},
			{time.Minute + time.Millisecond, []string{`"value":60.001,`, `"text":"2 min"`}},
			{5*time.Minute - time.Millisecond, []string{`"state":"open"`, `"text":"5 min"`}},
			{5 * time.Minute, []string{`"state":"unavailable"`, `"stale":false,"refresh_after"`, `"type":"duration","value":null`}},
		}
		if got := body(t, p, "support"); !strings.Contains(got, `"state":"initializing"`) {
			t.Errorf("before the first reading: %s", got)
		}
		start := time.Now()
		p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.Line(0, 1, start))})
		for _, step := range steps {
			time.Sleep(time.Until(start.Add(step.after)))
			synctest.Wait()
			got := body(t, p, "support")
			for _, part := range step.has {
				if !strings.Contains(got, part) {
					t.Errorf("after %v: no %s in %s", step.after, part, got)
				}
			}
		}
	})
}

// A widget opens and closes on the minute, without new readings.
func TestHours(t *testing.T) {
	atNoon(t, func(t *testing.T) { // a Monday
		w := widget("support", metric("m"))
		w.Hours = &domain.Hours{Zone: time.UTC, Weekly: [7][]domain.Span{time.Monday: {{From: 8 * 60, To: 12*60 + 1}, {From: 12*60 + 3, To: 12*60 + 4}}, time.Friday: {{From: 540, To: 600}}}}
		p := newPublisher(t, w)
		p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(3))})
		noon := time.Now().Truncate(time.Minute)
		open := `"state":"open"`
		closed := func(opensAt, message string) string {
			return `{"id":"support","title":"Support \"\u003cnow\u003e\"","locale":"en","state":"closed","stale":false,"refresh_after":10,"stale_after":45,"hide_after":300,"opens_at":"` + opensAt + `","message":"` + message + `","metrics":[]}`
		}
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{time.Second, open},
			{time.Minute - time.Millisecond, open},
			{time.Minute, closed("2026-11-23T12:03:00.000Z", "Closed. Opens today 12:03 PM UTC")},
			{3*time.Minute - time.Millisecond, closed("2026-11-23T12:03:00.000Z", "Closed. Opens today 12:03 PM UTC")},
			{3 * time.Minute, open},
			{4 * time.Minute, closed("2026-11-27T09:00:00.000Z", "Closed. Opens Friday 9:00 AM UTC")},
		} {
			time.Sleep(time.Until(noon.Add(step.after)))
			synctest.Wait()
			if got := body(t, p, "support"); got != step.want && (step.want != open || !strings.Contains(got, open)) {
				t.Errorf("after %v: %s", step.after, got)
			}
		}
		w.Hours.Closed = []domain.DateRange{{First: domain.Date{Year: 2026, Month: 11, Day: 24}, Last: domain.Date{Year: 2026, Month: 12, Day: 6}}}
		p = newPublisher(t, w)
		if got, want := body(t, p, "support"), closed("2026-12-07T08:00:00.000Z", "Closed. Opens December 7 at 8:00 AM UTC"); got != want {
			t.Errorf("weeks away: %s", got)
		}
		w.Hours = &domain.Hours{Zone: time.UTC}
		p = newPublisher(t, w)
		if got := body(t, p, "support"); !strings.Contains(got, `"message":"Closed."`) || strings.Contains(got, "opens_at") {
			t.Errorf("never open: %s", got)
		}
	})
}

// A page shows what its display policy allows, and nothing more.
func TestPageOfAPolicy(t *testing.T) {
	tests := []struct {
		name    string
		display domain.Display
		value   time.Duration
		want    string
	}{
		{"rounded", domain.Display{Kind: domain.Duration, Round: 60_000}, 3*time.Minute + time.Second,
			`"type":"duration","value":240,"unit":"s","text":"4 min","level":"low"`},
		{"under", domain.Display{Kind: domain.Duration, Below: 60_000}, time.Second, `"type":"duration","range":{"max":60},"unit":"s","text":"under 1 min","level":"low"`},
		{"over", domain.Display{Kind: domain.Duration, Above: 90_500}, time.Hour,
			`"type":"duration","range":{"min":90.5},"unit":"s","text":"over 1 min 30.5 s","level":"high","link":{"label":"Call back","url":"tel:+1555"}`},
		{"between", domain.Display{Kind: domain.Duration, Buckets: []float64{60_000, 120_000}}, 90 * time.Second, `"type":"duration","range":{"min":60,"max":120},"unit":"s","text":"1–2 min","level":"low"`},
		{"hidden", domain.Display{HideZero: true}, 0, `"type":"duration","value":null,"unit":"s","text":"Not available"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			atNoon(t, func(t *testing.T) {
				m := metric("m")
				m.Display, m.Levels = test.display, domain.Levels{Kind: domain.Duration, High: 900_000}
				m.Link = domain.Link{When: domain.High, Label: "Call back", URL: "tel:+1555"}
				p := newPublisher(t, widget("support", m))
				p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.Line(test.value, 1, time.Now()))})
				if got := body(t, p, "support"); !strings.HasSuffix(got, `"metrics":[{"id":"m","label":"Label of m",`+test.want+`}]}`) {
					t.Errorf("got %s", got)
				}
			})
		})
	}
}

func TestConfirmingRendersNothing(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		p := newPublisher(t, widget("support", metric("m")))
		observe := func() (*rendered, *Page) {
			p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.Line(4*time.Minute, 0, time.Time{}))})
			page, _ := p.Page("support")
			checkVariants(t, page)
			return p.slots["support"].rendered, page
		}
		first, page := observe()
		time.Sleep(10 * time.Second)
		second, later := observe()
		if first != second {
			t.Error("rendered again though only observed_at changed")
		}
		if !bytes.Contains(later.Plain.Body, []byte(`"observed_at":"2026-11-23T12:00:10.250Z"`)) || page.Plain.ETag[0] == later.Plain.ETag[0] {
			t.Errorf("observed_at or ETag did not move: %s %s", later.Plain.ETag, later.Plain.Body)
		}
		if version := p.Version(); version != 3 {
			t.Errorf("version %d after three pages", version)
		}
	})
}

func TestOnlyAffectedWidgetsChange(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		p := newPublisher(t, widget("a", metric("one"), metric("two")), widget("b", metric("two")), widget("c", metric("three")))
		before := map[string]*Page{}
		for _, id := range p.IDs() {
			before[id], _ = p.Page(id)
		}
		p.Readings().Apply("hq", map[string]domain.Observation{"two": confirmed(domain.CountOf(2)), "unused": confirmed(domain.CountOf(9))})
		p.Readings().Apply("elsewhere", map[string]domain.Observation{"three": confirmed(domain.CountOf(3))})
		for id, changed := range map[string]bool{"a": true, "b": true, "c": false} {
			if page, _ := p.Page(id); (page != before[id]) != changed {
				t.Errorf("%s: changed is %v", id, !changed)
			}
		}
		want := map[domain.State]int{domain.Open: 2, domain.Closed: 0, domain.Initializing: 1, domain.Unavailable: 0}
		if states, stale := p.States(); stale != 0 || cmp.Diff(want, states) != "" {
			t.Errorf("states %v, %d stale", states, stale)
		}
		if _, ok := p.Page("d"); ok {
			t.Error("found a widget that does not exist")
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	p := newPublisher(t, widget("a", metric("one"), metric("two")))
	done := make(chan struct{})
	for source := range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			for i := range 200 {
				p.Readings().Apply("hq", map[string]domain.Observation{[]string{"one", "two"}[source%2]: confirmed(domain.CountOf(float64(i)))})
				if page, ok := p.Page("a"); !ok || len(page.Plain.Body) == 0 {
					t.Error("no page")
				}
			}
		}()
	}
	for range 4 {
		<-done
	}
}

// BenchmarkObserve measures one poll of a source with a reading for each widget. None, some or all of them differ from the last.
func BenchmarkObserve(b *testing.B) {
	for _, widgets := range []int{10, 100, 1_000, 10_000} {
		for _, changed := range []int{0, 1, 100} {
			b.Run(fmt.Sprintf("widgets=%d/changed=%d%%", widgets, changed), func(b *testing.B) {
				all := make([]domain.Widget, widgets)
				for i := range all {
					all[i] = widget(fmt.Sprint("w", i), metric(fmt.Sprint("m", i)))
				}
				publisher := New(Options{Widgets: all, Now: time.Now})
				defer publisher.Close()
				b.ReportAllocs()
				for round := 0; b.Loop(); round++ {
					observed := make(map[string]domain.Observation, widgets)
					for i := range all {
						value := 3.
						if i*100 < changed*widgets {
							value += float64(round)
						}
						observed[fmt.Sprint("m", i)] = confirmed(domain.CountOf(value))
					}
					publisher.Readings().Apply("hq", observed)
				}
			})
		}
	}
}

// Replace changes the widgets and leaves the readings.
func TestReplace(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		unchanged, changed, gone := widget("unchanged", metric("a")), widget("changed", metric("b")), widget("gone", metric("c"))
		p := newPublisher(t, unchanged, changed, gone)
		p.Readings().Apply("hq", map[string]domain.Observation{"a": confirmed(domain.CountOf(1)), "b": confirmed(domain.CountOf(2)), "c": confirmed(domain.CountOf(3))})
		page, _ := p.Page("unchanged")
		version := p.Version()

		changed.Title = "Changed"
		changed.Metrics = append(changed.Metrics, metric("a"), metric("new"))
		p.Replace([]domain.Widget{changed, unchanged, widget("new", metric("b"))})
		if diff := cmp.Diff([]string{"changed", "unchanged", "new"}, p.IDs()); diff != "" || p.Version() == version {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if same, _ := p.Page("unchanged"); same != page {
			t.Error("the page of an unchanged widget was rendered again")
		}
		if _, ok := p.Page("gone"); ok {
			t.Error("the page of a removed widget is still there")
		}
		texts := func(id string) string {
			page, _ := p.Page(id)
			out := page.Snapshot.Title + ": "
			for _, m := range page.Snapshot.Metrics {
				out += m.Text + " "
			}
			return out
		}
		if got := texts("changed") + texts("new"); got != `Changed: 2 1 Not available Support "<now>": 2 ` {
			t.Errorf("got %s", got)
		}
		p.Readings().Apply("hq", map[string]domain.Observation{"b": confirmed(domain.CountOf(5)), "c": confirmed(domain.CountOf(6)), "new": confirmed(domain.CountOf(7))})
		if got := texts("changed") + texts("unchanged") + texts("new"); got != `Changed: 5 1 7 Support "<now>": 1 Support "<now>": 5 ` {
			t.Errorf("got %s", got)
		}
		time.Sleep(45 * time.Second)
		synctest.Wait() // the old timer is stopped, the new one is set
		if page, _ := p.Page("changed"); !page.Snapshot.Stale {
			t.Error("the changed widget does not turn stale")
		}
	})
}

// Forget drops the readings of one source only.
func TestForget(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		other := domain.WidgetMetric{ID: "o", Ref: domain.Ref{Source: "other", Metric: "m"}}
		p := newPublisher(t, widget("w", metric("m")), widget("both", metric("m"), other))
		p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(1))})
		p.Readings().Apply("other", map[string]domain.Observation{"m": confirmed(domain.CountOf(2))})
		p.Readings().Forget("hq")
		if w, _ := p.Page("w"); w.Snapshot.State != domain.Initializing {
			t.Errorf("got %+v", w.Snapshot)
		}
		if both, _ := p.Page("both"); both.Snapshot.Metrics[0].Present() || both.Snapshot.Metrics[1].Text != "2" {
			t.Errorf("got %+v", both.Snapshot)
		}
	})
}

func TestNotice(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		p := newPublisher(t, widget("w", metric("m")))
		p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(1))})
		show := func() string {
			page, _ := p.Page("w")
			return fmt.Sprint(page.Snapshot.State, " ", page.Snapshot.Notice, " ", len(page.Snapshot.Metrics), " ", string(page.Text().Body))
		}
		steps := []struct {
			name string
			do   func()
			want string
		}{
			{"none", func() {}, "open  1 Support \"<now>\": Label of m 1\n"},
			{"one", func() { p.SetNotice("w", domain.Notice{Text: "Use chat"}) }, "open Use chat 1 Support \"<now>\": Use chat · Label of m 1\n"},
			{"closed", func() {
				p.SetNotice("w", domain.Notice{Text: "Down", Closed: true, Until: time.Now().Add(20 * time.Second)})
			},
				"closed Down 0 Support \"<now>\": Down\n"},
			{"it survives other widgets", func() { w := widget("w", metric("m")); w.Notice = "Own"; p.Replace([]domain.Widget{w}) },
				"closed Down 0 Support \"<now>\": Down\n"},
			{"its time ends", func() { time.Sleep(20 * time.Second); synctest.Wait() }, "open Own 1 Support \"<now>\": Own · Label of m 1\n"},
			{"another", func() { p.SetNotice("w", domain.Notice{Text: "Use chat"}) }, "open Use chat 1 Support \"<now>\": Use chat · Label of m 1\n"},
			{"taken back", func() { p.SetNotice("w", domain.Notice{}) }, "open Own 1 Support \"<now>\": Own · Label of m 1\n"},
			{"of a widget that is not there yet", func() {
				p.SetNotice("x", domain.Notice{Text: "Hello"})
				p.Replace([]domain.Widget{widget("x", metric("m"))})
				page, _ := p.Page("x")
				p.pages.SetDefault("w", page)
			}, "open Hello 1 Support \"<now>\": Hello · Label of m 1\n"},
		}
		for _, step := range steps {
			if step.do(); show() != step.want {
				t.Errorf("%s: %s", step.name, show())
			}
		}
	})
}
