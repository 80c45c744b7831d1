package publish

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"waitboard/domain"
)

// estimating is a metric that is estimated.
func estimating(said bool) domain.WidgetMetric {
	m := metric("wait")
	m.ID, m.Label = "expected", "Expected wait"
	input := func(name string) domain.Input {
		return domain.Input{Ref: domain.Ref{Source: "hq", Metric: name}, Combine: domain.Sum}
	}
	m.Estimate = &domain.Estimate{Wait: domain.Input{Ref: m.Ref}, Queue: input("queue"), Agents: input("agents"), Low: 0.1, High: 0.8, Said: said}
	return m
}

func TestExpectation(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		m := estimating(true)
		p := newPublisher(t, widget("w", metric("other"), m))
		at := domain.Placement{Widget: "w", Metric: "expected"}
		apply := func(readings map[string]domain.Reading) {
			observed := map[string]domain.Observation{}
			for name, r := range readings {
				observed[name] = confirmed(r)
			}
			p.Readings().Apply("hq", observed)
		}
		shows := func(step, want string) {
			t.Helper()
			_, got, _ := strings.Cut(body(t, p, "w"), `{"id":"expected","label":"Expected wait",`)
			if diff := cmp.Diff(want, strings.TrimSuffix(got, "]}")); diff != "" {
				t.Errorf("%s (-want +got)\n%s", step, diff)
			}
		}
		shows("before the first reading", `"type":"duration","value":null,"unit":"s","text":"Not available","basis":"insufficient","estimate":{"samples":0}}`)
		apply(map[string]domain.Reading{"wait": domain.Line(time.Minute, 1, time.Now()), "queue": domain.CountOf(2), "agents": domain.CountOf(0)})
		shows("nothing learned", `"type":"duration","value":null,"unit":"s","text":"Not enough data yet","basis":"insufficient","estimate":{"samples":0}}`)

		const score = `"estimate":{"covered":0.633,"longer_than_said":0.055,"samples":400}`
		p.SetExpectation(at, &domain.Expectation{
			Waits: []domain.WaitRange{{Low: 20 * time.Second, High: 100 * time.Second}, {Low: 250 * time.Second, High: 400 * time.Second}},
			Score: domain.Score{Samples: 400, Covered: 253, Longer: 22},
		})
		shows("learned", `"type":"duration","range":{"min":240,"max":420},"unit":"s","text":"4–7 min","basis":"live",`+score+`}`)
		const gauges = `# HELP waitboard_widget_value ` + widgetValueHelp + `
# TYPE waitboard_widget_value gauge
waitboard_widget_value{bound="max",metric="expected",widget="w"} 420
waitboard_widget_value{bound="min",metric="expected",widget="w"} 240
`
		if err := testutil.CollectAndCompare(p.Collector(func() bool { return false }), strings.NewReader(gauges), "waitboard_widget_value"); err != nil {
			t.Error(err)
		}
		if week := string(p.Week("w").Plain.Body); !strings.Contains(week, `"metrics":[{"id":"expected","label":"Expected wait","unit":"s","hours":[],"quietest":{"today":[],"week":[]},`+score) {
			t.Error(week)
		}
		apply(map[string]domain.Reading{"wait": domain.Line(0, 0, time.Now()), "queue": domain.CountOf(0)})
		shows("an empty queue", `"type":"duration","range":{"max":120},"unit":"s","text":"under 2 min","basis":"live",`+score+`}`)
		apply(map[string]domain.Reading{"agents": domain.CountOf(1)})
		shows("an agent is ready", `"type":"duration","value":0,"unit":"s","text":"Answered at once","basis":"live",`+score+`}`)
		if page, _ := p.Page("w"); !strings.Contains(string(page.Text().Body), "Expected wait Answered at once") {
			t.Errorf("%s", page.Text().Body)
		}

		p.Replace([]domain.Widget{widget("w", metric("other"), estimating(false))})
		shows("in another configuration, without the score", `"type":"duration","value":0,"unit":"s","text":"Answered at once","basis":"live"}`)
		want := []domain.Ref{{Source: "hq", Metric: "other"}, {Source: "hq", Metric: "wait"}, {Source: "hq", Metric: "queue"}, {Source: "hq", Metric: "agents"}}
		if diff := cmp.Diff(want, p.Refs("w")); diff != "" {
			t.Errorf("refs (-want +got)\n%s", diff)
		}
		apply(map[string]domain.Reading{"wait": domain.Line(time.Minute, 2, time.Now())})
		if got := p.Unfit("w"); len(got) != 1 || got["expected"] != domain.NotHeadOfLine {
			t.Errorf("unfit: %v", got)
		}
		shows("a sum of waits", `"type":"duration","value":null,"unit":"s","text":"Not available","basis":"insufficient"}`)
		time.Sleep(46 * time.Second)
		shows("stale", `"type":"duration","value":null,"unit":"s","text":"Not available","basis":"insufficient","stale":true}`)
		p.SetExpectation(at, nil)
		if e := p.Expectation(at); e != nil {
			t.Errorf("removed: %+v", e)
		}
	})
}
