package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const estimating = `
data_dir: .
sources:
  hq: {url: "https://chronicall.example.com:9080/rest", key_env: CHRONICALL_KEY}
widgets:
  support:
    metrics:
      expected:
        label: Expected wait
        estimate:
          wait: {metric: Current Wait Time, category: Support}
          queue: {metric: 101, category: all}
`

func TestEstimate(t *testing.T) {
	wait := Input{Metric: "Current Wait Time", Categories: []string{"Support"}, Combine: "max"}
	for _, c := range []struct {
		name, more string
		want       Estimate
	}{
		{"short", "", Estimate{Wait: wait, Queue: Input{Metric: "101", Combine: "sum"}, Low: 0.1, High: 0.8}},
		{
			"full", `          agents: {metric: Agents Ready, category: [Ann, Ben], combine: count}
          range: [0, 0.5]
          publish_score: true
        display: {round: 5m, above: 30m}
`, Estimate{
				Wait: wait, Queue: Input{Metric: "101", Combine: "sum"}, Agents: &Input{"Agents Ready", []string{"Ann", "Ben"}, "count"},
				Low: 0, High: 0.5, Said: true,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			config, err := Parse("waitboard.yaml", []byte(estimating+c.more), testEnv)
			if err != nil {
				t.Fatal(err)
			}
			m := config.Widgets[0].Metrics[0]
			if diff := cmp.Diff(&c.want, m.Estimate); diff != "" || m.Metric != "" || m.Source != "hq" {
				t.Errorf("%+v (-want +got)\n%s", m, diff)
			}
			var read []string
			for _, input := range m.Inputs() {
				if read = append(read, input.ID+": "+input.Metric+", "+input.Combine); input.Source != "hq" || input.Estimate != nil {
					t.Errorf("input %+v", input)
				}
			}
			want := []string{"expected wait: Current Wait Time, max", "expected queue: 101, sum", "expected agents: Agents Ready, count"}
			if c.want.Agents == nil {
				want = want[:2]
			}
			if diff := cmp.Diff(want, read); diff != "" {
				t.Errorf("inputs (-want +got)\n%s", diff)
			}
		})
	}
}
