package poller

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
)

// listing is a source that lists metrics, and has no values.
type listing []domain.MetricInfo

func (l listing) Metrics(context.Context) ([]domain.MetricInfo, error) { return l, nil }
func (l listing) Values(context.Context, []string) []domain.Batch      { return nil }

// listed returns a poller that has read the list of a source with so many metrics, and wants some of them.
func listed(b *testing.B, metrics, wanted int, name string) *Poller {
	b.Helper()
	var source listing
	for i := range metrics {
		source = append(source, domain.MetricInfo{ID: fmt.Sprint("M", i), Name: fmt.Sprint("Current Wait Time ", i)})
	}
	o := Options{Name: "hq", Source: source, Interval: interval, Now: time.Now, Metrics: NewPrometheusMetrics(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler)}
	for i := range wanted {
		o.Wants = append(o.Wants, Want{Metric: fmt.Sprintf(name, i)})
	}
	p := New(o)
	if err := p.list(b.Context()); err != nil {
		b.Fatal(err)
	}
	return p
}

// BenchmarkList reads a list of which all metrics are wanted: pushes wait meanwhile.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := listed(b, n, n, "Current Wait Time %d")
			for b.Loop() {
				_ = p.list(b.Context())
			}
		})
	}
}

// BenchmarkReport reports on metrics that are found among thousands, and on as many that are not: polls wait meanwhile.
func BenchmarkReport(b *testing.B) {
	for name, metric := range map[string]string{"found": "Current Wait Time %d", "not found": "Wait Time, current %d"} {
		b.Run(name, func(b *testing.B) {
			p := listed(b, 5_000, 100, metric)
			for b.Loop() {
				p.Report()
			}
		})
	}
}
