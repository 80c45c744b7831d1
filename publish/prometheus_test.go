package publish

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"waitboard/domain"
	"waitboard/locale"
)

// gathered returns the series of a publisher's widgets, as lines of text without comments.
func gathered(t testing.TB, p *Publisher, private bool) string {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(p.Collector(func() bool { return private }))
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	return exposed(t, registry)
}

func exposed(t testing.TB, registry *prometheus.Registry) string {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for _, family := range families {
		for _, m := range family.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			fmt.Fprintf(&lines, "%s{%s} %v\n", family.GetName(), strings.Join(labels, ","), m.GetGauge().GetValue())
		}
	}
	return lines.String()
}

// measured returns a widget with one metric, shown under a policy.
func measured(id string, change func(*domain.WidgetMetric)) domain.Widget {
	m := domain.WidgetMetric{ID: "m", Label: "M", Ref: domain.Ref{Source: "hq", Metric: "m"}}
	if change != nil {
		change(&m)
	}
	return domain.Widget{ID: id, Title: id, Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute, RefreshAfter: time.Second, Metrics: []domain.WidgetMetric{m}}
}

func observeM(p *Publisher, r domain.Reading, at time.Time) {
	p.Readings().Apply("hq", map[string]domain.Observation{"m": {Confirmed: at, Complete: at, Kind: r.Kind,
		Samples: map[string]domain.Sample{"": {Reading: r, Confirmed: at}}}})
}

func TestCollector(t *testing.T) {
	const (
		value, bound = `waitboard_widget_value{metric="m",widget="w"} `, `waitboard_widget_value{bound=`
		stale, level = `waitboard_widget_stale{widget="w"} `, `waitboard_widget_level{level="`
		exact        = `waitboard_private_value{metric="m",widget="w"} `
	)
	state := func(s domain.State, n int) string {
		return fmt.Sprintf("waitboard_widget_state{state=%q,widget=\"w\"} %d\n", s, n)
	}
	display := func(d domain.Display) func(*domain.WidgetMetric) {
		return func(m *domain.WidgetMetric) { m.Display = d }
	}
	minutes := domain.Display{Kind: domain.Duration, Below: 60_000, Above: 600_000, Round: 60_000}
	levels := func(m *domain.WidgetMetric) {
		m.Levels = domain.Levels{Kind: domain.Duration, Moderate: 300_000, High: 900_000}
	}
	still := func(d time.Duration) domain.Reading { return domain.Line(d, 0, time.Now()) }
	for _, test := range []struct {
		name        string
		change      func(*domain.WidgetMetric)
		reading     func() domain.Reading
		after       time.Duration
		has, hasNot []string
	}{
		{"nothing yet", nil, nil, 0, []string{state(domain.Initializing, 1), state(domain.Open, 0), stale + "0"}, []string{"waitboard_widget_value", exact}},
		{"a duration", nil, func() domain.Reading { return still(90 * time.Second) }, 0, []string{value + "90\n", exact + "90\n", state(domain.Open, 1), state(domain.Closed, 0), stale + "0"}, []string{bound, level}},
		{"a running duration", nil, func() domain.Reading { return domain.Line(time.Minute, 1, time.Now()) }, 7500 * time.Millisecond, []string{value + "67.5\n", exact + "67.5\n"}, nil},
		{"a duration that runs down", nil, func() domain.Reading { return domain.Line(5*time.Second, -1, time.Now()) }, 9 * time.Second, []string{value + "0\n"}, nil},
		{"a count", nil, func() domain.Reading { return domain.CountOf(2.5) }, 0, []string{value + "2.5\n"}, nil},
		{"yes", nil, func() domain.Reading { return domain.BooleanOf(true) }, 0, []string{value + "1\n"}, nil},
		{"no", nil, func() domain.Reading { return domain.BooleanOf(false) }, 0, []string{value + "0\n"}, nil},
		{"a text", nil, func() domain.Reading { return domain.TextOf("Anna") }, 0, []string{state(domain.Open, 1)}, []string{value, exact, "Anna"}},
		{"rounded", display(minutes), func() domain.Reading { return still(61 * time.Second) }, 0, []string{value + "120\n", exact + "61\n"}, nil},
		{"below", display(minutes), func() domain.Reading { return still(31 * time.Second) }, 0, []string{bound + `"max",metric="m",widget="w"} 60` + "\n"}, []string{value, bound + `"min"`}},
		{"above", display(minutes), func() domain.Reading { return still(time.Hour) }, 0, []string{bound + `"min",metric="m",widget="w"} 600` + "\n"}, []string{value, bound + `"max"`}},
		{"a bucket", display(domain.Display{Kind: domain.Count, Buckets: []float64{5, 10}}), func() domain.Reading { return domain.CountOf(7) }, 0, []string{bound + `"min",metric="m",widget="w"} 5` + "\n", bound + `"max",metric="m",widget="w"} 10` + "\n"}, []string{value}},
		{"hidden zero", display(domain.Display{Kind: domain.Count, HideZero: true}), func() domain.Reading { return domain.CountOf(0) }, 0, []string{exact + "0\n"}, []string{"waitboard_widget_value"}},
		{"a level", levels, func() domain.Reading { return still(6 * time.Minute) }, 0, []string{level + `low",metric="m",widget="w"} 0`, level + `moderate",metric="m",widget="w"} 1`, level + `high",metric="m",widget="w"} 0`}, nil},
		{"stale", levels, func() domain.Reading { return still(time.Hour) }, time.Minute, []string{stale + "1", value + "3600\n", level + `high",metric="m",widget="w"} 1`}, nil},
		{"hidden by its age", levels, func() domain.Reading { return still(time.Hour) }, 5 * time.Minute, []string{state(domain.Unavailable, 1), stale + "0"}, []string{value, level, exact}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := New(Options{Widgets: []domain.Widget{measured("w", test.change)}, Now: time.Now})
				defer p.Close()
				if test.reading != nil {
					observeM(p, test.reading(), time.Now())
				}
				time.Sleep(test.after)
				synctest.Wait()
				private := gathered(t, p, true)
				for _, line := range test.has {
					if !strings.Contains(private, line) {
						t.Errorf("without %s:\n%s", line, private)
					}
				}
				for _, line := range test.hasNot {
					if strings.Contains(private, line) {
						t.Errorf("with %s:\n%s", line, private)
					}
				}
				if public := gathered(t, p, false); strings.Contains(public, "private") || !strings.HasSuffix(private, public) {
					t.Errorf("public:\n%s\nprivate:\n%s", public, private)
				}
			})
		})
	}
}

// Exact values don't depend on opening hours and notices, which hide public ones.
func TestCollectorOfClosedWidget(t *testing.T) {
	p := New(Options{Widgets: []domain.Widget{measured("w", nil)}, Now: time.Now})
	defer p.Close()
	observeM(p, domain.CountOf(3), time.Now())
	p.SetNotice("w", domain.Notice{Text: "Closed", Closed: true})
	got := gathered(t, p, true)
	if !strings.Contains(got, `waitboard_private_value{metric="m",widget="w"} 3`) || strings.Contains(got, "waitboard_widget_value") || !strings.Contains(got, `state="closed",widget="w"} 1`) {
		t.Error(got)
	}
}

func TestCollectorForgetsRemovedWidgets(t *testing.T) {
	a, b := measured("a", nil), measured("b", nil)
	p := New(Options{Widgets: []domain.Widget{a, b}, Now: time.Now})
	defer p.Close()
	observeM(p, domain.CountOf(3), time.Now())
	before := gathered(t, p, true)
	p.Replace([]domain.Widget{b})
	after := gathered(t, p, true)
	if strings.Count(before, `widget="a"`) != strings.Count(before, `widget="b"`) || strings.Contains(after, `widget="a"`) || !strings.Contains(after, `waitboard_widget_value{metric="m",widget="b"} 3`) {
		t.Errorf("before:\n%safter:\n%s", before, after)
	}
}

// BenchmarkCollector measures a scrape of n widgets with two metrics: their series alone, and next to it as many plain gauges.
func BenchmarkCollector(b *testing.B) {
	for _, n := range []int{10, 100, 1_000} {
		var widgets []domain.Widget
		for i := range n {
			w := measured(fmt.Sprint("w", i), func(m *domain.WidgetMetric) {
				m.Levels = domain.Levels{Kind: domain.Duration, Moderate: 300_000, High: 900_000}
			})
			second := w.Metrics[0]
			second.ID = "second"
			w.Metrics = append(w.Metrics, second)
			widgets = append(widgets, w)
		}
		p := New(Options{Widgets: widgets, Now: time.Now})
		defer p.Close()
		observeM(p, domain.Line(time.Minute, 0, time.Now()), time.Now())
		collector := prometheus.NewRegistry()
		collector.MustRegister(p.Collector(func() bool { return false }))
		series := strings.Count(exposed(b, collector), "\n")
		gauges := prometheus.NewRegistry()
		plain := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "plain", Help: "Plain."}, []string{"widget", "metric", "level"})
		gauges.MustRegister(plain)
		for i := range series {
			plain.WithLabelValues(fmt.Sprint("w", i), "m", "low").Set(1)
		}
		for name, registry := range map[string]*prometheus.Registry{"collector": collector, "gauges": gauges} {
			b.Run(fmt.Sprintf("widgets=%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := registry.Gather(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(series), "series")
			})
		}
	}
}
