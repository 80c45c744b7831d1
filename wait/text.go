package wait

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// NotAvailable is the text of a metric that has no value now.
const NotAvailable = "Not available"

// String is the value in words. A duration is given in whole minutes, rounded up: an underestimate is worse than none.
func (v Value) String() string {
	switch v.Kind {
	case Duration:
		minutes := (v.Duration + time.Minute - 1) / time.Minute
		if minutes < 60 {
			return fmt.Sprintf("%d min", minutes)
		}
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	case Count:
		return strconv.FormatFloat(math.Round(v.Number*10)/10, 'f', -1, 64)
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

// nextWording is when a line's text next changes; zero: it never does. A growing line changes a
// millisecond after a full minute, a falling one on it.
func nextWording(line Reading, t time.Time) time.Time {
	const minute = float64(time.Minute / time.Millisecond)
	value, _ := line.At(t)
	millis := float64(value.Duration.Milliseconds())
	full := math.Ceil(millis/minute) * minute
	switch {
	case line.Rate > 0:
		return after(t, (full+1-millis)/line.Rate)
	case line.Rate < 0 && millis > 0:
		return after(t, (full-minute-millis)/line.Rate)
	default:
		return time.Time{}
	}
}
