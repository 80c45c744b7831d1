// Package trend owns the bounded histories that operators see: the polls of a source in the last hour, and the values of each widget's metric
// in the last three hours.
package trend

import (
	"math"
	"sync"
	"time"

	"waitboard/domain"
)

// Minutes is how many samples there are of each value, one a minute.
const Minutes = 180

// Values holds the last samples of the metrics of all widgets: 4 bytes for each. It is safe for concurrent use.
type Values struct {
	mu     sync.Mutex // guards what follows
	series map[domain.Placement]*[Minutes]float32
	last   int64 // the minute of the newest samples, in Unix time
}

// Add adds the samples of a minute. NaN is no value. It drops series without a sample, because no widget shows their metrics any more.
func (v *Values) Add(at time.Time, samples map[domain.Placement]float32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	minute := at.Unix() / 60
	before := v.series
	v.series = make(map[domain.Placement]*[Minutes]float32, len(samples))
	for place, sample := range samples {
		s := before[place]
		if s == nil {
			s = new([Minutes]float32)
			for i := range s {
				s[i] = nan
			}
		}
		for skipped := max(v.last+1, minute-Minutes+1); skipped < minute; skipped++ {
			s[skipped%Minutes] = nan
		}
		s[minute%Minutes] = sample
		v.series[place] = s
	}
	v.last = minute
}

// Of returns the samples of a metric, the oldest first; nil without any.
func (v *Values) Of(place domain.Placement) []float32 {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.series[place]
	if s == nil {
		return nil
	}
	out := make([]float32, 0, Minutes)
	for i := v.last + 1; i <= v.last+Minutes; i++ {
		out = append(out, s[i%Minutes])
	}
	return out
}

var nan = float32(math.NaN())

// Sample returns a value as a sample: seconds of a duration, a number, or 1 for true; NaN for everything else.
func Sample(v domain.Value) float32 {
	switch {
	case v.Kind == domain.Duration:
		return float32(v.Duration.Seconds())
	case v.Kind == domain.Count:
		return float32(v.Number)
	case v.Kind == domain.Boolean && v.Flag:
		return 1
	case v.Kind == domain.Boolean:
		return 0
	}
	return nan
}
