package wait

import "time"

// A Ref names an upstream metric as the configuration does. It is private and never part of a Snapshot.
type Ref struct {
	Source string // the source's name in the configuration
	Metric string // a metric ID, or a metric's exact name
}

// A Sample is the reading of one category value, and when the upstream last stood by it.
type Sample struct {
	Reading   Reading
	Confirmed time.Time // zero: still initializing, nothing is known of it
}

// An Observation is all that is known of one upstream metric. It is not changed once it is made, so it can be shared.
type Observation struct {
	Confirmed time.Time         // when the upstream last answered for the metric; zero: never
	Kind      Kind              // of its last value, so that the type is known also while there is none
	Samples   map[string]Sample // by category value; "" for a metric without categories
}

// selected lists the readings of the chosen categories (nil: all of them), and since when all of them are confirmed;
// zero when one of them is not known yet. A category that the upstream's answer left out has no value.
func (o Observation) selected(categories []string) (readings []Reading, confirmed time.Time) {
	confirmed = o.Confirmed
	if categories == nil {
		for _, s := range o.Samples {
			readings, confirmed = append(readings, s.Reading), earlier(confirmed, s.Confirmed)
		}
		return readings, confirmed
	}
	for _, category := range categories {
		if s, ok := o.Samples[category]; ok {
			readings, confirmed = append(readings, s.Reading), earlier(confirmed, s.Confirmed)
		}
	}
	return readings, confirmed
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
