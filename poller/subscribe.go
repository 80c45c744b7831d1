package poller

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"waitboard/domain"
)

// A Subscriber is a source that can tell of changes by itself.
type Subscriber interface {
	// Groups splits metric IDs into groups that fit into one subscription each.
	Groups(ids []string) [][]string
	// Subscribe has the source tell of each change of these metrics until ctx is done or the connection breaks, and returns
	// why: a *domain.Failure, or ctx's error. opened is called once the source has agreed to; a failure before that is its
	// answer to the whole. Messages come one by one, in their order.
	Subscribe(ctx context.Context, ids []string, opened func(), tell func(domain.Message)) error
}

const (
	handshakeBudget = 16              // that one attempt may spend on finding what the source does not tell of, beyond one a group
	maxRetry        = 5 * time.Minute // between two attempts of which none succeeds, and until a metric is tried again
	idle            = time.Hour       // nothing to do but to be woken
	lasting         = 6               // intervals after which a line was worth its handshake
)

// A stream keeps a source telling of the changes of the metrics that its poller has found to be in order. It runs in a
// goroutine of its own, and each line in one more; messages go straight from there to the poller's hear.
type stream struct {
	p      *Poller
	source Subscriber
	insist bool
	woken  chan struct{}  // has room for one
	ended  chan *line     // those that were open
	reader sync.WaitGroup // of all lines

	// Of the goroutine that runs the stream alone.
	lines   []*line // that are open, or have ended since
	retries *backoff.ExponentialBackOff
	next    time.Time            // no attempt before this
	refused map[string]time.Time // metric IDs of which the source does not tell, and when to ask it again
	told    domain.Cause         // what the log knows: why the source does not tell of changes, or telling
	shaky   bool                 // the last line ended soon after it was opened, and the next may as well

	// Guarded by the poller's mutex.
	tried   bool
	sockets int
	failure *domain.Failure // of the last attempt; nil: none
}

// A line is one subscription.
type line struct {
	ids    []string
	opened time.Time
	hangUp context.CancelFunc
	err    error // why it ended; not to be read before it has
}

func newStream(p *Poller, source Subscriber, insist bool) *stream {
	retries := backoff.NewExponentialBackOff()
	retries.InitialInterval, retries.Multiplier, retries.RandomizationFactor = p.interval/2, 2, 0.5
	retries.MaxInterval = max(maxRetry, p.interval)
	retries.Reset()
	return &stream{
		p: p, source: source, insist: insist, retries: retries, refused: map[string]time.Time{},
		woken: make(chan struct{}, 1), ended: make(chan *line),
	}
}

// wake has the stream look at what has changed. A nil stream has nothing to look at.
func (s *stream) wake() {
	if s == nil {
		return
	}
	select {
	case s.woken <- struct{}{}:
	default: // it is awake
	}
}

// run subscribes to what is in order, and again when that changes or a line breaks, until ctx is done and all lines have
// ended.
func (s *stream) run(ctx context.Context) {
	defer s.p.metrics.sockets.WithLabelValues(s.p.name).Set(0)
	defer s.reader.Wait()
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.woken:
		case <-timer.C:
		case l := <-s.ended:
			s.lost(l, l.err)
		}
		timer.Reset(s.tend(ctx))
	}
}

// tend opens lines for what has none, and after that ends those that are of no more use, so that nothing is untold in
// between. It returns how long nothing is to be done.
func (s *stream) tend(ctx context.Context) time.Duration {
	for _, l := range s.deaf() {
		l.hangUp()
		s.lost(l, errMissed)
	}
	now := s.p.now()
	wanted, ready := s.wanted(now)
	if !ready {
		return idle
	}
	keep, spare, need := s.sort(wanted)
	if len(keep) > 2*len(s.source.Groups(wanted)) { // pieces of many changes: whole again
		keep, spare, need = nil, s.lines, wanted
	}
	if len(need) > 0 && now.Before(s.next) {
		return s.next.Sub(now)
	}
	opened, failure := s.connect(ctx, need, len(keep) > 0)
	if ctx.Err() != nil {
		return idle
	}
	if s.lines = slices.Concat(keep, opened); failure != nil {
		s.lines = append(s.lines, spare...)
		s.next = s.p.now().Add(s.retryAfter(failure))
	} else {
		for _, l := range spare {
			l.hangUp()
		}
	}
	if s.shaky = s.shaky && s.proven().After(s.p.now()); failure != nil || !s.shaky {
		s.tell(failure)
	}
	s.publish(failure)
	return s.untilNext()
}

// proven is when the lines that there are will have been worth their handshakes.
func (s *stream) proven() (at time.Time) {
	for _, l := range s.lines {
		if last := l.opened.Add(lasting * s.p.interval); last.After(at) {
			at = last
		}
	}
	return at
}

// untilNext is how long it is until the next attempt, or until something refused is to be tried again.
func (s *stream) untilNext() time.Duration {
	now := s.p.now()
	next := now.Add(idle)
	if s.next.After(now) {
		next = s.next
	}
	for _, at := range s.refused {
		next = earliest(next, at)
	}
	if s.shaky && len(s.lines) > 0 {
		next = earliest(next, s.proven())
	}
	return max(next.Sub(now), time.Millisecond)
}

// connect opens lines for all of these metrics. A group that the source forbids is halved until those are found of which
// it does not tell. Where it forbids everything, it is not they that are bad.
func (s *stream) connect(ctx context.Context, ids []string, others bool) (opened []*line, failure *domain.Failure) {
	groups := s.source.Groups(ids)
	var refused []string
	for budget := len(groups) + handshakeBudget; len(groups) > 0 && budget > 0; budget-- {
		last := len(groups) - 1
		group := groups[last]
		l, err := s.open(ctx, group)
		count(s.p.metrics.connects, s.p.name, err)
		switch {
		case err == nil:
			opened, groups = append(opened, l), groups[:last]
		case failureOf(err).Cause != domain.Forbidden:
			return opened, failureOf(err)
		case len(group) == 1:
			refused, groups, failure = append(refused, group[0]), groups[:last], failureOf(err)
		default:
			half := len(group) / 2
			groups, failure = append(groups[:last], group[:half], group[half:]), failureOf(err)
		}
	}
	if len(opened) == 0 && !others {
		return nil, failure
	}
	s.refuse(refused)
	if len(groups) == 0 {
		failure = nil // found
	}
	return opened, failure
}

// refuse leaves metrics to the polls for a while.
func (s *stream) refuse(ids []string) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	for _, id := range ids {
		s.refused[id] = s.p.now().Add(maxRetry)
		if s.p.once("refused " + id) {
			s.p.log.Info("the source does not tell of the changes of a metric, though it answers for it; it is polled", "used_by", s.p.usersOf(id))
		}
	}
}

// open makes one line, and returns when the source has agreed to it, or has not.
func (s *stream) open(ctx context.Context, ids []string) (*line, error) {
	ctx, hangUp := context.WithCancel(ctx)
	l := &line{ids: ids, hangUp: hangUp}
	opened, over := make(chan struct{}), make(chan struct{})
	s.reader.Go(func() {
		defer hangUp()
		l.err = s.source.Subscribe(ctx, ids, func() { close(opened) }, s.p.hear)
		close(over)
		select {
		case <-opened:
		default:
			return // whoever opens it knows
		}
		select {
		case s.ended <- l:
		case <-ctx.Done():
		}
	})
	select {
	case <-opened:
		l.opened = s.p.now()
		return l, nil
	case <-over:
	}
	select {
	case <-opened: // and ended since, which is told
		l.opened = s.p.now()
		return l, nil
	default:
		return nil, l.err
	}
}

// errMissed ends a line through which the source did not tell of a change.
var errMissed = &domain.Failure{Cause: "missed_change", Detail: "a poll has found a change that it did not tell of"}

// lost forgets a line that has ended. One that served for a while is replaced soon, others later and later.
func (s *stream) lost(l *line, why error) {
	i := slices.Index(s.lines, l)
	if i < 0 {
		return // it was of no more use
	}
	s.lines = slices.Delete(s.lines, i, i+1)
	failure := failureOf(why)
	s.p.metrics.losses.WithLabelValues(s.p.name, string(failure.Cause)).Inc()
	now := s.p.now()
	if failure != errMissed && now.Sub(l.opened) >= lasting*s.p.interval {
		s.retries.Reset()
	} else {
		s.shaky = true
		s.tell(failure)
	}
	s.next = now.Add(s.retryAfter(failure))
	s.publish(failure)
}

// retryAfter is how long to leave a source alone that does not tell of changes; it is polled all the while.
func (s *stream) retryAfter(f *domain.Failure) time.Duration {
	delay := s.retries.NextBackOff()
	switch f.Cause {
	case domain.Timeout, domain.Unreachable, domain.ServerError: // it is down, and will be there again, or is so already
		delay = min(delay, max(maxBackoff, s.p.interval))
	case domain.Unauthorized:
		delay = max(delay, min(6*s.p.interval, maxBackoff))
	}
	return max(delay, f.RetryAfter)
}
