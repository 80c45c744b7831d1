package poller

import (
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"

	"waitboard/domain"
)

// A schedule decides when to make the next requests.
type schedule struct {
	interval time.Duration
	budget   budget                      // of full polls
	failures int                         // polls that failed in a row
	limited  *backoff.ExponentialBackOff // between polls of a source that limits its rate
	warmUps  *backoff.ExponentialBackOff // between requests for initializing values
	started  time.Time                   // when the last successful full poll began
	pace     time.Duration               // from there to the next one; zero: there was none
	poll     time.Time                   // when the next full poll is due
}

const (
	firstWarmUp = time.Second
	maxBackoff  = time.Minute // unless the interval is longer
)

// newSchedule returns the schedule of a source. If a source limits its rate without Retry-After, the pause grows from one
// interval to four, but not beyond a minute.
func newSchedule(interval time.Duration) schedule {
	return schedule{
		interval: interval,
		budget:   budget{interval: interval},
		limited:  newBackoff(interval, max(min(4*interval, maxBackoff), interval), 0.2),
		warmUps:  newBackoff(min(firstWarmUp, interval), interval, 0.1),
	}
}

// newBackoff doubles from first, plus or minus a share of it, and does not exceed most.
func newBackoff(first, most time.Duration, share float64) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.RandomizationFactor = first, 2, share
	b.MaxInterval = time.Duration(float64(most) / (1 + share)) // the random share is added to it
	b.Reset()
	return b
}

// warmUpDue returns whether only initializing values are due, and the next full poll is not.
func (s *schedule) warmUpDue(now time.Time) bool { return now.Before(s.poll) }

// succeeded returns how long to sleep after requests that began at started and had their answers at served. The next full
// poll follows after the pace, plus up to a twentieth, which spreads sources and pays back the budget. While values are
// initializing, warm-ups come before it.
func (s *schedule) succeeded(started, served, now time.Time, pace time.Duration, wasWarmUp, initializing bool) time.Duration {
	if !wasWarmUp {
		s.failures = 0
		s.limited.Reset()
		jitter := time.Duration(rand.Int64N(int64(pace/20) + 1))
		s.started, s.pace = started, pace
		s.poll = latest(latest(started.Add(pace+jitter), served.Add(s.interval/10)), s.budget.free())
	}
	if !initializing {
		s.warmUps.Reset()
		return max(s.poll.Sub(now), 0)
	}
	next := latest(earliest(now.Add(s.warmUps.NextBackOff()), s.poll), s.budget.free())
	return max(next.Sub(now), 0)
}

// failed returns how long to sleep after requests that failed. The time counts from when the poll was sent: a timeout is no
// reason to wait even longer. After Retry-After or a rejected key it counts from the end.
func (s *schedule) failed(started, ended time.Time, f *domain.Failure) time.Duration {
	switch f.Cause {
	case domain.Unauthorized:
		s.poll = ended.Add(max(min(6*s.interval, maxBackoff), s.interval))
	case domain.RateLimited:
		s.poll = ended.Add(s.limited.NextBackOff())
	default:
		s.poll = s.retry(latest(started, s.budget.last))
	}
	s.failures++
	if f.RetryAfter > 0 {
		s.budget.rest(ended.Add(f.RetryAfter))
	}
	s.poll = latest(s.poll, s.budget.free())
	return max(s.poll.Sub(ended), 0)
}

// retry returns when to poll again after a failed poll that was sent at a time. The delay doubles from a quarter of an
// interval to the interval and no further: however long a fault lasts, visitors should not wait longer once it ends. The
// first delays are random, which spreads the sources that failed together.
func (s *schedule) retry(sent time.Time) time.Time {
	if s.failures < spare {
		delay := s.interval / 4 << s.failures
		delay = delay/2 + time.Duration(rand.Int64N(int64(delay)))
		if early := sent.Add(delay); !early.Before(s.budget.free()) {
			return early
		}
	}
	return sent.Add(s.interval)
}

// hasten makes the next full poll begin by a time, or as soon after it as the budget allows, and changes the pace.
func (s *schedule) hasten(by time.Time, pace time.Duration) {
	s.poll, s.pace = earliest(s.poll, latest(by, s.budget.free())), pace
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// spare is how many polls may come early, so that visitors don't notice a hiccup.
const spare = 2

// A budget bounds how often a source is polled: at most n + spare + 1 times in any n intervals. Each poll costs an
// interval; polls that come early borrow, and pay back while polls are further apart. It is the generic cell rate algorithm.
type budget struct {
	interval time.Duration
	paid     time.Time // when all polls are paid for
	last     time.Time // when the last poll was made
}

// free returns when the next poll may be made: at the latest an interval after the last one, unless the budget rests.
func (b *budget) free() time.Time { return b.paid.Add(-spare * b.interval) }

// rest allows no poll until a time.
func (b *budget) rest(until time.Time) { b.paid = latest(b.paid, until.Add(spare*b.interval)) }

// spend counts a poll at a time, which is not before free.
func (b *budget) spend(at time.Time) {
	b.paid, b.last = latest(b.paid, at).Add(b.interval), at
}
