package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"waitboard/simulator"
)

// What visitors see becomes what is typical, also over a restart, and comes back with an export.
func TestHistory(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 7})
		dir, other := t.TempDir(), t.TempDir()
		serve := func(dir string) *service {
			c := w.read(fmt.Sprintf(`
data_dir: %s
timezone: America/Denver
sources: {hq: {url: %q, key_env: KEY, mode: poll, interval: 1m}}
widgets:
  w:
    metrics:
      wait: {metric: Current Wait Time, category: Support, display: {round: 1m}, history: {keep: 8w, min_weeks: 1, when_unavailable: show}}
      waiting: {metric: Calls in Queue, category: Support}
`, dir, sim.URL()), map[string]string{"KEY": sim.Key()})
			s := w.serve(c)
			w.pass(time.Second)
			return s
		}
		s := serve(dir)
		if m := s.snapshot("w").Metrics[0]; m.Typical != nil || m.Compared != "" {
			t.Errorf("typical at once: %+v", m)
		}
		w.pass(20 * time.Minute)
		s.end()
		s = serve(dir)
		w.pass(3 * time.Hour)

		_, week := s.get(s.url + "/v1/widgets/w/typical")
		var typical struct {
			Timezone string
			Metrics  []struct {
				ID    string
				Hours []struct {
					Day  string
					Hour int
					Text string
				}
			}
		}
		if err := json.Unmarshal([]byte(week), &typical); err != nil || len(typical.Metrics) != 1 || len(typical.Metrics[0].Hours) != 3 || typical.Timezone != "America/Denver" {
			t.Fatalf("%v, %s", err, week)
		}
		status, csv := s.get(s.admin + "/widgets/w/metrics/wait/history")
		if status != http.StatusOK || !strings.HasPrefix(csv, "time,value\n") || strings.Count(csv, "\n") < 6 {
			t.Errorf("%d %s", status, csv)
		}
		s.end()

		s = serve(other)
		put := func(csv string) {
			t.Helper()
			request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, s.admin+"/widgets/w/metrics/wait/history", strings.NewReader(csv))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "text/csv")
			response, err := s.client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("import: %d", response.StatusCode)
			}
			w.pass(time.Second)
		}
		put(csv)
		if _, again := s.get(s.url + "/v1/widgets/w/typical"); !strings.Contains(again, `"hours":[{`) {
			t.Errorf("after the import: %s", again)
		}
		report := "time,value\n"
		for at := time.Now().AddDate(0, 0, -8).Truncate(time.Hour); at.Before(time.Now()); at = at.Add(time.Hour) {
			report += at.Format(time.RFC3339) + ",240\n"
		}
		put(report)
		m := s.snapshot("w").Metrics[0]
		if m.Typical == nil || m.Compared == "" || !strings.HasSuffix(m.Typical.Text, "Usually 4 min at this hour") {
			t.Errorf("with a report of eight days: %+v", m)
		}
		w.fail(sim, simulator.Fault{Mode: simulator.ModeDown})
		w.pass(20 * time.Minute)
		if got := s.snapshot("w"); got.State != "unavailable" || got.Metrics[0].Typical == nil || got.Metrics[0].Value != nil || got.Metrics[1].Typical != nil {
			t.Errorf("while the source is down: %+v", got)
		}
		if status, _ := s.get(s.admin + "/widgets/w/metrics/waiting/history"); status != http.StatusNotFound {
			t.Errorf("a metric without history: %d", status)
		}
	})
}
