package poller

import (
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"

	"waitboard/domain"
)

// A schedule decides when to ask next.
type schedule struct {
	interval time.Duration
	budget   budget                      // of full polls, and of what is asked beside one
	failures int                         // polls that failed one after the other
	refusals *backoff.ExponentialBackOff // between polls while it is asked too much
	warmUps  *backoff.ExponentialBackOff // between questions for values that are initializing
	started  time.Time                   // when the last full poll that succeeded began
	pace     time.Duration               // the time from there to the next one; zero: there was none
	poll     time.Time                   // when the next full poll is due
}

const (
	firstWarmUp = time.Second
	maxBackoff  = time.Minute // unless the interval itself is longer
)

// newSchedule is for a source that is polled every interval. One that is asked too much, and does not say for how long to
// leave it alone, is left so for an interval at first, and for up to four of them, but not beyond a minute.
func newSchedule(interval time.Duration) schedule {
	return schedule{
		interval: interval,
		budget:   budget{interval: interval},
		refusals: newBackoff(interval, max(min(4*interval, maxBackoff), interval), 0.2),
		warmUps:  newBackoff(min(firstWarmUp, interval), interval, 0.1),
	}
}

// newBackoff doubles from first, give or take a share of it, and does not exceed most.
func newBackoff(first, most time.Duration, share float64) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.RandomizationFactor = first, 2, share
	b.MaxInterval = time.Duration(float64(most) / (1 + share)) // what is drawn at random comes on top
	b.Reset()
	return b
}

// warmUpDue tells whether now is only for values that are initializing, the next full poll being still to come.
func (s *schedule) warmUpDue(now time.Time) bool { return now.Before(s.poll) }

// succeeded is how long to sleep after a question that began at started and was answered at served. A full poll follows after
// the pace, or up to a twentieth later so that many sources don't ask in step, which also pays off what the budget is owed;
// and before it, while values are warming, questions for those.
func (s *schedule) succeeded(started, served, now time.Time, pace time.Duration, wasWarmUp, warming bool) time.Duration {
	if !wasWarmUp {
		s.failures = 0
		s.refusals.Reset()
		jitter := time.Duration(rand.Int64N(int64(pace/20) + 1))
		s.started, s.pace = started, pace
		s.poll = latest(latest(started.Add(pace+jitter), served.Add(s.interval/10)), s.budget.free())
	}
	if !warming {
		s.warmUps.Reset()
		return max(s.poll.Sub(now), 0)
	}
	next := latest(earliest(now.Add(s.warmUps.NextBackOff()), s.poll), s.budget.free())
	return max(next.Sub(now), 0)
}

// failed is how long to sleep after a question that began and ended at these times, and failed. What counts is when the source
// was last asked: that its answer did not come for long is no reason to leave it alone for even longer. It is one, if the
// source has asked for it, or does not accept the key, which will hardly be otherwise a moment later.
func (s *schedule) failed(started, ended time.Time, f *domain.Failure) time.Duration {
	switch f.Cause {
	case domain.Unauthorized:
		s.poll = ended.Add(max(min(6*s.interval, maxBackoff), s.interval))
	case domain.RateLimited:
		s.poll = ended.Add(s.refusals.NextBackOff())
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

// retry is when to ask again a source that was asked at that time, and failed. The time doubles from a quarter of an interval, so
// that a hiccup passes unnoticed, to the interval and no further: whenever the fault ends, visitors should not wait for longer.
// Chance has a part in it until then; after that nothing brings those in step whom it has parted.
func (s *schedule) retry(asked time.Time) time.Time {
	if s.failures < spare {
		delay := s.interval / 4 << s.failures
		delay = delay/2 + time.Duration(rand.Int64N(int64(delay)))
		if soon := asked.Add(delay); !soon.Before(s.budget.free()) {
			return soon
		}
	}
	return asked.Add(s.interval)
}

// hasten has the next full poll begin by that time, or as soon after it as the budget allows, since the pace is another now.
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
