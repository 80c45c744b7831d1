package replicas

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// Replicas publish the same estimate, and nothing that was learned is lost.
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
	importer.importHistory("expected", report)
	w.survives(func(r *replica) string {
		var state struct {
			Widgets []struct {
				Metrics []struct {
					ID       string
					Estimate struct {
						Ahead []struct{ Low, High *float64 }
					}
				}
			}
		}
		_, body := r.get(r.Admin() + "/api/state")
		if err := json.Unmarshal([]byte(body), &state); err != nil {
			r.Fatal(err)
		}
		metrics := state.Widgets[0].Metrics
		ranges := metrics[len(metrics)-1].Estimate.Ahead
		_, snapshot := r.get(r.URL + "/v1/widgets/support")
		if len(ranges) < 4 || ranges[3].High == nil || !strings.Contains(snapshot, `"basis":"live"`) {
			return ""
		}
		text, _ := json.Marshal(ranges)
		return string(text)
	})
}
