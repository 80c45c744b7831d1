package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waitboard/simulator"
)

// An estimate reads several metrics. Visitors see nothing of one that can't be made, and operators see why.
func TestEstimateInputs(t *testing.T) {
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 1})
		s := w.serve(w.read(fmt.Sprintf(`
data_dir: %s
sources: {hq: {url: %q, key_env: KEY, mode: poll}}
widgets:
  w:
    metrics:
      good:
        estimate:
          wait: {metric: Current Wait Time, category: Support}
          queue: {metric: Calls Waiting, category: Support}
          agents: {metric: Agents Ready, category: Support}
      sum: {estimate: {wait: {metric: Total Talk Time}, queue: {metric: Calls Waiting, category: Support}}}
      text: {estimate: {wait: {metric: Current Wait Time, category: Support}, queue: {metric: Notice}}}
      gone: {estimate: {wait: {metric: Nothing}, queue: {metric: Nothing else}}}
`, t.TempDir(), sim.URL()), map[string]string{"KEY": sim.Key()}))
		w.pass(time.Minute)
		var said []string
		for _, m := range s.snapshot("w").Metrics {
			if said = append(said, m.ID+": "+m.Text); m.Value != nil {
				t.Errorf("%s is %v", m.ID, m.Value)
			}
		}
		if want := []string{"good: Not enough data yet", "sum: Not available", "text: Not available", "gone: Not available"}; !slices.Equal(said, want) {
			t.Errorf("visitors see %q, want %q", said, want)
		}
		want := []string{`{metric="gone",reason="not_found",widget="w"} 1`, `{metric="sum",reason="not_head_of_line",widget="w"} 1`, `{metric="text",reason="not_a_number",widget="w"} 1`}
		if got := s.series("waitboard_metric_trouble"); !slices.Equal(got, want) {
			t.Errorf("trouble: %q, want %q", got, want)
		}
		state := s.operatorState()
		var trouble, problems []string
		for _, m := range state.Widgets[0].Metrics {
			trouble = append(trouble, m.Trouble)
		}
		for _, p := range state.Problems {
			if p.Kind == "estimate" {
				problems = append(problems, strings.Fields(p.Text)[0])
			}
		}
		if want := []string{"", "not_head_of_line", "not_a_number", ""}; !slices.Equal(trouble, want) {
			t.Errorf("metrics: %q, want %q", trouble, want)
		}
		if want := []string{"w.sum", "w.text"}; !slices.Equal(problems, want) {
			t.Errorf("problems: %q, want %q", problems, want)
		}
		for _, source := range state.Sources {
			for _, m := range source.Metrics {
				if !slices.Equal(m.UsedBy, []string{"w.gone"}) {
					t.Errorf("%s is used by %q", m.Metric, m.UsedBy)
				}
			}
		}
	})
}
