package poller

import (
	"context"
	"slices"
	"time"

	"waitboard/domain"
)

// A socket is a connection through which the source pushes the changes of some metrics.
type socket struct {
	ids    []string
	opened time.Time // when the source began to push, perhaps through an earlier socket
	renew  time.Time // when another one takes its place
	close  context.CancelFunc
	err    error // why it ended; not to be read before that
}

// open opens a socket. Its goroutine ends with the socket; run joins it.
func (s *subscription) open(ctx context.Context, ids []string) (*socket, error) {
	ctx, cancel := context.WithCancel(ctx)
	run, err := s.o.Subscriber.Subscribe(ctx, ids)
	count(s.o.Metrics.connects, s.o.Name, err)
	if err != nil {
		cancel()
		return nil, err
	}
	now := s.o.Now()
	sock := &socket{ids: ids, opened: now, renew: now.Add(socketLife), close: cancel}
	s.all.Go(func() {
		defer cancel()
		sock.err = run(s.state.receive)
		select {
		case s.ended <- sock:
		case <-ctx.Done():
		}
	})
	return sock, nil
}

// renewed returns a new socket in place of an old one, which the caller closes. The source's name may lead to another address by
// now, while the old one still answers. If no socket can be opened, the old one stays.
func (s *subscription) renewed(ctx context.Context, old *socket) *socket {
	sock, err := s.open(ctx, old.ids)
	if err != nil {
		old.renew = s.o.Now().Add(socketLife)
		return old
	}
	sock.opened = old.opened
	return sock
}

// untilRenewal returns how long no socket is to be renewed.
func (s *subscription) untilRenewal() time.Duration {
	wait, now := idle, s.o.Now()
	for _, sock := range s.sockets {
		wait = min(wait, max(latest(sock.renew, s.next).Sub(now), 0))
	}
	return wait
}

// errMissedPush ends a socket that missed a change.
var errMissedPush = &domain.Failure{Cause: "missed_change", Detail: "a poll found a change that the source had not pushed"}

// lost drops a socket that has ended. It is replaced soon if it was stable, else after a growing delay.
func (s *subscription) lost(sock *socket, why error) {
	i := slices.Index(s.sockets, sock)
	if i < 0 {
		return // update closed it
	}
	s.sockets = slices.Delete(s.sockets, i, i+1)
	failure := failureOf(why)
	s.o.Metrics.losses.WithLabelValues(s.o.Name, string(failure.Cause)).Inc()
	now := s.o.Now()
	if failure != errMissedPush && now.Sub(sock.opened) >= stableAfter*s.o.Interval {
		s.retries.Reset()
	} else {
		s.unstable = true
		s.log(failure)
	}
	s.next = now.Add(s.retryAfter(failure))
	s.state.subscribed(s.sockets, failure, s.next)
}

// retryAfter returns how long to wait before the next attempt to subscribe.
func (s *subscription) retryAfter(f *domain.Failure) time.Duration {
	delay := s.retries.NextBackOff()
	switch f.Cause {
	case domain.Timeout, domain.Unreachable, domain.ServerError, domain.Forbidden: // outages end, and polls quarantine what is forbidden
		delay = min(delay, max(maxBackoff, s.o.Interval))
	case domain.Unauthorized:
		delay = max(delay, min(6*s.o.Interval, maxBackoff))
	}
	return max(delay, f.RetryAfter)
}

// subscribable lists the metric IDs that the source should push. It is not ready while polls fail: pushes would have no values
// to change.
func (s *state) subscribable() (ids []string, ready bool) {
	ids = s.idsWhere(func(m *metricState) bool {
		return m.access == accepted || m.access == suspect && !m.pushedSince.IsZero()
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	return ids, s.failure == nil && s.tried
}

// missing lists the sockets through which the source missed a push. Polls do without them until the source pushes again.
func (s *state) missing(sockets []*socket) (missing []*socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sock := range sockets {
		if slices.ContainsFunc(sock.ids, func(id string) bool { m := s.metrics[id]; return m != nil && m.missedPush }) {
			missing = append(missing, sock)
			s.missedPush = true
		}
	}
	return missing
}

// subscribed notes which metrics the source pushes, and when the next attempt is due after a failure. When the source begins to
// push one, a poll is due immediately, for the changes between the last poll and now.
func (s *state) subscribed(sockets []*socket, failure *domain.Failure, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := map[string]time.Time{}
	for _, sock := range sockets {
		for _, id := range sock.ids {
			since[id] = sock.opened
		}
	}
	for id, m := range s.metrics {
		if at := since[id]; at.IsZero() != m.pushedSince.IsZero() { // else a socket replaced another without a gap
			m.pushedSince, m.expected, m.missedPush = at, nil, false
			if !at.IsZero() {
				s.urgency = immediately
			}
		}
	}
	s.pushes.note(len(sockets), failure, s.o.Now(), next)
	s.o.Metrics.sockets.WithLabelValues(s.o.Name).Set(float64(len(sockets)))
	wake(s.loop)
}

// note notes the result of an attempt to subscribe, or the end of a socket.
func (r *SubscriptionReport) note(sockets int, failure *domain.Failure, now, next time.Time) {
	if !r.Tried || (sockets > 0) != (r.Sockets > 0) {
		r.Since = now
	}
	r.Tried, r.Sockets, r.Failure, r.Attempted, r.Next = true, sockets, failure, time.Time{}, time.Time{}
	if failure != nil {
		r.Attempted, r.Next = now, next
	}
}
