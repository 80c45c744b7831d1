package poller

import (
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"

	"waitboard/wait"
)

// A schedule decides when to ask next.
type schedule struct {
	interval time.Duration
	failures *backoff.ExponentialBackOff // between polls while the source fails
	warmUps  *backoff.ExponentialBackOff // between questions for values that are initializing
	started  time.Time                   // when the last full poll that succeeded began
	pace     time.Duration               // the time from there to the next one; zero: there was none
	poll     time.Time                   // when the next full poll is due
}

const (
	firstWarmUp = time.Second
	maxBackoff  = time.Minute // unless the interval itself is longer
)

// newSchedule is for a source that is polled every interval. While it fails the time between polls doubles from half an
// interval, so that a hiccup passes unnoticed, to four intervals, but not beyond a minute: after a long outage visitors
// should not wait longer than that.
func newSchedule(interval time.Duration) schedule {
	failures := backoff.NewExponentialBackOff()
	failures.InitialInterval, failures.Multiplier, failures.RandomizationFactor = interval/2, 2, 0.2
	failures.MaxInterval = time.Duration(float64(max(min(4*interval, maxBackoff), interval)) / 1.2) // what is drawn at random comes on top
	failures.Reset()
	warmUps := backoff.NewExponentialBackOff()
	warmUps.InitialInterval, warmUps.Multiplier, warmUps.RandomizationFactor = min(firstWarmUp, interval), 2, 0.1
	warmUps.MaxInterval = interval
	warmUps.Reset()
	return schedule{interval: interval, failures: failures, warmUps: warmUps}
}

// warmUpDue tells whether now is only for values that are initializing, the next full poll being still to come.
func (s *schedule) warmUpDue(now time.Time) bool { return now.Before(s.poll) }

// next is how long to sleep after a question that began and ended at these times with this outcome. A full poll follows
// after the pace, give or take a twentieth so that many sources don't ask in step; after a failure as newSchedule
// says, or later when the source asked for that; and before it, while values are warming, questions for those.
func (s *schedule) next(started, ended time.Time, err error, pace time.Duration, wasWarmUp, warming bool) time.Duration {
	switch {
	case err != nil:
		s.poll = ended.Add(s.backOff(err))
		return s.poll.Sub(ended)
	case !wasWarmUp:
		s.failures.Reset()
		jitter := time.Duration(rand.Int64N(int64(pace/10))) - pace/20
		s.started, s.pace = started, pace
		s.poll = latest(started.Add(pace+jitter), ended.Add(s.interval/10))
	}
	if !warming {
		s.warmUps.Reset()
		return s.poll.Sub(ended)
	}
	return max(min(s.warmUps.NextBackOff(), s.poll.Sub(ended)), 0)
}

// backOff is how long to leave a failing source alone. A key that is not accepted will hardly be so a moment later.
func (s *schedule) backOff(err error) time.Duration {
	delay := s.failures.NextBackOff()
	failure := failureOf(err)
	if failure.Cause == wait.Unauthorized {
		delay = max(min(6*s.interval, maxBackoff), s.interval)
	}
	return max(delay, failure.RetryAfter)
}

// hasten has the next full poll begin by that time, since the pace is another now.
func (s *schedule) hasten(by time.Time, pace time.Duration) {
	s.poll, s.pace = earliest(s.poll, by), pace
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
