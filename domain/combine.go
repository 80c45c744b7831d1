package domain

import (
	"fmt"
	"math"
	"time"
)

// Combine is how the values of several categories become one.
type Combine uint8

// The ways to combine. For booleans, Max is "any" and Min is "all". Number counts true booleans, and for other kinds
// the categories that have a value.
const (
	Max Combine = iota
	Min
	Sum
	Mean
	Number
)

var combineNames = map[string]Combine{"max": Max, "min": Min, "sum": Sum, "mean": Mean, "count": Number}

// ParseCombine parses the word that the configuration uses.
func ParseCombine(word string) (Combine, error) {
	c, ok := combineNames[word]
	if !ok {
		return 0, fmt.Errorf("no way to combine values is called %q", word)
	}
	return c, nil
}

// Join combines several readings at the instant t. The result is true from t until it bends (a zero time: never): then one line overtakes
// another, or reaches zero.
//
// Readings without a value are left out. The result has no value if there is nothing to combine, if kinds or texts differ, for a sum of
// booleans, and with any unclear reading.
func (c Combine) Join(readings []Reading, t time.Time) (joined Reading, bends time.Time) {
	present := make([]Reading, 0, len(readings))
	for _, r := range readings {
		if r.Unclear {
			return Reading{}, time.Time{}
		}
		if r.Kind != None {
			present = append(present, r)
		}
	}
	if len(present) == 0 {
		return Reading{}, time.Time{}
	}
	if c == Number {
		return CountOf(countPresent(present)), time.Time{}
	}
	kind := present[0].Kind
	for _, r := range present {
		if r.Kind != kind {
			return Reading{}, time.Time{}
		}
	}
	switch kind {
	case Duration:
		return c.joinLines(present, t)
	case Count:
		return c.joinCounts(present), time.Time{}
	case Boolean:
		return c.joinFlags(present), time.Time{}
	default:
		return joinTexts(present), time.Time{}
	}
}

func countPresent(present []Reading) (n float64) {
	for _, r := range present {
		if r.Kind != Boolean || r.Flag {
			n++
		}
	}
	return n
}

func (c Combine) joinCounts(present []Reading) Reading {
	total := present[0].Base
	for _, r := range present[1:] {
		switch c {
		case Max:
			total = max(total, r.Base)
		case Min:
			total = min(total, r.Base)
		default:
			total += r.Base
		}
	}
	if c == Mean {
		total /= float64(len(present))
	}
	return CountOf(total)
}

func (c Combine) joinFlags(present []Reading) Reading {
	if c != Max && c != Min {
		return Reading{}
	}
	for _, r := range present {
		if r.Flag == (c == Max) { // any true decides Max, any false decides Min
			return BooleanOf(r.Flag)
		}
	}
	return BooleanOf(c == Min)
}

func joinTexts(present []Reading) Reading {
	for _, r := range present {
		if r.Text != present[0].Text {
			return Reading{}
		}
	}
	return present[0]
}

// joinLines adds lines up for Sum and Mean; for Max and Min it follows the line that leads at t.
func (c Combine) joinLines(present []Reading, t time.Time) (Reading, time.Time) {
	n := float64(len(present))
	lines := make([]Reading, len(present))
	total := Reading{Kind: Duration, Instant: t}
	lead, bend := Reading{}, math.Inf(1) // bend: milliseconds after t
	for i, r := range present {
		line, zero := r.from(t)
		lines[i], bend = line, min(bend, zero)
		total.Base += line.Base
		total.Rate += line.Rate
		if i == 0 || c.leads(line, lead) {
			lead = line
		}
	}
	switch c {
	case Sum:
		return total, after(t, bend)
	case Mean:
		total.Base /= n
		total.Rate /= n
		return total, after(t, bend)
	}
	for _, line := range lines {
		if gain := line.Rate - lead.Rate; (c == Max && gain > 0) || (c == Min && gain < 0) {
			bend = min(bend, (lead.Base-line.Base)/gain)
		}
	}
	return lead, after(t, bend)
}

// leads reports whether Max or Min shows a rather than b; of two equal lines, the one that leads right after.
func (c Combine) leads(a, b Reading) bool {
	if c == Min {
		a, b = b, a
	}
	return a.Base > b.Base || a.Base == b.Base && a.Rate > b.Rate
}

// from returns the same duration as a line that starts at t. Below zero it is flat, at zero. The line is true for bend milliseconds.
func (r Reading) from(t time.Time) (line Reading, bend float64) {
	line, bend = Reading{Kind: Duration, Base: r.millis(t), Rate: r.Rate, Instant: t}, math.Inf(1)
	if (line.Base > 0 && line.Rate < 0) || (line.Base < 0 && line.Rate > 0) {
		bend = -line.Base / line.Rate
	}
	if line.Base < 0 || (line.Base == 0 && line.Rate < 0) {
		line.Base, line.Rate = 0, 0
	}
	return line, bend
}

// after returns t plus so many milliseconds, rounded up to a whole one, at least one: at that instant the change has happened. More than a
// day counts as never: everything is evaluated again long before.
func after(t time.Time, millis float64) time.Time {
	if !(millis < float64((24 * time.Hour).Milliseconds())) {
		return time.Time{}
	}
	return t.Add(time.Duration(max(math.Ceil(millis), 1)) * time.Millisecond)
}
