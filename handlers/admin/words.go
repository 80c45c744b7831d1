package admin

import (
	"fmt"
	"strings"
	"time"
)

// span returns a duration in the largest unit that fits twice, or in seconds.
func span(d time.Duration) string {
	day := 24 * time.Hour
	switch {
	case d < 0:
		return "0 s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/day)
}

// ago returns how long ago a time was.
func ago(t, now time.Time) string {
	if now.Sub(t) < time.Second {
		return "now"
	}
	return span(now.Sub(t)) + " ago"
}

// at returns a time of the near future or past, to the minute, in a zone.
func at(t, now time.Time, zone *time.Location) string {
	t, now = t.In(zone), now.In(zone)
	days := t.Sub(now).Abs() / (24 * time.Hour)
	switch {
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return t.Format("15:04 MST")
	case days < 6:
		return t.Format("Mon 15:04 MST")
	case days < 300:
		return t.Format("Mon 2 Jan, 15:04 MST")
	}
	return t.Format("2 Jan 2006, 15:04 MST")
}

// clockText says how far a clock is off, in seconds ahead.
func clockText(ahead float64) string {
	d := time.Duration(ahead * float64(time.Second))
	switch {
	case d.Abs() < 500*time.Millisecond:
		return "right"
	case d < 0:
		return span(-d) + " behind"
	}
	return span(d) + " ahead"
}

func plural(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// several lists the first of some names, and counts the others.
func several(names []string) string {
	const shown = 3
	switch n := len(names); {
	case n > shown+1:
		return strings.Join(names[:shown], ", ") + " and " + plural(n-shown, "other metric")
	case n > 1:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// sentence turns a part of a message into a sentence. A question stays one.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, "?") && !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
