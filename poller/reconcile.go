package poller

import (
	"math"
	"time"

	"waitboard/domain"
)

const (
	// clockMoved is the distance between two readings of one running duration from which on the source's clock must have
	// been set in between. Less than that is a better estimate of it.
	clockMoved = 2 * time.Second

	// pushDelay is how long before a poll a change may be dated that the poll's answer does not have yet: the source's
	// clock is only estimated, and it may take a moment itself.
	pushDelay = 5 * time.Second
)

// reconcile decides between the last sample of a value and the answer to a poll that was sent at asked. It returns the
// sample to keep. disputed says that the answer confirms nothing, and that another poll should follow within an interval.
//
// If a push brought the last sample, both carry the time of the change by the source's own clock, to compare:
//
//	the answer is | push before the poll was sent    | push after the poll was sent
//	newer         | answer                           | answer
//	equal         | answer                           | same value: push, confirmed; else push, disputed
//	older         | push, disputed; after patience,  | push, confirmed: it was true after
//	              | answer: the clock was set back   | the answer was made
//	undated       | answer                           | push, disputed
//
// If a poll brought the last sample, the answer wins. A running duration keeps its line where the source's clock was set
// (see [lineOf]). An unclear answer, of a doubtful date, confirms a running duration only if both agree by the answer's own
// date; it replaces any other value, except a settled one that has not changed.
func reconcile(last domain.Sample, answer domain.KeyedReading, asked time.Time, patience time.Duration) (sample domain.Sample, disputed bool) {
	confirmed := last
	confirmed.Confirmed = asked
	if answer.Reading.Unclear && runsOn(&last, answer.ByOwnDate, asked) {
		return confirmed, false
	}
	if answer.Reading.Unclear && settled(&last) && sameDate(&last, answer) {
		return last, true
	}
	replaced := domain.Sample{Reading: answer.Reading, Confirmed: asked, Updated: answer.Updated}
	if replaced.Reading.Rate != 0 {
		replaced.Reading, replaced.Dated = lineOf(&last, answer, asked)
	}
	newer, equal, undated := answer.Updated.After(last.Updated), answer.Updated.Equal(last.Updated), answer.Updated.IsZero()
	switch {
	case last.PushedAt.IsZero() || newer:
		return replaced, false
	case !last.PushedAt.After(asked): // push before the poll was sent
		if equal || undated || asked.Sub(last.PushedAt) >= patience {
			return replaced, false
		}
		return last, true
	case undated, equal && !sameValue(answer.Reading, last.Reading):
		return last, true
	}
	return confirmed, false
}

// runsOn returns whether a running duration, dated by its answer's own clock, is the last one.
func runsOn(last *domain.Sample, own domain.Reading, asked time.Time) bool {
	if own.Kind != domain.Duration || own.Rate == 0 || last.Reading.Kind != domain.Duration || last.Reading.Rate != own.Rate {
		return false
	}
	is, _ := own.At(asked)
	was, _ := last.Reading.At(asked)
	return (is.Duration - was.Duration).Abs() <= clockMoved
}

// sameDate returns whether a value has not changed since the last sample, as far as its date says.
func sameDate(last *domain.Sample, r domain.KeyedReading) bool {
	return !r.Updated.IsZero() && r.Updated.Equal(last.Updated)
}

// settled returns whether two answers agree on a line: one alone may have been made while the clock was set.
func settled(last *domain.Sample) bool {
	return !last.Dated.IsZero() && last.Dated.Before(last.Confirmed)
}

// lineOf returns the line of a running duration, and when the first answer that agrees on it was requested. A settled line
// stays if the source's clock was set since: its date is by the clock of before, and the estimate is of the clock of now.
func lineOf(last *domain.Sample, r domain.KeyedReading, asked time.Time) (line domain.Reading, dated time.Time) {
	switch {
	case !sameDate(last, r), !sameValue(r.Reading, last.Reading), last.Dated.IsZero():
		return r.Reading, asked
	case r.Reading.Instant.Sub(last.Reading.Instant).Abs() <= clockMoved:
		return r.Reading, last.Dated
	case settled(last):
		return last.Reading, last.Dated
	}
	return r.Reading, asked
}

// sameValue returns whether two readings that the source dates alike are the same. Their instants, by our estimate of its
// clock, may differ.
func sameValue(a, b domain.Reading) bool {
	a.Instant = b.Instant
	return a == b
}

// continues returns whether a later reading says the same as one before. A running duration may differ by a second, as the
// estimate of the source's clock moves.
func continues(before, after *domain.Sample) bool {
	a, b := before.Reading, after.Reading
	if a.Kind != domain.Duration || b.Kind != domain.Duration {
		return a == b
	}
	passed := after.Updated.Sub(before.Updated)
	return a.Rate == b.Rate && math.Abs(b.Base-a.Base-a.Rate*float64(passed.Milliseconds())) <= float64(time.Second.Milliseconds())
}
