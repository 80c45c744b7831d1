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

// answering is a source whose every poll has a new value of each metric.
type answering struct {
	listing
	now func() time.Time
}

func (a answering) Values(_ context.Context, ids []string) []domain.Batch {
	b := domain.Batch{IDs: ids, Asked: a.now()}
	for i, id := range ids {
		b.Readings = append(b.Readings, domain.KeyedReading{Key: domain.Key{Metric: id}, Reading: domain.CountOf(float64(i)), Updated: a.now()})
	}
	return []domain.Batch{b}
}

// discard is a store that keeps nothing.
type discard struct{}

func (discard) Apply(string, map[string]domain.Observation) {}
func (discard) Push(string, map[string]domain.Observation)  {}

// BenchmarkPoll polls a source of which all metrics are wanted.
func BenchmarkPoll(b *testing.B) {
	for _, n := range []int{5, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			now := time.Now()
			clock := func() time.Time { return now }
			source := answering{now: clock}
			o := Options{Name: "hq", Interval: interval, Now: clock, Store: discard{}, Metrics: NewPrometheusMetrics(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler)}
			for i := range n {
				source.listing = append(source.listing, domain.MetricInfo{ID: fmt.Sprint("M", i), Name: fmt.Sprint("Current Wait Time ", i)})
				o.Wants = append(o.Wants, Want{Metric: fmt.Sprint("M", i)})
			}
			o.Source = source
			p := New(o)
			for b.Loop() {
				now = now.Add(2 * interval)
				p.Step(b.Context())
			}
		})
	}
}
