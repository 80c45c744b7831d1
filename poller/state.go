package poller

import (
	"math"
	"sync"
	"time"

	"waitboard/domain"
)

// A state is what is known of a source: the part of a poller that its loop, its subscription, and those who ask for
// reports share. Methods lock the mutex, unless they say that it must be held.
type state struct {
	o            Options
	loop         chan struct{} // wakes the poller's loop; has room for one
	subscription chan struct{} // wakes the subscription, likewise

	mu          sync.Mutex // guards what follows; never held during a request
	targets     []*target
	initial     map[string]domain.Observation // by Want.Metric: of Options, as long as no metric ID has taken it over
	metrics     map[string]*metricState       // by metric ID: every metric that a target has resolved to
	catalog     catalog
	listed      bool            // the catalog is of use
	listFailure *domain.Failure // why there never was a list; nil: there was, or it was not tried
	listDue     time.Time       // when to read the list again
	tried       bool            // the source has sent a value, or the first poll is over
	failure     *domain.Failure // of the last poll; nil: it succeeded
	failing     time.Time       // since when polls fail
	answered    time.Time       // when the source last sent a value; zero: never
	urgency     urgency         // of the next full poll
	missedPush  bool            // the source missed a push, and has pushed nothing since
	logged      map[string]bool // what is logged once
	pushes      SubscriptionReport
}

// A metricState is what is known of one metric ID.
type metricState struct {
	names        []string // the Want.Metric of all targets that resolve to it
	observation  domain.Observation
	initializing bool   // some values are
	unexpected   string // why the last answer or push has no value, though something came

	access  access
	cause   domain.Cause  // why the source rejects it
	retryAt time.Time     // when to request it again, if quarantined; zero: at once
	pause   time.Duration // the length of its last quarantine

	pushedSince time.Time         // since when the source pushes its changes; zero: it doesn't
	expected    map[string]change // by category value: changes that a poll found and no push has reported yet
	missedPush  bool              // a push did not come in time
}

// An access says how the source takes requests for a metric.
type access uint8

const (
	accepted    access = iota // requested together with the others, as every metric at first
	suspect                   // it was in a rejected batch: bisecting decides
	untried                   // the list does not have it: requested alone
	quarantined               // the source rejects requests for it: requested again at retryAt
)

// String returns the access in a word.
func (a access) String() string {
	return [...]string{"accepted", "suspect", "untried", "quarantined"}[a]
}

func newState(o Options) *state {
	s := &state{
		o: o, loop: make(chan struct{}, 1), subscription: make(chan struct{}, 1),
		initial: o.Initial, metrics: map[string]*metricState{}, logged: map[string]bool{}, pushes: SubscriptionReport{Wanted: o.Subscriber != nil},
	}
	for _, w := range o.Wants {
		s.targets = append(s.targets, &target{Want: w})
	}
	return s
}

// wake makes the goroutine that waits for c look for changes.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is awake
	}
}

// endPoll notes how a poll ended, and logs when that differs from the last one.
func (s *state) endPoll(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = true
	before := s.failure
	if s.failure = nil; err != nil {
		s.failure = failureOf(err)
	}
	first := err == nil && s.once("poll succeeded")
	switch {
	case before == nil && err == nil:
		if first {
			s.o.Log.Info("poll succeeded")
		}
		return
	case before != nil && err != nil && before.Cause == s.failure.Cause:
		return
	case err == nil:
		s.o.Log.Info("poll succeeded again", "after", s.o.Now().Sub(s.failing).Round(time.Second).String())
	case s.failure.Cause == domain.Unauthorized:
		s.o.Log.Error("key rejected, retrying; check the key and its service user", "cause", domain.Unauthorized, "key_from", s.o.KeyFrom)
	default:
		s.o.Log.Warn("poll failed, retrying", "cause", s.failure.Cause, "detail", s.failure.Detail)
	}
	if before == nil {
		s.failing = s.o.Now()
	}
}

// once returns whether this is the first call for a message about a key. The mutex must be held.
func (s *state) once(key string) bool {
	first := !s.logged[key]
	s.logged[key] = true
	return first
}

// age returns how many seconds ago the source last sent a value; +Inf if it never did.
func (s *state) age() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answered.IsZero() {
		return math.Inf(1)
	}
	return s.o.Now().Sub(s.answered).Seconds()
}
