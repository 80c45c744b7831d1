package replicas

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// Replicas publish the same estimate. What was learned survives the death of its holder, and an engine that restarts empty.
func TestEstimate(t *testing.T) {
	testlevel.Short(t)
	t.Parallel()
	w := newWorld(t, options{interval: 500 * time.Millisecond, configuration: strings.Replace(configuration, "  sales:", `
      expected:
        estimate:
          wait: {metric: Current Wait Time, category: Support}
          queue: {metric: Calls Waiting, category: Support}
          publish_score: true
  sales:`, 1)})
	w.start(w.engine.URL())
	w.start(w.engine.URL())
	w.eventually("they share the work", w.shared)
	report := "time,wait,ahead\n"
	for n := range 300 {
		report += fmt.Sprintf("%s,%d,%d\n", time.Now().Add(-time.Duration(24+n)*time.Hour).UTC().Format(time.RFC3339), 60*(1+n%4), n%4)
	}
	importer := w.all[0]
	if importer == w.holder() {
		importer = w.all[1] // one that doesn't learn
	}
	importer.post("/widgets/support/metrics/expected/history", report)
	same := func(what string) {
		t.Helper()
		w.eventually("all expect the same, "+what, func() bool {
			for _, r := range w.all {
				if _, body := r.get(r.URL + "/v1/widgets/support"); !strings.Contains(body, `"basis":"live"`) {
					return false
				}
				if _, body := r.get(r.Admin() + "/api/state"); !strings.Contains(body, `"ahead":3,"low":`) {
					return false
				}
			}
			return true
		})
	}
	same("after an import")
	dead := w.holder()
	dead.Signal(syscall.SIGKILL)
	w.all = w.without(dead)
	w.holder()
	same("after the death of the holder")

	w.engine.Kill()
	last := w.all[0]
	w.eventually("it notices", func() bool { return last.metrics()["waitboard_cluster_connected"] == 0 })
	w.engine.Restart()
	w.eventually("it writes what it knows back", func() bool {
		keys, err := w.client.Keys(t.Context(), "waitboard:src:*:history:*").Result()
		return err == nil && len(keys) > 0
	})
	w.start(w.engine.URL())
	same("after the engine was empty")
}

// post sends CSV to the admin listener.
func (r *replica) post(path, csv string) {
	r.Helper()
	resp, err := r.client.Post(r.Admin()+path, "text/csv", strings.NewReader(csv))
	if err != nil {
		r.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		r.Errorf("%s: status %d", path, resp.StatusCode)
	}
}
