package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"waitboard/simulator"
)

// series returns the lines of /metrics that begin with a name, without the name.
func (s *service) series(name string) (out []string) {
	s.t.Helper()
	_, body := s.get(s.admin + "/metrics")
	for line := range strings.Lines(body) {
		if rest, ok := strings.CutPrefix(line, name+"{"); ok {
			out = append(out, "{"+strings.TrimSuffix(rest, "\n"))
		}
	}
	return out
}

// Each metric without a value has one series with the reason. Category values that another widget chooses count for that widget only.
func TestMetricTrouble(t *testing.T) {
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 1, InitTime: 20 * time.Second})
		w.fail(sim, simulator.Fault{Forbidden: "K17KUZTS"})
		s := w.serve(w.read(fmt.Sprintf(`
sources: {hq: {url: %q, key_env: KEY, mode: poll}}
widgets:
  w:
    metrics:
      fine: {metric: K1M8TZQ4, category: Support}
      gone: {metric: No such name}
      unlisted: {metric: K9999999}
      twice: {metric: Longest Talk Time}
      rejected: {metric: K17KUZTS}
      nobody: {metric: Calls Waiting, category: No such group}
  other:
    metrics:
      fine: {metric: Calls Waiting, category: Support}
`, sim.URL()), map[string]string{"KEY": sim.Key()}))
		w.pass(time.Second)
		if got := s.series("waitboard_metric_trouble"); !slices.Contains(got, `{metric="fine",reason="initializing",widget="w"} 1`) {
			t.Errorf("at first: %q", got)
		}
		w.pass(time.Minute)
		want := []string{
			`{metric="gone",reason="not_found",widget="w"} 1`, `{metric="nobody",reason="category_missing",widget="w"} 1`, `{metric="rejected",reason="not_found",widget="w"} 1`,
			`{metric="twice",reason="ambiguous",widget="w"} 1`, `{metric="unlisted",reason="not_found",widget="w"} 1`,
		}
		if got := s.series("waitboard_metric_trouble"); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		w.fail(sim, simulator.Fault{})
		w.pass(10 * time.Minute)
		if got := s.series("waitboard_metric_trouble"); !slices.Equal(got, slices.Delete(want, 2, 3)) {
			t.Errorf("the source accepts it again: %q", got)
		}
	})
}

func TestSourceFailure(t *testing.T) {
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 1})
		s := w.serve(w.read(fmt.Sprintf("sources: {hq: {url: %q, key_env: KEY}}\nwidgets: {a: {metrics: {m: {metric: K0FLAEB6}}}, b: {stale_after: 30s, metrics: {m: {metric: K0FLAEB6}}}}", sim.URL()),
			map[string]string{"KEY": sim.Key()}))
		failures := func(want ...string) {
			t.Helper()
			w.pass(lifeInterval + lifePoll)
			if got := s.series("waitboard_source_failure"); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		failures()
		s.metric(`waitboard_source_stale_after_seconds{source="hq"} 30`)
		w.fail(sim, simulator.Fault{Mode: simulator.ModeStatus, Status: http.StatusUnauthorized})
		failures(`{cause="unauthorized",source="hq"} 1`)
		w.fail(sim, simulator.Fault{Mode: simulator.ModeDown})
		w.pass(time.Minute)
		failures(`{cause="unreachable",source="hq"} 1`)
		w.fail(sim, simulator.Fault{})
		w.pass(time.Minute)
		failures()
	})
}

// A reload deletes the series of removed widgets and sources, and adds and removes private values.
func TestSeriesAfterReload(t *testing.T) {
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 1})
		keys := map[string]string{"KEY": sim.Key()}
		yaml := fmt.Sprintf(`
sources: {hq: {url: %q, key_env: KEY}, old: {url: %q, key_env: KEY}}
widgets:
  new: {metrics: {m: {source: hq, metric: K0FLAEB6, display: {above: 1}}}}
`, sim.URL(), sim.URL())
		both := yaml + "  gone: {metrics: {m: {source: old, metric: K0FLAEB6, levels: {high: 1}}, missing: {source: old, metric: No such name}}}\n"
		s := w.serveReloading(w.read(both, keys))
		w.pass(lifePoll)
		names := []string{"waitboard_widget_state", "waitboard_widget_stale", "waitboard_widget_value", "waitboard_widget_level", "waitboard_metric_trouble", "waitboard_widget_requests_total", "waitboard_source_stale_after_seconds"}
		of := func(id string) (found []string) {
			for _, name := range names {
				if lines := s.series(name); strings.Contains(strings.Join(lines, ""), fmt.Sprintf("=%q", id)) {
					found = append(found, name)
				}
			}
			return found
		}
		s.get(s.url + "/v1/widgets/gone")
		if got := append(of("gone"), of("old")...); !slices.Equal(got, names) {
			t.Errorf("before: %q", got)
		}
		s.reload(w.read(yaml+"metrics: {private: true}\n", keys))
		w.pass(lifePoll)
		s.get(s.url + "/v1/widgets/gone")
		if got := append(of("gone"), of("old")...); got != nil || len(of("new")) < 4 {
			t.Errorf("after: %q %q", got, of("new"))
		}
		if got := s.series("waitboard_private_value"); len(got) != 1 || !strings.HasPrefix(got[0], `{metric="m",widget="new"} `) {
			t.Errorf("private values: %q", got)
		}
		s.reload(w.read(yaml, keys))
		if got := s.series("waitboard_private_value"); got != nil {
			t.Errorf("private values without private: %q", got)
		}
	})
}
