// Package estimate infers from the first in line how long callers wait, learns it by the number of callers ahead, and scores what was
// announced. It is pure: it reads no clock and no file.
package estimate

import (
	"slices"
	"time"

	"waitboard/domain"
)

const (
	sameCaller = time.Second    // arrival times that differ by less are of one caller
	widest     = time.Minute    // a wait is not inferred across a longer gap between observations
	longest    = 12 * time.Hour // a longer wait is a forgotten call
	remembered = 10_000         // changes of the queue; older ones are forgotten
)

// A Sample is the inferred wait of one caller. For a caller who gave up, it is how long the wait would have been.
type Sample struct {
	Arrived time.Time
	Wait    time.Duration
	Ahead   int          // how many callers waited then, as far as the source had reported
	Said    domain.Range // what was announced then; the zero Range: nothing
}

// A Line follows one line of callers. Its methods expect calls in the order of time; at the same time Queue comes first, and Said last. It is
// not safe for concurrent use.
type Line struct {
	queue    series[int]
	said     series[domain.Range]
	first    time.Time // when the first in line arrived; zero: nobody waits, or it is unknown
	previous time.Time // when the one before arrived, or nobody waited; zero: unknown
	seen     time.Time // when that was last observed
}

// NewLine returns a line of which nothing is known yet.
func NewLine() *Line { return &Line{} }

// Wait notes for how long the first in line has waited, and returns the waits that are over. Call it for every poll, also if nothing changed:
// a wait ended halfway between the last call and this one. For a push call it twice, with what was true until then and with what is true now.
func (l *Line) Wait(at time.Time, wait time.Duration, waiting bool) (over []Sample) {
	arrived, known := at.Add(-wait), !l.first.IsZero()
	switch {
	case at.Before(l.seen), known && waiting && l.first.Sub(arrived) >= sameCaller:
		l.Break(at) // time runs forward, and so does the line
	case known && waiting && arrived.Sub(l.first) < sameCaller:
	case known:
		over = l.left(at)
		l.previous = l.first
	}
	l.seen, l.first = at, arrived
	if !waiting {
		l.first, l.previous = time.Time{}, at
	}
	l.queue.forget(l.previous.Add(-sameCaller))
	l.said.forget(l.previous.Add(-sameCaller))
	return over
}

// left returns the waits that are over because the first in line left since the last observation: of this caller, and of those who arrived
// since the previous one and gave up.
func (l *Line) left(at time.Time) (over []Sample) {
	end := l.seen.Add(at.Sub(l.seen) / 2)
	if at.Sub(l.seen) > widest || end.Sub(l.first) > longest {
		return nil
	}
	own := l.queue.from(l.first.Add(-sameCaller)) // the first in line's own arrival, or the first change after it
	if !l.previous.IsZero() {
		for i := l.queue.from(l.previous.Add(-sameCaller)) + 1; i < own; i++ {
			if l.queue[i].value > l.queue[i-1].value {
				over = append(over, l.sample(i, l.queue[i].at, end))
			}
		}
	}
	if own > 0 {
		over = append(over, l.sample(own, l.first, end))
	}
	return over
}

// sample returns the wait of the caller who caused a change of the queue.
func (l *Line) sample(change int, arrived, end time.Time) Sample {
	s := Sample{Arrived: arrived, Wait: max(end.Sub(arrived), 0), Ahead: l.queue[change-1].value}
	if i := l.said.from(arrived.Add(-sameCaller)); i > 0 {
		s.Said = l.said[i-1].value
	}
	return s
}

// Queue notes how many callers wait from an instant on.
func (l *Line) Queue(at time.Time, callers int) { l.queue.add(at, callers) }

// Said notes what visitors see from an instant on; the zero Range: nothing.
func (l *Line) Said(at time.Time, r domain.Range) { l.said.add(at, r) }

// Break forgets the line, for instance after an outage. No wait is inferred across it.
func (l *Line) Break(at time.Time) { *l = Line{seen: at} }

// A series is a value that changes, the oldest change first.
type series[T comparable] []change[T]

type change[T comparable] struct {
	at    time.Time
	value T
}

func (s *series[T]) add(at time.Time, value T) {
	n := len(*s)
	if n > 0 && (*s)[n-1].value == value {
		return
	}
	if n == remembered {
		*s = slices.Delete(*s, 0, n/2)
	}
	*s = append(*s, change[T]{at, value})
}

// from returns the index of the first change at an instant or later.
func (s series[T]) from(t time.Time) int {
	i, _ := slices.BinarySearchFunc(s, t, func(c change[T], t time.Time) int { return c.at.Compare(t) })
	return i
}

// forget drops the values that were replaced before an instant.
func (s *series[T]) forget(t time.Time) {
	if i := s.from(t); i > 1 {
		*s = slices.Delete(*s, 0, i-1)
	}
}
