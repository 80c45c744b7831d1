package typical

import (
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/locale"
	"waitboard/readings"
)

// BenchmarkMany has 10,000 metrics with history. A minute counts what visitors saw, and an hour also writes all files, of a week of hours
// each. It reports the memory and the disk space that a metric takes.
func BenchmarkMany(b *testing.B) {
	const widgets, each = 1_000, 10
	now := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	store := readings.New(func() time.Time { return now })
	dir, err := datadir.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer dir.Close()
	published := map[domain.Placement]*domain.TypicalWeek{}
	c := New(Options{
		Dir: dir, Readings: store, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Notice:  func(string) domain.Notice { return domain.Notice{} },
		Publish: func(at domain.Placement, week *domain.TypicalWeek) { published[at] = week },
	})
	before := heap()
	all := make([]domain.Widget, widgets)
	for i := range all {
		all[i] = domain.Widget{ID: fmt.Sprintf("w%d", i), Locale: locale.English(), StaleAfter: time.Hour, HideAfter: time.Hour}
		for m := range each {
			id := fmt.Sprintf("m%d", m)
			all[i].Metrics = append(all[i].Metrics, domain.WidgetMetric{
				ID: id, Ref: domain.Ref{Source: "hq", Metric: all[i].ID + id}, History: domain.History{Keep: 1000 * time.Hour, MinWeeks: 3, Low: 0.25, High: 0.8},
			})
		}
	}
	c.Replace(all)
	changes := store.Subscribe()
	defer changes.Close()
	minute := func(n int) {
		now = now.Add(time.Minute)
		observed := make(map[string]domain.Observation, widgets*each)
		for i := range all {
			for m := range all[i].Metrics {
				observed[all[i].Metrics[m].Ref.Metric] = domain.Observation{Confirmed: now, Kind: domain.Duration, Samples: map[string]domain.Sample{
					"": {Reading: domain.Line(time.Duration(60+n*7%600)*time.Second, 0, now), Confirmed: now},
				}}
			}
		}
		store.Apply("hq", observed)
		c.take(changes.Take())
		c.advance()
	}
	for c.addOne() {
	}
	b.Run("minute", func(b *testing.B) {
		for b.Loop() {
			minute(0)
		}
		b.ReportMetric(float64(heap()-before)/(widgets*each), "heap-B/metric")
	})
	b.Run("hour", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			for n := range 60 {
				minute(n)
			}
			b.StartTimer()
			for c.addOne() {
			}
		}
	})
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
