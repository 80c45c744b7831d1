package poller

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// A counter that begins with its first event would hide it from increase().
func TestCountersBeginAtZero(t *testing.T) {
	for name, want := range map[string]struct {
		subscriber Subscriber
		series     int
	}{"that pushes changes": {pusherOf(1), 4}, "only polled": {nil, 0}} {
		registry := prometheus.NewRegistry()
		metrics := NewPrometheusMetrics(registry)
		New(Options{Name: "hq", Source: counts(1), Subscriber: want.subscriber, Interval: interval, Metrics: metrics, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		for _, counter := range []string{"waitboard_upstream_messages_total", "waitboard_upstream_disconnects_total"} {
			if n, err := testutil.GatherAndCount(registry, counter); err != nil || n != want.series {
				t.Errorf("a source %s: %d series of %s, want %d, %v", name, n, counter, want.series, err)
			}
		}
		metrics.Forget("hq")
		if n, err := testutil.GatherAndCount(registry); err != nil || n != 0 {
			t.Errorf("a forgotten source %s: %d series, %v", name, n, err)
		}
	}
}
