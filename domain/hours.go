package domain

import (
	"math"
	"time"
)

// Hours are when a company takes calls, by the wall clock of its zone.
//
// A span belongs to the day on which it starts: an evening that reaches over midnight does so into a closed day too, and a closed day
// includes the small hours after it. Where the clock is set forward, the skipped times don't happen; where it is set back, the repeated
// times are open twice.
type Hours struct {
	Zone   *time.Location
	Weekly [7][]Span   // by time.Weekday; those of a day sorted, not overlapping
	Closed []DateRange // days without hours; Open wins over it
	Open   []OpenDay   // days with hours of their own instead of the weekly ones; the first of a date counts
}

// A Span is from a minute of a day to another, that one not included: minutes on the clock since midnight.
type Span struct {
	From int // from 0 to 1439
	To   int // after From, at most 2880: 1440 is midnight, and what exceeds it is on the next day
}

// A DateRange is some days in a row, the last one included.
type DateRange struct{ First, Last Date }

// A Date is a day of the calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// An OpenDay is a day with hours of its own; without spans it is closed.
type OpenDay struct {
	Date  Date
	Spans []Span
}

// horizon is how far ahead At looks for a change, in seconds: a year, and some days for movable holidays.
const horizon = 370 * daySeconds

const daySeconds = 24 * 60 * 60

// At reports whether it is open at t, and until when: the first instant after t at which that changes, in the zone of the hours; zero: not
// within a year.
func (h *Hours) At(t time.Time) (open bool, until time.Time) {
	// While the zone's offset stays the same, its clock is UTC plus a constant. Each turn of the loop covers one offset.
	start := t.Unix()
	limit := start + horizon + 1
	for now := start; now < limit; {
		local := time.Unix(now, 0).In(h.Zone)
		_, offset := local.Zone()
		end := min(offsetEnd(local), limit)
		isOpen, change := h.onClock(now+int64(offset), end+int64(offset))
		change -= int64(offset)
		switch {
		case now == start:
			open = isOpen
		case isOpen != open:
			return open, local
		}
		if change < end {
			return open, time.Unix(change, 0).In(h.Zone)
		}
		now = end
	}
	return open, time.Time{}
}

// offsetEnd returns a time, in Unix seconds, until which the offset of t stays the same, or longer.
func offsetEnd(t time.Time) int64 {
	_, end := t.ZoneBounds()
	switch {
	case end.IsZero():
		return math.MaxInt64
	case !end.After(t):
		// On 31 December of a leap year the end may be that day's start instead of the year's end, both in UTC
		// (golang.org/issue/81583).
		day, _ := dayOf(t.Unix())
		return (day + 1) * daySeconds
	}
	return end.Unix()
}

// onClock reports whether it is open when the clock shows from, and what it shows when that changes, at most to. Both are seconds on the clock
// since 1970.
func (h *Hours) onClock(from, to int64) (open bool, change int64) {
	day, second := dayOf(from)
	evening, spans := h.spans(day-1), h.spans(day)
	open, until := inDay(evening, spans, second)
	for {
		change = day*daySeconds + until
		if change >= to {
			return open, to
		}
		if until == daySeconds {
			day++
			evening, spans, until = spans, h.spans(day), 0
		}
		var isOpen bool
		if isOpen, until = inDay(evening, spans, until); isOpen != open {
			return open, change
		}
	}
}

// inDay reports whether a second of a day is in one of the spans, and until when no span begins or ends, at most the end of the day. evening
// are the spans of the day before.
func inDay(evening, spans []Span, second int64) (open bool, until int64) {
	until = daySeconds
	look := func(from, to int64) {
		switch {
		case second < from:
			until = min(until, from)
		case second < to:
			open, until = true, min(until, to)
		}
	}
	for _, s := range evening {
		look(int64(s.From)*60-daySeconds, int64(s.To)*60-daySeconds)
	}
	for _, s := range spans {
		look(int64(s.From)*60, int64(s.To)*60)
	}
	return open, until
}

// spans returns the spans that start on a day, counted since 1970.
func (h *Hours) spans(day int64) []Span {
	midnight := time.Unix(day*daySeconds, 0).UTC()
	year, month, dayOfMonth := midnight.Date()
	date := Date{year, month, dayOfMonth}
	for i := range h.Open {
		if h.Open[i].Date == date {
			return h.Open[i].Spans
		}
	}
	for i := range h.Closed {
		if !date.before(h.Closed[i].First) && !h.Closed[i].Last.before(date) {
			return nil
		}
	}
	return h.Weekly[midnight.Weekday()]
}

func (d Date) before(other Date) bool {
	switch {
	case d.Year != other.Year:
		return d.Year < other.Year
	case d.Month != other.Month:
		return d.Month < other.Month
	}
	return d.Day < other.Day
}

// dayOf splits seconds since 1970 into days, and the seconds of the last one.
func dayOf(seconds int64) (day, second int64) {
	day, second = seconds/daySeconds, seconds%daySeconds
	if second < 0 {
		day, second = day-1, second+daySeconds
	}
	return day, second
}
