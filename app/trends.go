package app

import (
	"context"
	"math"
	"time"

	"waitboard/domain"
	"waitboard/trend"
)

// sampleMinutes adds a sample of every metric to the trends each minute, until ctx is done.
func (f *feed) sampleMinutes(ctx context.Context) {
	minutes := time.NewTicker(time.Minute)
	defer minutes.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-minutes.C:
			f.sample(f.now())
		}
	}
}

// sample adds the values of this moment to the trends. A text has no trend, and a value that is too old to show has no sample.
func (f *feed) sample(now time.Time) {
	shown := f.widgets()
	samples := make(map[domain.Placement]float32, 3*len(shown))
	for i := range shown {
		w := &shown[i]
		for j := range w.Metrics {
			m := &w.Metrics[j]
			o := f.readings.Get(m.Ref)
			if o.Kind == domain.Text {
				continue
			}
			v, confirmed := m.Private(&o, now)
			sample := float32(math.NaN())
			if now.Before(confirmed.Add(w.HideAfter)) {
				sample = trend.Sample(v)
			}
			samples[domain.Placement{Widget: w.ID, Metric: m.ID}] = sample
		}
	}
	f.trends.Add(now, samples)
}

// trend returns the samples of a metric, the oldest first.
func (f *feed) trend(widget, metric string) []float32 {
	return f.trends.Of(domain.Placement{Widget: widget, Metric: metric})
}
