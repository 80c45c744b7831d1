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

// A Sample is the reading of one category value, and when the source last confirmed it.
type Sample struct {
	Reading   Reading
	Confirmed time.Time // zero: still initializing
	Updated   time.Time // when it last changed, by the source's own clock; zero: unknown
	PushedAt  time.Time // when a push brought it; zero: a poll did
	Dated     time.Time // of a running duration: when the first poll was sent that dates it so; zero: none yet
}

// An Observation is all readings of one upstream metric with their confirmation times. It is shared: nobody changes it.
type Observation struct {
	Confirmed time.Time         // when the last successful poll that included the metric was sent; zero: never
	Complete  time.Time         // when the last one was sent that included all category values; zero: never
	Kind      Kind              // of its last value; it stays while there is none
	Samples   map[string]Sample // by category value; "" for a metric without categories

	Changed time.Time          // when its readings last changed, to the millisecond; zero: see ChangedAt
	Held    map[Placement]Held // hysteresis of the metrics that show it, as it was at Changed

	// Alias is set for an observation from a checkpoint. Its Samples are by aliases of category values, which Alias returns.
	Alias func(category string) string
}

// ChangedAt returns when the readings last changed; where that is not recorded, when they were confirmed.
func (o *Observation) ChangedAt() time.Time {
	if o.Changed.IsZero() {
		return o.Confirmed.UTC().Truncate(time.Millisecond)
	}
	return o.Changed
}

// Restored reports whether the observation is from a checkpoint, and no poll since then included the metric.
func (o *Observation) Restored() bool { return o.Alias != nil }

// Sample returns the sample of a category value; ok is false when there is none of that name.
func (o *Observation) Sample(category string) (s Sample, ok bool) {
	if s, ok = o.Samples[category]; !ok && o.Restored() {
		s, ok = o.Samples[o.Alias(category)]
	}
	return s, ok
}

// selected returns the readings of the chosen categories (nil: all), and the oldest of their confirmation times; zero when one of them has
// none yet. While a new category value is initializing, that time is the one of the last complete poll. missing reports whether the source
// lacks a chosen category value.
func (o *Observation) selected(categories []string) (readings []Reading, confirmed time.Time, missing bool) {
	confirmed = o.Confirmed
	if s, only := o.Samples[""]; only && categories == nil && len(o.Samples) == 1 && !s.Confirmed.IsZero() {
		return []Reading{s.Reading}, earlier(confirmed, s.Confirmed), false
	}
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
		_, s, ok := o.Chosen(category)
		if !ok {
			missing = true
			continue
		}
		readings, confirmed = append(readings, s.Reading), earlier(confirmed, s.Confirmed)
	}
	return readings, confirmed, missing
}

// categories returns the category values in order, so that sums of fractions don't depend on chance.
func (o *Observation) categories() []string { return slices.Sorted(maps.Keys(o.Samples)) }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
