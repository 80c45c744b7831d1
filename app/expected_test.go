package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"waitboard/simulator"
)

// An estimate learns from the line of callers until it has enough, is judged by what it announced, and survives a restart and an outage.
func TestEstimate(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 7, Busy: true})
		dir := t.TempDir()
		serve := func() *service {
			s := w.serve(w.read(fmt.Sprintf(`
data_dir: %s
sources: {hq: {url: %q, key_env: KEY, mode: poll, interval: 20s}}
widgets:
  w:
    metrics:
      expected:
        label: Expected wait
        estimate:
          wait: {metric: Current Wait Time, category: Support}
          queue: {metric: Calls Waiting, category: Support}
          agents: {metric: Agents Ready, category: Support}
          publish_score: true
`, dir, sim.URL()), map[string]string{"KEY": sim.Key()}))
			w.pass(time.Second)
			return s
		}
		s := serve()
		if m := s.snapshot("w").Metrics[0]; m.Basis != "insufficient" || m.Text != "Not enough data yet" || m.Value != nil || m.Range != nil {
			t.Errorf("at once: %+v", m)
		}
		hours := 0
		for ; hours < 24 && s.snapshot("w").Metrics[0].Basis != "live"; hours++ {
			w.pass(time.Hour)
		}
		m := s.snapshot("w").Metrics[0]
		if m.Basis != "live" || m.Range == nil && m.Text != "Answered at once" {
			t.Fatalf("after %d hours: %+v", hours, m)
		}
		t.Logf("after %d hours: %s", hours, m.Text)
		w.pass(2 * time.Hour)
		score := s.snapshot("w").Metrics[0].Estimate
		if score == nil || score.Samples < 30 || *score.Covered < 0.4 || *score.LongerThanSaid > 0.3 {
			t.Errorf("the score: %+v", score)
		}
		var typical struct {
			Metrics []struct {
				ID       string
				Estimate struct{ Samples int }
			}
		}
		if _, body := s.get(s.url + "/v1/widgets/w/typical"); json.Unmarshal([]byte(body), &typical) != nil || len(typical.Metrics) != 1 || typical.Metrics[0].Estimate.Samples != score.Samples {
			t.Errorf("typical: %s", body)
		}
		_, metrics := s.get(s.admin + "/metrics")
		for _, want := range []string{
			fmt.Sprintf(`waitboard_estimate_samples{metric="expected",widget="w"} %d`, score.Samples), `waitboard_estimate_covered_ratio{metric="expected",widget="w"} 0.`,
			`waitboard_estimate_longer_ratio{metric="expected",widget="w"} 0`,
		} {
			if !strings.Contains(metrics, want) {
				t.Errorf("metrics lack %s", want)
			}
		}
		if _, page := s.get(s.admin + "/"); !regexp.MustCompile(`callers in 28 days waited as long as visitors read`).MatchString(page) || !strings.Contains(page, "Callers ahead") {
			t.Error("the dashboard has no score")
		}
		if status, csv := s.get(s.admin + "/widgets/w/metrics/expected/history"); status != http.StatusOK || !strings.HasPrefix(csv, "time,wait,ahead\n") || strings.Count(csv, "\n") < 200 {
			t.Errorf("export: %d, %.200s", status, csv)
		}

		s.end()
		s = serve()
		if m := s.snapshot("w").Metrics[0]; m.Basis != "live" {
			t.Errorf("after a restart: %+v", m)
		}
		w.fail(sim, simulator.Fault{Mode: simulator.ModeDown})
		w.pass(time.Minute)
		if m := s.snapshot("w").Metrics[0]; m.Basis == "live" || m.Range != nil || m.Text == "Not enough data yet" {
			t.Errorf("while the source is down: %+v", m)
		}
	})
}
