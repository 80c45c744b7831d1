package poller

import "time"

// An urgency says when the next full poll is due.
type urgency uint8

const (
	normal      urgency = iota // at the pace of the subscription
	soon                       // within an interval: pushes and polls disagree, or a push could not be read
	immediately                // as soon as the budget allows
)

// beginPoll begins a full poll: it answers what made it urgent. What still disagrees comes up again in it.
func (s *state) beginPoll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.urgency = normal
}

// pace returns the time between two full polls: the interval, or longer while the source pushes all changes. now says that
// one is due immediately, healthy that the last one succeeded.
func (s *state) pace() (pace time.Duration, now, healthy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pace = s.o.Interval
	if s.pushes.Wanted && s.urgency == normal && !s.missedPush && s.polled() == 0 {
		pace = s.slowPace()
	}
	return pace, s.urgency == immediately, s.failure == nil
}

// polled returns how many accepted metrics the source doesn't push. The mutex must be held.
func (s *state) polled() (n int) {
	for _, m := range s.metrics {
		if m.access == accepted && m.pushedSince.IsZero() {
			n++
		}
	}
	return n
}

// slowPace returns the time between two polls that only confirm what the source pushes. It is half the time after which a
// widget marks a value stale: if one poll fails, the next one comes in time. The mutex must be held.
func (s *state) slowPace() time.Duration {
	stale := 12 * s.o.Interval
	for _, t := range s.targets {
		stale = min(stale, t.StaleAfter)
	}
	return max(stale/2, s.o.Interval)
}
