package history

import (
	"maps"
	"math"
	"time"

	"waitboard/domain"
)

// An Hour is for how long a value was at each level during one hour by the clock of a zone.
type Hour struct {
	Start time.Time // UTC
	Times map[Level]time.Duration
}

// Total returns for how long the value was known.
func (h Hour) Total() (total time.Duration) {
	for _, d := range h.Times {
		total += d
	}
	return total
}

// A Piece is a value as a function of time, from an instant until another one.
type Piece struct {
	From, To time.Time
	Value    float64 // at From: seconds, or a number of items
	Rate     float64 // seconds gained a second; 0 for what stands still
}

// A Recorder sums up pieces by the hour. Times between pieces do not count. It is not safe for concurrent use.
type Recorder struct {
	zone    *time.Location
	current Hour
}

// NewRecorder returns a recorder for the hours of a zone.
func NewRecorder(zone *time.Location) *Recorder { return &Recorder{zone: zone} }

// Add adds a piece, which must not begin before the end of the last one. It returns the hours that it completed.
func (r *Recorder) Add(p Piece) (complete []Hour) {
	for p.From.Before(p.To) {
		start, end := HourOf(p.From, r.zone)
		if !start.Equal(r.current.Start) {
			complete = r.Flush(complete)
			r.current = Hour{start, map[Level]time.Duration{}}
		}
		next := p
		if end.Before(p.To) {
			next.To = end
		}
		spread(next, r.current.Times)
		p.Value += p.Rate * next.To.Sub(p.From).Seconds()
		p.From = next.To
	}
	return complete
}

// Restore continues an hour that was recorded in part, in place of what the recorder has of it.
func (r *Recorder) Restore(h Hour) { r.current = Hour{h.Start, maps.Clone(h.Times)} }

// Continue continues an hour that was recorded in part, in addition to what the recorder has of it.
func (r *Recorder) Continue(h Hour) {
	if !r.current.Start.Equal(h.Start) {
		r.Restore(h)
		return
	}
	for level, d := range h.Times {
		r.current.Times[level] += d
	}
}

// Current returns a copy of the hour that goes on.
func (r *Recorder) Current() Hour {
	return Hour{r.current.Start, maps.Clone(r.current.Times)}
}

// Until returns the hour that goes on if it is over at an instant, and begins with nothing.
func (r *Recorder) Until(t time.Time) (complete []Hour) {
	if !r.current.Start.IsZero() && !t.Before(r.current.Start.Add(time.Hour)) {
		return r.Flush(nil)
	}
	return nil
}

// Flush appends the hour that goes on, if something is known of it, and begins with nothing.
func (r *Recorder) Flush(hours []Hour) []Hour {
	if len(r.current.Times) > 0 {
		hours = append(hours, r.current)
	}
	r.current = Hour{}
	return hours
}

// HourOf returns the hour by the clock of a zone that an instant is in.
func HourOf(t time.Time, zone *time.Location) (start, end time.Time) {
	start = domain.HourStart(t.In(zone)).UTC()
	return start, start.Add(time.Hour)
}

// spread adds the time that a piece spends at each level. A value that falls stops at 0.
func spread(p Piece, times map[Level]time.Duration) {
	left := p.To.Sub(p.From)
	value := max(p.Value, 0)
	for left > 0 {
		level := LevelOf(value)
		stay := left
		if seconds := untilNextLevel(value, p.Rate, level); seconds < left.Seconds() {
			stay = max(time.Duration(seconds*float64(time.Second)), time.Millisecond)
		}
		stay = min(stay, left)
		times[level] += stay
		value = max(value+p.Rate*stay.Seconds(), 0)
		left -= stay
	}
}

// untilNextLevel returns how many seconds a value stays at its level.
func untilNextLevel(value, rate float64, level Level) float64 {
	switch {
	case rate > 0 && level < LastLevel:
		return ((level + 1).Low() - value) / rate
	case rate < 0 && level > 0:
		return (value - level.Low()) / -rate
	}
	return math.Inf(1)
}
