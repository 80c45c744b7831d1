package domain

import (
	"maps"
	"slices"
	"time"
)

// A Ref names an upstream metric as the configuration does. It is private and never part of a Snapshot.
type Ref struct {
	Source string // the source's name in the configuration
	Metric string // a metric ID, or a metric's exact name
}

// A Sample is the reading of one category value, and when the upstream last stood by it.
type Sample struct {
	Reading   Reading
	Confirmed time.Time // zero: still initializing, nothing is known of it
	Updated   time.Time // when it last changed, by the upstream's own clock; zero: unknown
	Told      time.Time // when a message brought it; zero: an answer did
	Dated     time.Time // a running duration: when the first answer was asked for that dates it so; zero: none does yet
}

// An Observation is all that is known of one upstream metric. It is not changed once it is made, so it can be shared.
type Observation struct {
	Confirmed time.Time         // when the upstream last answered for the metric; zero: never
	Complete  time.Time         // when it last did so for all category values at once; zero: never
	Kind      Kind              // of its last value, so that the type is known also while there is none
	Samples   map[string]Sample // by category value; "" for a metric without categories

	Changed time.Time          // when its readings last changed, to the millisecond; zero: see ChangedAt
	Held    map[Placement]Held // hysteresis of the metrics that show it, as it was at Changed

	// Alias is set where a run before has left the observation. Then Samples has category values by an alias, which it gives.
	Alias func(category string) string
}

// ChangedAt returns when the readings last changed; where that is not recorded, when they were confirmed.
func (o Observation) ChangedAt() time.Time {
	if o.Changed.IsZero() {
		return o.Confirmed.UTC().Truncate(time.Millisecond)
	}
	return o.Changed
}

// Restored tells whether the observation is one that a run before has left, and no answer of this run has said anything
// of the metric.
func (o Observation) Restored() bool { return o.Alias != nil }

// Sample is what is known of a category value; ok is false when there is none of that name.
func (o Observation) Sample(category string) (s Sample, ok bool) {
	if s, ok = o.Samples[category]; !ok && o.Restored() {
		s, ok = o.Samples[o.Alias(category)]
	}
	return s, ok
}

// selected lists the readings of the chosen categories (nil: all of them), and since when all of them are confirmed;
// zero when one of them is not known yet. While a new category value is initializing, all of them are as old as the last
// answer that was complete. A chosen one that the upstream does not have is in missing.
func (o Observation) selected(categories []string) (readings []Reading, confirmed time.Time, missing bool) {
	confirmed = o.Confirmed
	if categories == nil {
		for _, category := range o.categories() {
			s := o.Samples[category]
			if s.Confirmed.IsZero() {
				confirmed = earlier(confirmed, o.Complete)
				continue
			}
			readings, confirmed = append(readings, s.Reading), earlier(confirmed, s.Confirmed)
		}
		return readings, confirmed, false
	}
	for _, category := range categories {
		s, ok := o.Sample(category)
		if !ok {
			missing = true
			continue
		}
		readings, confirmed = append(readings, s.Reading), earlier(confirmed, s.Confirmed)
	}
	return readings, confirmed, missing
}

// categories lists the category values in order, so that sums of fractions don't depend on chance.
func (o Observation) categories() []string {
	if len(o.Samples) == 1 {
		for category := range o.Samples {
			return []string{category}
		}
	}
	return slices.Sorted(maps.Keys(o.Samples))
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
