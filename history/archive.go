package history

import (
	"math"
	"slices"
	"time"
)

// HoursOfWeek is the number of hours of a week. Hour 0 is Sunday's first.
const HoursOfWeek = 7 * 24

// HourOfWeek returns the number of the hour of the week in which an instant is, by its zone.
func HourOfWeek(t time.Time) int { return int(t.Weekday())*24 + t.Hour() }

const (
	halfLife = 4 * 7 * 24 * time.Hour
	enough   = 5 * time.Minute // of an hour, for it to count as seen
)

// An Archive holds the complete hours of a value, the oldest first. It is not safe for concurrent use.
type Archive struct{ hours []Hour }

// Last returns the start of the newest hour; zero: there is none.
func (a *Archive) Last() time.Time {
	if len(a.hours) == 0 {
		return time.Time{}
	}
	return a.hours[len(a.hours)-1].Start
}

// Hours returns all hours, the oldest first. The caller must not change them.
func (a *Archive) Hours() []Hour { return a.hours }

// Add adds complete hours, and takes ownership of them. Of an hour that is there already it keeps the one that is known for longer, so that
// the same hour can be added twice.
func (a *Archive) Add(hours ...Hour) {
	for _, h := range hours {
		if len(h.Times) == 0 {
			continue
		}
		i, found := slices.BinarySearchFunc(a.hours, h.Start, func(each Hour, start time.Time) int { return each.Start.Compare(start) })
		switch {
		case !found:
			a.hours = slices.Insert(a.hours, i, h)
		case h.Total() > a.hours[i].Total():
			a.hours[i] = h
		}
	}
}

// DropBefore forgets the hours that began before an instant.
func (a *Archive) DropBefore(t time.Time) {
	a.hours = slices.DeleteFunc(a.hours, func(h Hour) bool { return h.Start.Before(t) })
}

// A Range is what is typical of an hour of the week.
type Range struct {
	Low, High float64 // seconds, or a number of items
	Weeks     int     // on how many dates the hour was seen
}

// Quantiles say which part of the time is typical: from Low to High, each from 0 to 1.
type Quantiles struct{ Low, High float64 }

// Week returns what is typical of each hour of the week in a zone. An older hour weighs less: half as much after four weeks.
func (a *Archive) Week(now time.Time, zone *time.Location, q Quantiles) (week [HoursOfWeek]Range) {
	var weights [HoursOfWeek][lastLevel + 1]float64
	var dates [HoursOfWeek]int // the last one that was counted
	for _, h := range a.hours {
		local := h.Start.In(zone)
		slot := HourOfWeek(local)
		fade := math.Exp2(-float64(now.Sub(h.Start)) / float64(halfLife))
		for level, d := range h.Times {
			weights[slot][level] += d.Seconds() * fade
		}
		date := local.Year()*1000 + local.YearDay()
		if h.Total() >= enough && dates[slot] != date { // the hour that the end of summer time repeats is one of the same date
			dates[slot] = date
			week[slot].Weeks++
		}
	}
	for slot := range week {
		week[slot].Low = quantile(&weights[slot], q.Low)
		week[slot].High = quantile(&weights[slot], q.High)
	}
	return week
}

// quantile returns the value below which the value was for that part of the time.
func quantile(weights *[lastLevel + 1]float64, part float64) float64 {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	limit, sum := total*part*(1-1e-12), 0.0
	for level, w := range weights {
		sum += w
		if w > 0 && sum >= limit {
			return Level(level).Value()
		}
	}
	return 0
}
