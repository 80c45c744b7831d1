package poller

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/domain"
)

// A faulty source fails while it has a fault.
type faulty struct {
	*pusher
	timeout time.Duration // after which a request is given up
	answers time.Duration // how long an answer takes

	fault    fault
	healed   chan struct{} // closed when the fault is over
	failed   bool          // the last request for values that ended had no answer
	stuck    int           // requests for values that are stuck in a fault
	answered time.Time     // when values last came
}

// A fault delays a request or returns its failure; nil: none.
type fault func(ctx context.Context, healed <-chan struct{}) error

func fails(f domain.Failure) fault {
	return func(context.Context, <-chan struct{}) error { return &f }
}

var faults = map[string]fault{
	"refused":         fails(domain.Failure{Cause: domain.Unreachable}),
	"server error":    fails(domain.Failure{Cause: domain.ServerError}),
	"garbage":         fails(domain.Failure{Cause: domain.Malformed}),
	"too much":        fails(domain.Failure{Cause: domain.TooLarge}),
	"bad certificate": fails(domain.Failure{Cause: domain.Untrusted}),
	"404 to all":      fails(domain.Failure{Cause: domain.NotFound}),
	"reset of some": func(context.Context, <-chan struct{}) error {
		if rand.IntN(2) == 0 {
			return &domain.Failure{Cause: domain.Unreachable}
		}
		return nil
	},
	"reset after a while": func(ctx context.Context, _ <-chan struct{}) error {
		return cmp.Or(pause(ctx, interval*3/4), error(&domain.Failure{Cause: domain.Unreachable}))
	},
	"dead connection": func(ctx context.Context, _ <-chan struct{}) error { <-ctx.Done(); return ctx.Err() },
	"stalled connection": func(ctx context.Context, healed <-chan struct{}) error {
		select {
		case <-ctx.Done():
		case <-healed:
		}
		return ctx.Err()
	},
	"dead or refused": func(ctx context.Context, _ <-chan struct{}) error {
		if rand.IntN(2) == 0 {
			return &domain.Failure{Cause: domain.Unreachable}
		}
		<-ctx.Done()
		return ctx.Err()
	},
	"too slow": func(ctx context.Context, _ <-chan struct{}) error { return pause(ctx, time.Hour) },
}

// slowFaults are faults after which the poller waits longer on purpose.
var slowFaults = map[string]fault{
	"rate limited":  fails(domain.Failure{Cause: domain.RateLimited}),
	"Retry-After":   fails(domain.Failure{Cause: domain.ServerError, RetryAfter: 25 * time.Second}),
	"rejected key":  fails(domain.Failure{Cause: domain.Unauthorized}),
	"hardly slower": func(ctx context.Context, _ <-chan struct{}) error { return pause(ctx, interval*3/2) },
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
	return ctx.Err()
}

// reach takes a request through the fault. stuck counts the requests in it.
func (s *faulty) reach(ctx context.Context, stuck *int) error {
	request, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	s.mu.Lock()
	fault, healed := s.fault, s.healed
	*stuck++
	s.mu.Unlock()
	var err error
	if fault != nil {
		err = fault(request, healed)
	}
	s.change(func() { *stuck-- })
	if err == nil {
		err = pause(request, s.answers)
	}
	if err != nil && request.Err() != nil && ctx.Err() == nil {
		err = &domain.Failure{Cause: domain.Timeout}
	}
	return err
}

func (s *faulty) Metrics(ctx context.Context) ([]domain.MetricInfo, error) {
	infos, _ := s.pusher.Metrics(ctx)
	return infos, s.reach(ctx, new(int))
}

func (s *faulty) Values(ctx context.Context, ids []string) []domain.Batch {
	batches := s.pusher.Values(ctx, ids)
	err := s.reach(ctx, &s.stuck)
	s.change(func() {
		if s.failed = err != nil; !s.failed {
			s.answered = time.Now()
		}
	})
	if err != nil {
		return []domain.Batch{{IDs: ids, Asked: batches[0].Asked, Err: err}}
	}
	return batches
}

func (s *faulty) Subscribe(ctx context.Context, ids []string) (func(func(domain.Push)) error, error) {
	if err := s.reach(ctx, new(int)); err != nil {
		return nil, err
	}
	return s.pusher.Subscribe(ctx, ids)
}

func (s *faulty) suffer(f fault) {
	s.change(func() { s.fault, s.healed = f, make(chan struct{}) })
	s.cut(&domain.Failure{Cause: domain.Unreachable})
}

// heal ends the fault. It returns whether polls have noticed it.
func (s *faulty) heal() (noticed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = nil
	close(s.healed)
	return s.failed || s.stuck > 0
}

func (s *faulty) answeredAfter(t time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answered.After(t)
}

// A setting is what a test combines with each fault.
type setting struct {
	timeout, answers time.Duration
	subscribed       bool
}

func settings() (all []setting) {
	for _, timeout := range []time.Duration{interval / 4, interval, 6 * interval} {
		for _, answers := range []time.Duration{10 * time.Millisecond, interval / 8} {
			for _, subscribed := range []bool{false, true} {
				all = append(all, setting{timeout, answers, subscribed})
			}
		}
	}
	return all
}

// runFaulty starts a poller of three metrics on a faulty source.
func runFaulty(t *testing.T, set setting) (*rig, *faulty) {
	s := &faulty{pusher: pusherOf(3), timeout: set.timeout, answers: set.answers}
	o := Options{Source: s}
	if set.subscribed {
		o.Subscriber = s
	}
	return runWith(t, s.upstream, o, ref("M0"), ref("Calls in queue 1"), ref("M2")), s
}

// When a fault ends, everything is confirmed within an interval and the time of a poll, or twice the timeout if that is longer. If no poll
// met the fault, the next one comes at its usual time.
func TestFreshWithinAnIntervalOfTheFaultsEnd(t *testing.T) {
	for name, f := range faults {
		for _, set := range settings() {
			t.Run(fmt.Sprintf("%s, %+v", name, set), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r, s := runFaulty(t, set)
					for range 6 {
						r.pass(time.Duration(rand.Int64N(int64(6 * interval))))
						s.suffer(f)
						r.pass(time.Duration(rand.ExpFloat64() * rand.Float64() * float64(12*interval)))
						noticed, ended := s.heal(), time.Now()
						fresh := func() bool {
							page, _ := r.publisher.Page("w")
							return page.Snapshot.State == domain.Open && !page.Snapshot.Stale && s.answeredAfter(ended)
						}
						for !fresh() {
							r.pass(interval / 50)
						}
						within := interval + 2*set.answers + interval/50 // with the list
						if set.timeout > interval {
							within += 2 * set.timeout // of a request under way, and of the list
						}
						if !noticed {
							within += max(r.state.slowPace()-interval, 0) + r.state.slowPace()/20
						}
						if took := time.Since(ended); took > within {
							t.Fatalf("fresh %.2f intervals after its end, noticed %v, at %v %+v, log %s", float64(took)/float64(interval), noticed, ended, s.requests[max(0, len(s.requests)-8):], r.log)
						}
					}
				})
			})
		}
	}
}

// Values that initialize after an outage are fresh within an interval of being ready.
func TestFreshWithinAnIntervalOfWarmUp(t *testing.T) {
	for _, set := range settings() {
		t.Run(fmt.Sprintf("%+v", set), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, s := runFaulty(t, set)
				for range 12 {
					r.pass(time.Duration(rand.Int64N(int64(6 * interval))))
					s.suffer(faults["refused"])
					s.change(func() { s.initializing["M0"] = true })
					r.pass(r.state.slowPace() + 5*interval) // which makes it stale
					s.heal()
					r.pass(time.Duration(rand.Int64N(int64(6 * interval))))
					s.change(func() { s.initializing["M0"] = false })
					ready := time.Now()
					for page, _ := r.publisher.Page("w"); page.Snapshot.Stale || page.Snapshot.State != domain.Open; page, _ = r.publisher.Page("w") {
						r.pass(interval / 50)
					}
					if took := time.Since(ready); took > interval+interval/20+3*set.answers+interval/50 { // a poll under way, its list, and the next poll
						t.Fatalf("fresh %.2f intervals after it is ready", float64(took)/float64(interval))
					}
				}
			})
		})
	}
}

// Including retries, there are at most n + 3 polls in any n intervals.
func TestBudget(t *testing.T) {
	all := slices.Concat(slices.Collect(maps.Values(faults)), slices.Collect(maps.Values(slowFaults)))
	for _, set := range settings() {
		t.Run(fmt.Sprintf("%+v", set), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, s := runFaulty(t, set)
				for range 100 {
					s.suffer(all[rand.IntN(len(all))])
					r.pass(time.Duration(rand.ExpFloat64() * rand.Float64() * float64(6*interval)))
					s.heal()
					r.pass(time.Duration(rand.ExpFloat64() * rand.Float64() * float64(6*interval)))
				}
				var polls, others []time.Time
				for _, q := range s.requests {
					if len(q.ids) == 3 {
						polls = append(polls, q.at)
					} else {
						others = append(others, q.at)
					}
				}
				for n := range polls {
					for m := range n {
						if most := int(polls[n].Sub(polls[m])/interval) + spare + 1; n-m+1 > most {
							t.Fatalf("%d polls in %v", n-m+1, polls[n].Sub(polls[m]))
						}
					}
				}
				intervals := float64(time.Since(r.start)) / float64(interval)
				t.Logf("%d polls and %d other requests in %.0f intervals", len(polls), len(others), intervals)
				if float64(len(others)) > 3+intervals/2 {
					t.Errorf("%d other requests in %.0f intervals", len(others), intervals)
				}
			})
		})
	}
}

// A source whose answers take longer than an interval is polled without a pause.
func TestSlowSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, s := runFaulty(t, setting{timeout: 6 * interval, answers: time.Millisecond})
		r.pass(5 * time.Minute)
		s.change(func() { s.answers = 3 * interval / 2 })
		r.pass(interval)
		r.steady(t, 5*time.Minute)
		began := time.Now()
		r.steady(t, 30*time.Minute)
		if all, lists := s.since(began); all-lists < 105 || all-lists > 115 {
			t.Errorf("%d polls in half an hour, want one after the other", all-lists)
		}
		if got := r.Report().Failure; got != nil {
			t.Errorf("it is reported to fail: %v", got)
		}
		s.change(func() { s.answers = time.Millisecond })
		r.pass(3 * interval)
		began = time.Now()
		r.steady(t, 10*time.Minute)
		if all, lists := s.since(began); all-lists < 57 || all-lists > 60 {
			t.Errorf("%d polls in ten minutes after it recovered", all-lists)
		}
	})
}

// steady checks that nothing is stale for that time.
func (r *rig) steady(t *testing.T, d time.Duration) {
	t.Helper()
	for until := time.Now().Add(d); time.Now().Before(until); r.pass(time.Second) {
		if page, _ := r.publisher.Page("w"); page.Snapshot.Stale || page.Snapshot.State != domain.Open {
			t.Fatalf("stale %v after the start", time.Since(r.start))
		}
	}
}

// Sources that fail together are not polled in step afterwards.
func TestSourcesAreNotPolledInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all []*faulty
		for range 40 {
			_, s := runFaulty(t, setting{timeout: interval, answers: time.Millisecond})
			s.suffer(faults["refused"])
			all = append(all, s)
		}
		time.Sleep(30 * interval)
		began := time.Now()
		time.Sleep(interval)
		var tenths [10]int
		for _, s := range all {
			s.change(func() {
				for _, q := range s.requests {
					if q.at.After(began) {
						tenths[q.at.Sub(began)/(interval/10)%10]++
					}
				}
			})
		}
		if slices.Max(tenths[:]) > 20 { // half of them
			t.Errorf("polls of 40 sources in the tenths of an interval: %v", tenths)
		}
	})
}
