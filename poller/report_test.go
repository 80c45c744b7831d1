package poller

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/wait"
)

// A report of metrics that are not found among thousands, beside one of as many that are: polls wait for it, and each look at /metrics asks for it.
func BenchmarkReport(b *testing.B) {
	var infos []wait.MetricInfo
	for i := range 5000 {
		infos = append(infos, wait.MetricInfo{ID: fmt.Sprint("M", i), Name: fmt.Sprint("Current Wait Time ", i)})
	}
	for _, bench := range []struct{ name, metric string }{{"found", "Current Wait Time %d"}, {"not found", "Curent Wait Time %d"}} {
		b.Run(bench.name, func(b *testing.B) {
			o := Options{Name: "hq", Interval: interval, Now: time.Now, Metrics: NewMetrics(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler)}
			for i := range 100 {
				o.Wants = append(o.Wants, Want{Metric: fmt.Sprintf(bench.metric, i)})
			}
			p := New(o)
			p.infos = infos
			for _, w := range p.wants {
				p.resolve(w)
			}
			for b.Loop() {
				p.Report()
			}
		})
	}
}
