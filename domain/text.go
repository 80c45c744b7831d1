package domain

import (
	"math"
	"time"

	"waitboard/locale"
)

// A wording is what a Display determines of the text of a value.
type wording struct {
	seconds  bool // some amount of a duration's display is not a whole number of minutes
	decimals int  // how many digits after the point a number has; -1: see digits
	whole    bool // a count has no fraction; then the range of 5 up to, not including, 10 is called "5–9"

	instead locale.Phrase // in place of what the value says; empty: nothing
}

func (d *Display) wording(whole bool) wording {
	w := wording{seconds: d.seconds(), decimals: -1, whole: whole}
	if d.Decimals != nil {
		w.decimals = *d.Decimals
	}
	return w
}

// text returns the text of a value or a range.
func (w wording) text(l *locale.Locale, kind Kind, v Value, r Range) string {
	low, high := time.Duration(r.Min)*time.Millisecond, time.Duration(r.Max)*time.Millisecond
	whole := w.whole && r.Min == math.Trunc(r.Min) && r.Max == math.Trunc(r.Max)
	switch {
	case w.instead != "":
		return l.Say(w.instead)
	case r == Range{}:
		return w.words(l, v)
	case kind == Count && !r.HasMax:
		return l.OrMore(r.Min)
	case kind == Count && !r.HasMin:
		return l.FewerThan(r.Max)
	case kind == Count && whole:
		return l.CountRange(r.Min, r.Max-1)
	case kind == Count:
		return l.CountRange(r.Min, r.Max)
	case !r.HasMax:
		return l.Over(low)
	case !r.HasMin:
		return l.Under(high)
	}
	return l.DurationRange(low, high)
}

// words returns the text of a value. A duration is in whole minutes, rounded up, because an underestimate is worse than none. It has seconds
// only where the policy has amounts that aren't whole minutes.
func (w wording) words(l *locale.Locale, v Value) string {
	switch v.Kind {
	case Duration:
		unit := time.Minute
		if w.seconds {
			unit = time.Second
		}
		return l.Duration((v.Duration + unit - 1).Truncate(unit))
	case Count:
		digits := w.digits(v.Number)
		scale := math.Pow10(digits)
		return l.Number(math.Round(v.Number*scale)/scale, digits)
	case Boolean:
		if v.Flag {
			return l.Say(locale.Yes)
		}
		return l.Say(locale.No)
	case Text:
		return v.Text
	default:
		return l.Say(locale.NotAvailable)
	}
}

// digits returns how many digits a number has after the point: as configured, otherwise one if it isn't whole.
func (w wording) digits(n float64) int {
	switch {
	case w.decimals >= 0:
		return w.decimals
	case n == math.Trunc(n):
		return 0
	}
	return 1
}

// seconds reports whether an amount of a duration's display isn't a whole number of minutes.
func (d *Display) seconds() bool {
	const minute = float64(time.Minute / time.Millisecond)
	for _, amount := range append([]float64{d.Below, d.Above, d.Round}, d.Buckets...) {
		if d.Kind == Duration && math.Mod(amount, minute) != 0 {
			return true
		}
	}
	return false
}

// A closing is the form of a closed widget's message.
type closing uint8

const (
	notClosed    closing = iota // it is open, or closed by a notice
	closedForNow                // without a time
	opensToday                  // in the zone in which times are stated, as are the others
	opensTomorrow
	opensOnDay  // of the week
	opensOnDate // of this year
	opensInYear // a date of another year
)

// closed returns the form of the message at t for a widget that opens at opens (zero: unknown), both in one zone, and until when it is right:
// a message names the weekday only within the week before.
func closed(t, opens time.Time) (c closing, until time.Time) {
	if opens.IsZero() {
		return closedForNow, time.Time{}
	}
	midnight := func(daysBefore int) time.Time { return startOfDay(opens, -daysBefore) }
	switch {
	case !t.Before(midnight(0)):
		return opensToday, opens
	case !t.Before(midnight(1)):
		return opensTomorrow, midnight(0)
	case !t.Before(midnight(6)):
		return opensOnDay, midnight(1)
	case t.Year() == opens.Year():
		return opensOnDate, midnight(6)
	}
	newYear := startOfDay(time.Date(opens.Year(), time.January, 1, 12, 0, 0, 0, opens.Location()), 0)
	return opensInYear, soonest(midnight(6), newYear)
}

// startOfDay returns the first instant of a day that is so many days after that of t, in the zone of t.
func startOfDay(t time.Time, days int) time.Time {
	year, month, day := t.Date()
	start := time.Date(year, month, day+days, 0, 0, 0, 0, t.Location())
	noon := time.Date(year, month, day+days, 12, 0, 0, 0, t.Location())
	if start.Day() != noon.Day() { // the clock is set forward from midnight
		_, start = start.ZoneBounds()
	}
	if earlier := start.Add(-time.Hour); earlier.Day() == noon.Day() { // it is set back to midnight, which happens twice
		return earlier
	}
	return start
}

// text returns the message; opens is in the zone in which times are stated.
func (c closing) text(l *locale.Locale, opens time.Time) string {
	switch c {
	case closedForNow:
		return l.Say(locale.Closed)
	case opensToday:
		return l.ClosedUntilToday(opens)
	case opensTomorrow:
		return l.ClosedUntilTomorrow(opens)
	case opensOnDay:
		return l.ClosedUntilDay(opens)
	default:
		return l.ClosedUntilDate(opens, c == opensInYear)
	}
}

// nextWording returns when a line's text next changes; zero: never. A growing line changes a millisecond after a full minute, a falling one on
// it. A line so steep that its minutes pass in less than a second is evaluated every second.
func nextWording(line Reading, t time.Time) time.Time {
	const minute = float64(time.Minute / time.Millisecond)
	value, _ := line.At(t)
	millis := float64(value.Duration.Milliseconds())
	full := math.Ceil(millis/minute) * minute
	switch {
	case value.Duration == MaxDuration: // cut to it
		return time.Time{}
	case math.Abs(line.Rate) > 60:
		return t.Add(time.Second)
	case line.Rate > 0:
		return after(t, (full+1-millis)/line.Rate)
	case line.Rate < 0 && millis > 0:
		return after(t, (full-minute-millis)/line.Rate)
	default:
		return time.Time{}
	}
}
