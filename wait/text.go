package wait

import (
	"math"
	"time"

	"waitboard/locale"
)

// text is what is shown, in words. Whole tells that a count has no fraction; then the span of 5 up to, not including, 10
// is called "5–9".
func (d *Display) text(l *locale.Locale, kind Kind, v Value, r Range, whole bool) string {
	low, high := time.Duration(r.Min)*time.Millisecond, time.Duration(r.Max)*time.Millisecond
	whole = whole && r.Min == math.Trunc(r.Min) && r.Max == math.Trunc(r.Max)
	switch {
	case r == Range{}:
		return d.words(l, v)
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
func (d *Display) words(l *locale.Locale, v Value) string {
	switch v.Kind {
	case Duration:
		unit := time.Minute
		if d.seconds() {
			unit = time.Second
		}
		return l.Duration((v.Duration + unit - 1).Truncate(unit))
	case Count:
		digits := d.digits(v.Number)
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

// digits is how many digits a number has after the point: as many as were chosen, otherwise one if it is not whole.
func (d *Display) digits(n float64) int {
	switch {
	case d.Decimals != nil:
		return *d.Decimals
	case n == math.Trunc(n):
		return 0
	}
	return 1
}

// closedMessage says that it is closed, and when it opens (zero: nobody knows). It names the weekday while that is the
// next one of its name, otherwise the date, and so may change at the second result.
func (h *Hours) closedMessage(l *locale.Locale, t, opens time.Time) (message string, until time.Time) {
	const week = 6 * 24 * time.Hour // a day less, so that the weekday can't be today's
	if opens.IsZero() {
		return l.Say(locale.Closed), time.Time{}
	}
	if soon := opens.Add(-week); t.Before(soon) {
		return l.ClosedUntilDate(opens.In(h.Zone)), soon
	}
	return l.ClosedUntilDay(opens.In(h.Zone)), opens
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
