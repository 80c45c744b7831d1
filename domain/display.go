package domain

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// A Display is the policy for a value: what the public may see of it. It is applied before anything leaves the domain. The zero Display
// hides nothing.
//
// Amounts are in milliseconds where Kind is Duration, and plain numbers where it is Count.
type Display struct {
	Kind     Kind      // what the amounts are of; None: there are none
	Below    float64   // less than this shows as that; 0: off
	Above    float64   // this or more shows as that; 0: off
	Buckets  []float64 // ascending; the range between two that holds the value is shown, open at both ends of the list
	Round    float64   // to a multiple of this; 0: off
	Rounding Rounding
	HideZero bool // zero is not shown
	Decimals *int // how many digits after the point a number has; nil: all
	Hold     Hold // of the steps that Buckets or Round make; needs one of them
}

// Rounding is the direction of Display.Round.
type Rounding uint8

// Up is the default: an underestimate of a wait is worse than none.
const (
	Up Rounding = iota
	Down
	Nearest
)

// A Range holds a hidden value: from Min, up to but not including Max, in the units of a Display.
type Range struct {
	Min, Max       float64
	HasMin, HasMax bool
}

// hides reports whether the public sees less than the value. Then nothing else may reveal it.
func (d *Display) hides() bool {
	return d.Below > 0 || d.Above > 0 || len(d.Buckets) > 0 || d.Round > 0
}

// apply returns what is shown of a value: a value, or a range, or neither. Rounding stops at Below and Above, so that what is shown never
// falls while the value grows. A value of another kind than the amounts is not shown: it was meant to be hidden.
func (d *Display) apply(v Value) (Value, Range) {
	amount := v.amount()
	switch {
	case d.Kind != None && d.Kind != v.Kind:
		return Value{}, Range{}
	case v.Kind != Duration && v.Kind != Count:
		return v, Range{}
	case d.HideZero && amount == 0:
		return Value{}, Range{}
	case d.Below > 0 && amount < d.Below:
		return Value{}, Range{Max: d.Below, HasMax: true}
	case d.Above > 0 && amount >= d.Above:
		return Value{}, Range{Min: d.Above, HasMin: true}
	case len(d.Buckets) > 0:
		return Value{}, d.bucket(amount)
	case d.Round > 0:
		amount = max(d.Rounding.round(amount, d.Round), d.Below)
		if d.Above > 0 {
			amount = min(amount, d.Above)
		}
	case d.Decimals != nil && v.Kind == Count:
		amount = Nearest.round(amount, math.Pow10(-*d.Decimals))
	}
	if d.HideZero && amount == 0 {
		return Value{}, Range{}
	}
	return v.withAmount(amount), Range{}
}

func (d *Display) bucket(amount float64) Range {
	next, found := slices.BinarySearch(d.Buckets, amount)
	if found {
		next++
	}
	var r Range
	if next > 0 {
		r.Min, r.HasMin = d.Buckets[next-1], true
	}
	if next < len(d.Buckets) {
		r.Max, r.HasMax = d.Buckets[next], true
	}
	return r
}

// round returns a multiple of to, without the last digits of binary fractions.
func (r Rounding) round(amount, to float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(r.quotient(amount, to)*to, 'g', 12, 64), 64) // it was just formatted
	return rounded
}

// quotient returns amount/to as a whole number. A quotient that is whole but for the last digits of binary fractions counts as whole.
func (r Rounding) quotient(amount, to float64) float64 {
	exact := amount / to
	nearest := math.Round(exact)
	switch {
	case r == Nearest, math.Abs(exact-nearest) <= 1e-9*math.Max(1, nearest):
		return nearest
	case r == Down:
		return math.Floor(exact)
	default:
		return math.Ceil(exact)
	}
}

// amount returns the value in the units of a Display.
func (v Value) amount() float64 {
	if v.Kind == Duration {
		return float64(v.Duration.Milliseconds())
	}
	return v.Number
}

func (v Value) withAmount(amount float64) Value {
	if v.Kind == Duration {
		v.Duration = toDuration(amount)
	} else {
		v.Number = amount
	}
	return v
}

// Level is how bad a value is.
type Level string

// The levels, from good to bad; empty without thresholds.
const (
	Low      Level = "low"
	Moderate Level = "moderate"
	High     Level = "high"
)

var levelOrder = map[Level]int{"": 0, Low: 0, Moderate: 1, High: 2}

// Levels are the thresholds from which the true value is moderate or high; 0: no such level.
type Levels struct {
	Kind           Kind // what the amounts are of; None: there are no levels
	Moderate, High float64
}

func (l *Levels) of(v Value) Level {
	amount := v.amount()
	switch {
	case l.Kind == None || l.Kind != v.Kind:
		return ""
	case l.High > 0 && amount >= l.High:
		return High
	case l.Moderate > 0 && amount >= l.Moderate:
		return Moderate
	}
	return Low
}

// next returns when a line's level next changes; zero: never.
func (l *Levels) next(line Reading, t time.Time) (turn time.Time) {
	value, _ := line.At(t)
	amount := value.amount()
	for _, threshold := range []float64{l.Moderate, l.High} {
		switch {
		case l.Kind != Duration || threshold == 0:
		case line.Rate > 0 && amount < threshold:
			turn = soonest(turn, after(t, (threshold-amount)/line.Rate))
		case line.Rate < 0 && amount >= threshold:
			turn = soonest(turn, after(t, (amount-threshold+1)/-line.Rate))
		}
	}
	return turn
}

// A Link is what a visitor can do instead of waiting. The zero Link is none.
type Link struct {
	When  Level // shown from this level on; Low: whenever there is something to show
	Label string
	URL   string // http, https, tel or mailto
}

// at returns the link if the level has reached When.
func (l Link) at(level Level) Link {
	if levelOrder[level] < levelOrder[l.When] {
		return Link{}
	}
	return l
}
