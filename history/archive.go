package history

import (
	"math"
	"slices"
	"time"

	"waitboard/domain"
)

const (
	halfLife = 4 * 7 * 24 * time.Hour
	enough   = 5 * time.Minute // of an hour, for it to count as seen
)

// An Archive holds the complete hours of a value, the oldest first. It is not safe for concurrent use.
type Archive struct {
	Kind  domain.Kind // Duration or Count; None: not known yet
	hours []Hour
}

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
// the same hour can be added twice. It reports whether the archive has changed.
func (a *Archive) Add(hours ...Hour) (changed bool) {
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
		default:
			continue
		}
		changed = true
	}
	return changed
}

// Merge adds the hours of another archive of the same value. The archives share them then. It reports whether the archive has changed.
func (a *Archive) Merge(other *Archive) (changed bool) {
	if a.Kind == domain.None && other.Kind != domain.None {
		a.Kind, changed = other.Kind, true
	}
	if other.Kind == domain.None || other.Kind == a.Kind {
		changed = a.Add(other.hours...) || changed
	}
	return changed
}

// DropBefore forgets the hours that began before an instant.
func (a *Archive) DropBefore(t time.Time) {
	a.hours = slices.DeleteFunc(a.hours, func(h Hour) bool { return h.Start.Before(t) })
}

// Week returns what is typical of each hour of the week in a zone: the range in which the value was from the part low of the time to the part
// high. An older hour weighs less: half as much after four weeks. The result is in the units of a [domain.Display].
func (a *Archive) Week(now time.Time, zone *time.Location, low, high float64) *domain.TypicalWeek {
	var weights [domain.HoursOfWeek][LastLevel + 1]float64
	var dates [domain.HoursOfWeek]int // the last one that was counted
	week := &domain.TypicalWeek{Kind: a.Kind}
	newest := a.Last() // and not now, so that the same archive gives the same result at any time
	for _, h := range a.hours {
		if h.Start.After(now) {
			break // the clock was wrong when it was recorded
		}
		local := h.Start.In(zone)
		slot := domain.HourOfWeek(local)
		fade := math.Exp2(-float64(newest.Sub(h.Start)) / float64(halfLife))
		for level, d := range h.Times {
			weights[slot][level] += d.Seconds() * fade
		}
		date := local.Year()*1000 + local.YearDay()
		if h.Total() >= enough && dates[slot] != date { // the hour that the end of summer time repeats is one of the same date
			dates[slot] = date
			week.Hours[slot].Weeks++
		}
	}
	unit := 1.
	if a.Kind == domain.Duration {
		unit = 1000 // milliseconds in a second
	}
	for slot := range week.Hours {
		week.Hours[slot].Low = unit * quantile(&weights[slot], low)
		week.Hours[slot].High = unit * quantile(&weights[slot], high)
	}
	return week
}

// quantile returns the value below which the value was for that part of the time.
func quantile(weights *[LastLevel + 1]float64, part float64) float64 {
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
