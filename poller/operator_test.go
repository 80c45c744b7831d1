package poller

import (
	"testing"
	"testing/synctest"
	"time"

	"waitboard/domain"
)

// A report says since when the source pushes or doesn't, and of a failed attempt also its time and that of the next one.
func TestSubscriptionReport(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	broken := &domain.Failure{Cause: domain.Unreachable, Detail: "the connection broke"}
	r := SubscriptionReport{Wanted: true}
	for i, step := range []struct {
		sockets          int
		failure          *domain.Failure
		since, attempted time.Time
	}{
		{0, broken, at(0), at(0)},
		{0, broken, at(0), at(1)},
		{1, nil, at(2), time.Time{}},
		{2, nil, at(2), time.Time{}},
		{1, broken, at(2), at(4)}, // one of two sockets ended
		{0, broken, at(5), at(5)},
		{1, nil, at(6), time.Time{}},
	} {
		r.note(step.sockets, step.failure, at(i), at(i+60))
		next := time.Time{}
		if step.failure != nil {
			next = at(i + 60)
		}
		if want := (SubscriptionReport{Wanted: true, Tried: true, Sockets: step.sockets, Failure: step.failure, Since: step.since, Attempted: step.attempted, Next: next}); r != want {
			t.Errorf("step %d: %+v, want %+v", i, r, want)
		}
	}
}

// Polled is called after each full poll, also a failed one.
func TestPolled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := counts(1)
		var polls, failures int
		r := runWith(t, u, Options{Source: u, Polled: func(_ time.Duration, failed bool) {
			polls++
			if failed {
				failures++
			}
		}}, ref("M0"))
		r.pass(time.Minute)
		if polls < 6 || polls > 8 || failures != 0 {
			t.Errorf("%d polls, %d failed", polls, failures)
		}
		u.change(func() { u.err = &domain.Failure{Cause: domain.Unreachable} })
		r.pass(time.Minute)
		if failures < 5 || failures > 10 {
			t.Errorf("%d failed", failures)
		}
	})
}
