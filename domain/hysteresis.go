package domain

import (
	"math"
	"slices"
	"time"
)

// A Hold is hysteresis: it keeps what is shown from flipping between two neighboring steps of a Display. The zero Hold doesn't.
//
// It delays a change to the next step only: what is shown is never wrong by more than one step.
type Hold struct {
	Share float64       // how far into the next step a value must be, as a share of that step's width
	Least time.Duration // how long what is shown stays, at least
}

// Held is what a metric shows and since when: the state of its hysteresis. The zero Held is none.
type Held struct {
	Amount float64   // one that is shown like that; only with Since
	Since  time.Time // the zero time: nothing is held
}

// A Placement names a metric of a widget. The same readings can be shown in several places, each with hysteresis of its own.
type Placement struct{ Widget, Metric string }

// steady returns what to show in place of a value at t, out of what was held before: the value, or one of the step that is
// still held. The result stays true until the third result, unless the value changes; zero: forever.
func (d *Display) steady(h Held, v Value, t time.Time) (shown Value, now Held, until time.Time) {
	amount := v.amount()
	if d.Hold == (Hold{}) || d.Kind != v.Kind || d.HideZero && amount == 0 {
		return v, Held{}, time.Time{}
	}
	was, is := d.step(h.Amount), d.step(amount)
	least := h.Since.Add(d.Hold.Least)
	switch {
	case h.Since.IsZero(), !was.meets(is):
	case was == is:
		return v, h, time.Time{}
	case t.Before(least):
		return v.withAmount(h.Amount), h, least
	case was.outside(amount) < d.Hold.Share*is.width(was):
		return v.withAmount(h.Amount), h, time.Time{}
	}
	return v, Held{amount, t}, time.Time{}
}

// A step is the range of amounts that a Display shows in the same way: from low to high, or without end.
type step struct{ low, high float64 }

// step returns the step that holds an amount.
func (d *Display) step(amount float64) step {
	endless := math.Inf(1)
	if len(d.Buckets) > 0 {
		next, found := slices.BinarySearch(d.Buckets, amount)
		if found {
			next++
		}
		edges := slices.Concat([]float64{0}, d.Buckets, []float64{endless})
		return step{edges[next], edges[next+1]}
	}
	switch {
	case d.Below > 0 && amount < d.Below:
		return step{0, d.Below}
	case d.Above > 0 && amount >= d.Above:
		return step{d.Above, endless}
	}
	s := step{d.Below, endless}
	if d.Round > 0 {
		low := (d.Rounding.quotient(amount, d.Round) + roundedFrom[d.Rounding]) * d.Round
		s = step{max(low, d.Below), low + d.Round}
	}
	if d.Above > 0 {
		s.high = min(s.high, d.Above)
	}
	return s
}

// roundedFrom is where the amounts begin that round to zero, in multiples of Display.Round.
var roundedFrom = map[Rounding]float64{Up: -1, Down: 0, Nearest: -.5}

// meets reports whether two steps are the same or neighbors, but for the last digits of binary fractions.
func (s step) meets(other step) bool {
	gap := max(other.low-s.high, s.low-other.high)
	return gap <= 1e-9*max(1, s.low, other.low)
}

// outside returns how far an amount is from a step that does not hold it.
func (s step) outside(amount float64) float64 { return max(s.low-amount, amount-s.high) }

// width returns the width of a step, or that of its neighbor where the step is without end or a single amount. A floor that is a multiple of
// Round makes such a step.
func (s step) width(neighbor step) float64 {
	for _, width := range []float64{s.high - s.low, neighbor.high - neighbor.low} {
		if width > 0 && !math.IsInf(width, 0) {
			return width
		}
	}
	return 0
}
