package locale

import (
	"time"

	"golang.org/x/text/feature/plural"
)

type unit int

const (
	hour unit = iota
	minute
	second
)

// A quantity is a number of units.
type quantity struct {
	unit        unit
	thousandths int64 // so a number has up to three decimals
}

// quantities returns the nonzero parts of a duration, or zero minutes. It counts milliseconds, and negative durations as zero.
func quantities(d time.Duration) (parts [3]quantity, n int) {
	d = max(d, 0).Round(time.Millisecond)
	for _, q := range [...]quantity{
		{hour, int64(d/time.Hour) * 1000},
		{minute, int64(d/time.Minute%60) * 1000},
		{second, int64(d % time.Minute / time.Millisecond)},
	} {
		if q.thousandths > 0 {
			parts[n] = q
			n++
		}
	}
	if n == 0 {
		parts[0], n = quantity{unit: minute}, 1
	}
	return parts, n
}

func (l *Locale) quantity(q quantity) string {
	return fill(l.units[q.unit][formOf(l.language.tag, q.thousandths)], "count", l.count(q))
}

func (l *Locale) count(q quantity) string {
	return l.Number(float64(q.thousandths)/1000, decimals(q.thousandths))
}

// Duration formats a duration in hours, minutes and seconds, to the millisecond: "1 h 5 min", "0 min", "1.5 s". Negative durations count as
// zero.
func (l *Locale) Duration(d time.Duration) string {
	parts, n := quantities(d)
	text := l.quantity(parts[0])
	for _, q := range parts[1:n] {
		text = l.say("duration_list", "first", text, "second", l.quantity(q))
	}
	return text
}

// DurationRange formats the range between two durations: "5–10 min" if each is a number of the same unit, otherwise "50 min–1 h 10 min".
func (l *Locale) DurationRange(low, high time.Duration) string {
	from, parts := quantities(low)
	to, more := quantities(high)
	switch {
	case from == to:
		return l.Duration(low)
	case parts > 1 || more > 1 || from[0].unit != to[0].unit:
		return l.say("duration_range", "low", l.Duration(low), "high", l.Duration(high))
	}
	// CLDR's plural ranges mostly use the form of the end. A form without the number can't be used here.
	unit := l.units[to[0].unit]
	pieces := unit[formOf(l.language.tag, to[0].thousandths)]
	if !has(pieces, "count") {
		pieces = unit[plural.Other]
	}
	return fill(pieces, "count", l.say("count_range", "low", l.count(from[0]), "high", l.count(to[0])))
}

// Under returns the text for "less than d".
func (l *Locale) Under(d time.Duration) string { return l.say("under", "duration", l.Duration(d)) }

// Over returns the text for "d or more".
func (l *Locale) Over(d time.Duration) string { return l.say("over", "duration", l.Duration(d)) }
