package wait

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// NotAvailable is the text of a metric that has no value now.
const NotAvailable = "Not available"

// text is what is shown, in words. Whole tells that a count has no fraction; then the span of 5 up to, not including, 10
// is called "5–9".
func (d *Display) text(kind Kind, v Value, r Range, whole bool) string {
	whole = whole && r.Min == math.Trunc(r.Min) && r.Max == math.Trunc(r.Max)
	low, high := amountWords(kind, r.Min), amountWords(kind, r.Max)
	switch {
	case r == Range{}:
		return v.words(d)
	case kind == Count && !r.HasMax:
		return low + "+"
	case kind == Count && !r.HasMin:
		return "fewer than " + high
	case kind == Count && whole && r.Max == r.Min+1:
		return low
	case kind == Count && whole:
		return low + "–" + amountWords(kind, r.Max-1)
	case !r.HasMax:
		return "over " + low
	case !r.HasMin:
		return "under " + high
	case strings.Count(low, " ") == 1 && strings.Count(high, " ") == 1: // a number and a unit each
		number, unit, _ := strings.Cut(low, " ")
		if strings.HasSuffix(high, " "+unit) {
			low = number
		}
	}
	return low + "–" + high
}

// amountWords is an amount of a Display in words, exactly as the company wrote it.
func amountWords(kind Kind, amount float64) string {
	if kind == Duration {
		return durationWords(time.Duration(amount) * time.Millisecond)
	}
	return strconv.FormatFloat(amount, 'f', -1, 64)
}

// words is the value in words. A duration is given in whole minutes, rounded up, because an underestimate is worse than
// none; with seconds only where the company chose amounts that are no whole minutes.
func (v Value) words(d *Display) string {
	switch v.Kind {
	case Duration:
		if d.seconds() {
			return durationWords((v.Duration + time.Second - 1).Truncate(time.Second))
		}
		return durationWords((v.Duration + time.Minute - 1).Truncate(time.Minute))
	case Count:
		digits := d.digits(v.Number)
		scale := math.Pow10(digits)
		return strconv.FormatFloat(math.Round(v.Number*scale)/scale, 'f', digits, 64)
	case Boolean:
		if v.Flag {
			return "Yes"
		}
		return "No"
	case Text:
		return v.Text
	default:
		return NotAvailable
	}
}

func durationWords(d time.Duration) string {
	hours, minutes, seconds := d/time.Hour, d/time.Minute%60, (d % time.Minute).Seconds()
	var words []string
	if hours > 0 {
		words = append(words, fmt.Sprintf("%d h", hours))
	}
	if minutes > 0 || hours == 0 && seconds == 0 {
		words = append(words, fmt.Sprintf("%d min", minutes))
	}
	if seconds > 0 {
		words = append(words, strconv.FormatFloat(seconds, 'f', -1, 64)+" s")
	}
	return strings.Join(words, " ")
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
func (h *Hours) closedMessage(t, opens time.Time) (message string, until time.Time) {
	const week = 6 * 24 * time.Hour // a day less, so that the weekday can't be today's
	if opens.IsZero() {
		return "Closed.", time.Time{}
	}
	if soon := opens.Add(-week); t.Before(soon) {
		return "Closed. Opens " + opens.In(h.Zone).Format("2 January 15:04"), soon
	}
	return "Closed. Opens " + opens.In(h.Zone).Format("Monday 15:04"), opens
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
