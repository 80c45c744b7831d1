package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"waitboard/api/operator"
	"waitboard/simulator"
	"waitboard/trend"
)

// operatorState returns the state that operators see, and checks it against the schema.
func (s *service) operatorState() (state operator.State) {
	s.t.Helper()
	_, body := s.get(s.admin + "/api/state")
	var value any
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		s.t.Fatalf("%v: %s", err, body)
	}
	schema, err := jsonschema.NewCompiler().Compile("../docs/state.schema.json")
	if err != nil {
		s.t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		s.t.Errorf("%v: %s", err, body)
	}
	if err := json.Unmarshal([]byte(body), &state); err != nil {
		s.t.Fatal(err)
	}
	return state
}

const stateYAML = `
timezone: America/Denver
sources: {hq: {url: %q, key_env: KEY}}
widgets:
  support:
    title: Help
    origins: ["https://www.example.com"]
    hours: {timezone: America/Denver, weekly: {mon-sun: "00:00-24:00"}}
    metrics:
      waiting: {metric: K0FLAEB6, display: {above: 1}, levels: {moderate: 1}}
      missing: {metric: Current Wait Tim}
      gone: {metric: Current Wait Time, category: Supprt}
      alone: {metric: Current Wait Time, category: Support}
  sales:
    metrics:
      wait: {metric: Current Wait Time, category: all}
      gone: {metric: Current Wait Time, category: [Support, Supprt]}
`

// The state has private values next to public ones, and explains what is wrong.
func TestOperatorsState(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		t := w.t
		sim := w.simulate(simulator.Options{Seed: 21})
		s := w.serveReloading(w.read(fmt.Sprintf(stateYAML, sim.URL()), map[string]string{"KEY": sim.Key()}))
		w.pass(2 * time.Hour)
		state := s.operatorState()
		source, widget := state.Sources[0], state.Widgets[0]
		if source.State != "ok" || source.Address != "http://"+hostOf(sim) || source.Key != "key_env KEY" || source.LastPoll == nil || source.LastAnswer == nil || source.ClockAhead == nil || len(source.Hour.Polls) != 60 {
			t.Errorf("source %+v", source)
		}
		if polls := sum(source.Hour.Polls); polls < 50 || polls > 400 || sum(source.Hour.Failures) != 0 {
			t.Errorf("%d polls, %d failures in an hour", polls, sum(source.Hour.Failures))
		}
		if sub := source.Subscription; sub.State != "active" || sub.Since == nil || state.Now.Sub(*sub.Since) < time.Hour || sub.Cause != "" {
			t.Errorf("subscription %+v", sub)
		}
		if widget.State != "open" || widget.Zone != "America/Denver" || widget.Hours == nil || !widget.Hours.Open || widget.Page != s.url+"/w/support" || len(widget.Metrics) != 4 {
			t.Errorf("widget %+v", widget)
		}
		if m := widget.Metrics[0]; m.Type != "count" || m.Text == "" || m.Text != fmt.Sprint(m.Value) || m.Confirmed == nil {
			t.Errorf("metric %+v", m)
		}
		kinds := map[string]operator.Problem{}
		for _, p := range state.Problems {
			kinds[p.Kind] = p
		}
		if p := kinds["metric"]; p.Widget != "support" || strings.Join(p.Names, "") != "Current Wait Tim" || len(p.Near) == 0 || !strings.HasPrefix(p.Near[0], "Current Wait Time (") {
			t.Errorf("missing metric: %+v", p)
		}
		if p := kinds["category"]; strings.Join(p.Names, "") != "Supprt" || strings.Join(p.UsedBy, " ") != "support.gone sales.gone" || !strings.HasPrefix(p.Text, "support.gone and sales.gone have no value: ") {
			t.Errorf("missing category: %+v", p)
		}

		// The cause of a lost subscription isn't presented as present once the source pushes again.
		w.fail(sim, simulator.Fault{Mode: simulator.ModeDown})
		w.pass(5 * time.Minute)
		down := s.operatorState()
		source = down.Sources[0]
		if source.State != "failing" || source.Cause != "unreachable" || source.FailingSince == nil || sum(source.Hour.Failures) < 10 || source.Subscription.State != "unavailable" || source.Subscription.Tried == nil {
			t.Errorf("down: %+v", source)
		}
		if m := down.Widgets[0].Metrics[0]; !m.Hidden || m.Text == "" {
			t.Errorf("hidden: %+v", m)
		}
		w.fail(sim, simulator.Fault{})
		w.pass(10 * time.Minute)
		if source = s.operatorState().Sources[0]; source.State != "ok" || source.Cause != "" || source.FailingSince != nil || source.Subscription.State != "active" || source.Subscription.Cause != "" || source.Subscription.Tried != nil {
			t.Errorf("up again: %+v", source)
		}

		// A rejected configuration is shown with its mistakes.
		s.reload(nil)
		state = s.operatorState()
		if state.Config.InForce || len(state.Config.Problems) == 0 || state.Problems[0].Kind != "config" {
			t.Errorf("rejected: %+v %+v", state.Config, state.Problems)
		}
	})
}

func sum(list []int) (n int) {
	for _, each := range list {
		n += each
	}
	return n
}

// A trend has a sample for each minute, of the value before the policy, and none while the value is too old.
func TestTrend(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		t := w.t
		sim := w.simulate(simulator.Options{Seed: 22})
		s := w.serve(w.read(fmt.Sprintf("sources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {hide_after: 2m, metrics: {m: {metric: K0FLAEB6, display: {above: 1}}}}}", sim.URL()), map[string]string{"KEY": sim.Key()}))
		w.pass(10*time.Minute + time.Second)
		w.fail(sim, simulator.Fault{Mode: simulator.ModeDown})
		w.pass(10 * time.Minute)
		state := s.operatorState()
		values, numbers := state.Widgets[0].Metrics[0].Trend, 0
		if len(values) != trend.Minutes {
			t.Fatalf("%d samples", len(values))
		}
		none := func(v float32) bool { return v != v }
		for _, v := range values {
			if !none(v) {
				numbers++
			}
		}
		if numbers < 11 || numbers > 12 || !none(values[179]) || state.Widgets[0].Metrics[0].Public != "Not available" {
			t.Errorf("%d samples: %v, %+v", numbers, values, state.Widgets[0])
		}
	})
}

// dashboards checks that each replica shows all of them, and who polls the source.
func dashboards(all []*service) {
	all[0].within(long, "the dashboards agree", func() bool {
		here := 0
		for _, s := range all {
			state := s.operatorState()
			c, source := state.Cluster, state.Sources[0]
			leases := 0
			for _, r := range c.Replicas {
				leases += r.Leases
				if r.Leases == 1 && r.ID != source.PolledBy {
					return false
				}
			}
			if len(c.Replicas) != len(all) || leases != 1 || !c.Connected || c.Problem != "" || (source.PolledBy == c.Replica) != (source.State == "ok") || (source.State == "ok") == (source.State == "follows") {
				return false
			}
			if source.State == "ok" {
				here++
			}
		}
		return here == 1
	})
}
