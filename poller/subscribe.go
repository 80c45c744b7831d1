package poller

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"waitboard/domain"
)

// A Subscriber is a source that can push changes.
type Subscriber interface {
	// Groups splits metric IDs into groups that fit into one subscription each.
	Groups(ids []string) [][]string
	// Subscribe makes the source push each change of these metrics. The caller must call run, which passes messages to receive,
	// one at a time and in their order, until ctx is done or the connection breaks. Errors of both are ctx's, or a
	// *domain.Failure.
	Subscribe(ctx context.Context, ids []string) (run func(receive func(domain.Push)) error, err error)
}

const (
	maxRetry    = 15 * time.Minute / 2 // between two attempts; five minutes on average
	idle        = time.Hour            // without anything to do
	socketLife  = 5 * time.Minute      // until a socket is renewed
	stableAfter = 6                    // intervals after which a socket was worth its handshake
)

// A subscription keeps sockets open through which a source pushes the changes of accepted metrics. Its fields belong to
// the goroutine that calls run. Each socket has a goroutine of its own, which passes messages to state.receive.
type subscription struct {
	o     *Options
	state *state
	ended chan *socket   // those that were open
	all   sync.WaitGroup // the sockets' goroutines

	sockets  []*socket // that are open, or whose end is not noticed yet
	retries  *backoff.ExponentialBackOff
	next     time.Time    // no attempt before this
	status   domain.Cause // the last logged one: pushing, or why the source doesn't push
	unstable bool         // the last socket ended soon after it was opened, and the next may as well
}

// pushing is the status of a subscription without a failure.
const pushing domain.Cause = "pushing"

func newSubscription(s *state) *subscription {
	return &subscription{
		o: &s.o, state: s, retries: newBackoff(s.o.Interval/2, max(maxRetry, s.o.Interval), 0.5),
		ended: make(chan *socket),
	}
}

// run keeps the subscription until ctx is done and all sockets have ended.
func (s *subscription) run(ctx context.Context) {
	defer s.o.Metrics.sockets.WithLabelValues(s.o.Name).Set(0)
	defer s.all.Wait()
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.state.subscription:
		case <-timer.C:
		case sock := <-s.ended:
			s.lost(sock, sock.err)
		}
		timer.Reset(s.update(ctx))
	}
}

// update opens sockets for metrics that have none, then closes sockets that are of no more use, so that no push is missed in
// between. It returns how long there is nothing to do.
func (s *subscription) update(ctx context.Context) time.Duration {
	for _, sock := range s.state.missing(s.sockets) {
		sock.close()
		s.lost(sock, errMissedPush)
	}
	now := s.o.Now()
	wanted, ready := s.state.subscribable()
	if !ready {
		return idle
	}
	var sockets []*socket
	var failure *domain.Failure
	for _, group := range s.o.Subscriber.Groups(wanted) {
		i := slices.IndexFunc(s.sockets, func(sock *socket) bool { return slices.Equal(sock.ids, group) })
		switch {
		case i >= 0 && (now.Before(s.sockets[i].renew) || now.Before(s.next)):
			sockets = append(sockets, s.sockets[i])
			continue
		case i >= 0:
			sockets = append(sockets, s.renewed(ctx, s.sockets[i]))
			continue
		case failure != nil:
			continue
		case now.Before(s.next):
			return s.next.Sub(now)
		}
		sock, err := s.open(ctx, group)
		if ctx.Err() != nil {
			return idle
		}
		if err != nil {
			failure = failureOf(err)
		} else {
			sockets = append(sockets, sock)
		}
	}
	for _, sock := range s.sockets {
		if slices.Contains(sockets, sock) {
			continue
		}
		if failure == nil {
			sock.close()
		} else {
			sockets = append(sockets, sock)
		}
	}
	s.sockets = sockets
	return min(s.updated(failure), s.untilRenewal())
}

// updated notes the result of an update. It returns how long there is nothing to do.
func (s *subscription) updated(failure *domain.Failure) time.Duration {
	now, stable := s.o.Now(), s.stableAt()
	s.unstable = s.unstable && stable.After(now)
	if failure != nil || !s.unstable {
		s.log(failure)
	}
	if failure != nil {
		s.next = now.Add(s.retryAfter(failure))
	}
	s.state.subscribed(s.sockets, failure, s.next)
	switch {
	case failure != nil:
		return s.next.Sub(now)
	case s.unstable:
		return stable.Sub(now)
	}
	return idle
}

// stableAt returns when all sockets will have been worth their handshakes.
func (s *subscription) stableAt() (at time.Time) {
	for _, sock := range s.sockets {
		at = latest(at, sock.opened.Add(stableAfter*s.o.Interval))
	}
	return at
}

// log logs when the source begins to push changes, and each cause once when it doesn't. It is not called while sockets end as
// soon as they are opened.
func (s *subscription) log(failure *domain.Failure) {
	before, now := s.status, pushing
	if failure != nil {
		now = failure.Cause
	}
	if now == before || failure == nil && len(s.sockets) == 0 {
		return
	}
	s.status = now
	const unavailable = "subscription unavailable, falling back to polling"
	switch {
	case failure == nil:
		s.o.Log.Info("subscription active", "sockets", len(s.sockets))
	case s.o.SubscriptionRequired:
		s.o.Log.Error(unavailable, "mode", "subscribe", "cause", failure.Cause, "detail", failure.Detail)
	default:
		s.o.Log.Info(unavailable, "mode", "auto", "cause", failure.Cause, "detail", failure.Detail)
	}
}
