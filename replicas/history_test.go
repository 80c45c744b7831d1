package replicas

import (
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// Replicas without a data folder publish the same history. It survives the death of its holder, and an engine that restarts empty.
func TestHistoryWithoutAFolder(t *testing.T) {
	testlevel.Short(t)
	t.Parallel()
	w := newWorld(t, options{interval: 500 * time.Millisecond, configuration: strings.Replace(configuration,
		"{metric: Current Wait Time, category: Support}", "{metric: Current Wait Time, category: Support, history: {keep: 8w, min_weeks: 1}}", 1)})
	w.start(w.engine.URL())
	w.start(w.engine.URL())
	w.eventually("they share the work", w.shared)
	report := "time,value\n"
	for at := time.Now().AddDate(0, 0, -8).Truncate(time.Hour); at.Before(time.Now()); at = at.Add(time.Hour) {
		report += at.Format(time.RFC3339) + ",240\n"
	}
	w.all[0].importHistory(report)

	week := ""
	same := func(what string) {
		t.Helper()
		w.eventually("all publish the same, "+what, func() bool {
			for _, r := range w.all {
				hours := r.typicalHours()
				if week == "" && hours != "[]" {
					week = hours
				}
				if hours != week {
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
	same("without an engine")
	w.engine.Restart()
	w.eventually("it writes the history back", func() bool {
		keys, err := w.client.Keys(t.Context(), "waitboard:src:*:history:*").Result()
		return err == nil && len(keys) > 0
	})
	w.start(w.engine.URL())
	same("after the engine was empty")
	last.Signal(syscall.SIGKILL)
	w.all = w.without(last)
	w.holder()
	same("when all replicas that knew it have ended")
}

// typicalHours returns the hours that are published of the first metric, without the quietest ones, which depend on the time.
func (r *replica) typicalHours() string {
	r.Helper()
	_, body := r.get(r.URL + "/v1/widgets/support/typical")
	var typical struct {
		Metrics []struct{ Hours json.RawMessage }
	}
	if err := json.Unmarshal([]byte(body), &typical); err != nil || len(typical.Metrics) == 0 {
		r.Fatalf("%v in %s", err, body)
	}
	return string(typical.Metrics[0].Hours)
}

// importHistory imports the history of a metric.
func (r *replica) importHistory(csv string) {
	r.Helper()
	r.eventually("the import succeeds", func() bool { // not before the first value
		resp, err := r.client.Post(r.Admin()+"/widgets/support/metrics/wait/history", "text/csv", strings.NewReader(csv))
		if err != nil {
			r.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}
