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

// listed is a poller of a source with so many metrics, some of which are wanted by such names, after it has read the list.
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

// Reading the list of 10,000 metrics which are all wanted, beside that of 1,000: messages wait meanwhile.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := listed(b, n, n, "Current Wait Time %d")
			for b.Loop() {
				_ = p.list(b.Context()) // it has done before
			}
		})
	}
}

// A report of metrics that are not found among thousands, beside one of as many that are: polls wait meanwhile, and each look at /metrics asks for it.
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
