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
	w.all[0].importHistory("wait", report)

	week := ""
	w.survives(func(r *replica) string {
		hours := r.typicalHours()
		if week == "" && hours != "[]" {
			week = hours
		}
		if hours != week {
			return ""
		}
		return hours
	})
}

// survives checks that all replicas publish the same, also after the death of their holder, without an engine, after an engine that restarts empty,
// and when all replicas have ended that knew it before. published returns what a replica publishes; empty: not yet.
func (w *world) survives(published func(r *replica) string) {
	w.Helper()
	same := func(when string) {
		w.Helper()
		w.eventually("all publish the same, "+when, func() bool {
			first := published(w.all[0])
			for _, r := range w.all {
				if first == "" || published(r) != first {
					return false
				}
			}
			return true
		})
	}
	same("at first")
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
	w.eventually("it writes what it knows back", func() bool {
		keys, err := w.client.Keys(w.Context(), "waitboard:src:*:history:*").Result()
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

// importHistory imports CSV into the history of a metric.
func (r *replica) importHistory(metric, csv string) {
	r.Helper()
	r.eventually("the import succeeds", func() bool { // not before the first value
		resp, err := r.client.Post(r.Admin()+"/widgets/support/metrics/"+metric+"/history", "text/csv", strings.NewReader(csv))
		if err != nil {
			r.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}
