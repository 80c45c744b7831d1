package wait

import (
	"math"
	"time"

	"waitboard/locale"
)

// A wording is how what is shown is put in words: all that a Display has to say about it.
type wording struct {
	seconds  bool // some amount of a duration's display is not a whole number of minutes
	decimals int  // how many digits after the point a number has; -1: see digits
	whole    bool // a count has no fraction; then the span of 5 up to, not including, 10 is called "5–9"
}

func (d *Display) wording(whole bool) wording {
	w := wording{seconds: d.seconds(), decimals: -1, whole: whole}
	if d.Decimals != nil {
		w.decimals = *d.Decimals
	}
	return w
}

// text is what is shown, in words.
func (w wording) text(l *locale.Locale, kind Kind, v Value, r Range) string {
	low, high := time.Duration(r.Min)*time.Millisecond, time.Duration(r.Max)*time.Millisecond
	whole := w.whole && r.Min == math.Trunc(r.Min) && r.Max == math.Trunc(r.Max)
	switch {
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

// words is a value in words. A duration is given in whole minutes, rounded up, because an underestimate is worse than
// none; with seconds only where the company chose amounts that are no whole minutes.
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

// digits is how many digits a number has after the point: as many as were chosen, otherwise one if it is not whole.
func (w wording) digits(n float64) int {
	switch {
	case w.decimals >= 0:
		return w.decimals
	case n == math.Trunc(n):
		return 0
	}
	return 1
}

// seconds tells whether some amount of a duration's display is not a whole number of minutes.
func (d *Display) seconds() bool {
	const minute = float64(time.Minute / time.Millisecond)
	for _, amount := range append([]float64{d.Below, d.Above, d.Round}, d.Buckets...) {
		if d.Kind == Duration && math.Mod(amount, minute) != 0 {
			return true
		}
	}
	return false
}

// A doorSign is what hangs on a closed door.
type doorSign uint8

const (
	noSign     doorSign = iota // it is open, or an operator says why it is not
	justClosed                 // and nobody knows when it opens
	opensOnDay                 // of the week
	opensOnDate
)

// closed is the sign while it opens at opens (zero: nobody knows). It names the weekday while that is the next one of its
// name, otherwise the date, and so may change at the second result.
func closed(t, opens time.Time) (s doorSign, until time.Time) {
	const week = 6 * 24 * time.Hour // a day less, so that the weekday can't be today's
	if opens.IsZero() {
		return justClosed, time.Time{}
	}
	if soon := opens.Add(-week); t.Before(soon) {
		return opensOnDate, soon
	}
	return opensOnDay, opens
}

// text is the sign in words; opens is in the zone of the hours.
func (s doorSign) text(l *locale.Locale, opens time.Time) string {
	switch s {
	case justClosed:
		return l.Say(locale.Closed)
	case opensOnDate:
		return l.ClosedUntilDate(opens)
	default:
		return l.ClosedUntilDay(opens)
	}
}

// nextWording is when a line's text next changes; zero: it never does. A growing line changes a millisecond after a full
// minute, a falling one on it. A line so steep that its minutes pass in less than a second is looked at every second.
func nextWording(line Reading, t time.Time) time.Time {
	const minute = float64(time.Minute / time.Millisecond)
	value, _ := line.At(t)
	millis := float64(value.Duration.Milliseconds())
	full := math.Ceil(millis/minute) * minute
	switch {
	case value.Duration == MaxDuration: // cut to it, and going nowhere
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
