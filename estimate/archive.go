package estimate

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"waitboard/history"
)

const (
	mostAhead = 1000 // more callers ahead count as that
	outcomes  = 200  // the newest samples, which show whether the world has changed
)

// An Archive holds inferred waits: how many of each length there were, by the day and the number of callers ahead. It is not safe for
// concurrent use.
type Archive struct {
	Line   uint32         // names the line of callers, of which alone the waits are; 0: any
	days   map[int64]*day // by the number of the day since 1970, UTC
	newest []outcome      // sorted, at most outcomes
}

// A day is what was inferred of the callers who arrived during it.
type day struct {
	waits  map[cell]int
	scores map[int]score // by the number of callers ahead
}

type cell struct {
	ahead int
	level history.Level
}

// A score counts waits by what was announced.
type score struct{ samples, covered, longer int }

// An outcome is one of the newest samples.
type outcome struct {
	arrived time.Time // to the second
	cell
}

func (o outcome) compare(other outcome) int {
	return cmp.Or(o.arrived.Compare(other.arrived), o.cell.compare(other.cell))
}

func (c cell) compare(other cell) int {
	return cmp.Or(cmp.Compare(c.ahead, other.ahead), cmp.Compare(c.level, other.level))
}

// total returns how many samples the day has.
func (d *day) total() (n int) {
	for _, count := range d.waits {
		n += count
	}
	return n
}

// less reports whether the other day has more samples. Among days with as many, the order has no meaning.
func (d *day) less(other *day) bool {
	return cmp.Or(cmp.Compare(d.total(), other.total()), bytes.Compare(d.encode(nil), other.encode(nil))) < 0
}

const secondsOfDay = 24 * 60 * 60

func dayOf(t time.Time) int64 { return t.Unix() / secondsOfDay }

// Add learns samples.
func (a *Archive) Add(samples ...Sample) {
	for _, s := range samples {
		if s.Arrived.Unix() < 0 {
			continue // a clock that was never set
		}
		ahead := min(max(s.Ahead, 0), mostAhead)
		at := cell{ahead, history.LevelOf(s.Wait.Seconds())}
		d := a.days[dayOf(s.Arrived)]
		if d == nil {
			if a.days == nil {
				a.days = map[int64]*day{}
			}
			d = &day{map[cell]int{}, map[int]score{}}
			a.days[dayOf(s.Arrived)] = d
		}
		d.waits[at]++
		if s.Said.HasMin || s.Said.HasMax {
			d.scores[ahead] = d.scores[ahead].add(s)
		}
		a.note(outcome{s.Arrived.UTC().Truncate(time.Second), at})
	}
}

// add counts a sample to which something was announced. What was announced is in milliseconds.
func (c score) add(s Sample) score {
	wait := float64(s.Wait) / float64(time.Millisecond)
	c.samples++
	switch {
	case s.Said.HasMax && wait > s.Said.Max:
		if wait > s.Said.Max+60_000 {
			c.longer++
		}
	case wait >= s.Said.Min:
		c.covered++
	}
	return c
}

// note adds an outcome, if it is one of the newest.
func (a *Archive) note(o outcome) {
	i, _ := slices.BinarySearchFunc(a.newest, o, outcome.compare)
	a.newest = slices.Insert(a.newest, i, o)
	if len(a.newest) > outcomes {
		a.newest = slices.Delete(a.newest, 0, len(a.newest)-outcomes)
	}
}

// Merge adds what another archive of the same line knows. Of a day that both know it keeps the one with more samples, so that archives can be
// merged twice and in any order. It reports whether a day has changed. The other archive must not be used afterwards.
func (a *Archive) Merge(other *Archive) (changed bool) {
	if a.days == nil {
		a.days = map[int64]*day{}
	}
	for at, d := range other.days {
		if own := a.days[at]; own == nil || own.less(d) {
			a.days[at], changed = d, true
		}
	}
	a.newest = union(a.newest, other.newest)
	return changed
}

// union returns the newest of both. Outcomes that both have are the same ones. If one list has an outcome more often, its number counts.
func union(a, b []outcome) (all []outcome) {
	for len(a) > 0 && len(b) > 0 {
		order := a[0].compare(b[0])
		if order <= 0 {
			all, a = append(all, a[0]), a[1:]
		} else {
			all = append(all, b[0])
		}
		if order >= 0 {
			b = b[1:]
		}
	}
	all = slices.Concat(all, a, b)
	return all[max(0, len(all)-outcomes):]
}

// Respect prepares an import into another archive: it forgets the days of which the other knows as much, and takes over the scores of the
// rest.
func (a *Archive) Respect(other *Archive) {
	for at, d := range a.days {
		switch own := other.days[at]; {
		case own == nil:
		case own.less(d):
			d.scores = maps.Clone(own.scores)
		default:
			delete(a.days, at)
		}
	}
	a.newest = slices.DeleteFunc(a.newest, func(o outcome) bool { return a.days[dayOf(o.arrived)] == nil })
}

// Clone returns a copy.
func (a *Archive) Clone() *Archive {
	b := &Archive{Line: a.Line, days: map[int64]*day{}, newest: slices.Clone(a.newest)}
	for at, d := range a.days {
		b.days[at] = &day{maps.Clone(d.waits), maps.Clone(d.scores)}
	}
	return b
}

// Len returns how many waits there are.
func (a *Archive) Len() (n int) {
	for _, d := range a.days {
		n += d.total()
	}
	return n
}

// DropFrom forgets the day of an instant, and later ones.
func (a *Archive) DropFrom(t time.Time) {
	maps.DeleteFunc(a.days, func(at int64, _ *day) bool { return at >= dayOf(t) })
	a.newest = slices.DeleteFunc(a.newest, func(o outcome) bool { return dayOf(o.arrived) >= dayOf(t) })
}

// DropBefore forgets the days that began before an instant.
func (a *Archive) DropBefore(t time.Time) {
	maps.DeleteFunc(a.days, func(at int64, _ *day) bool { return at*secondsOfDay < t.Unix() })
	a.newest = slices.DeleteFunc(a.newest, func(o outcome) bool { return dayOf(o.arrived)*secondsOfDay < t.Unix() })
}
