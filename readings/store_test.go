package readings

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"waitboard/domain"
)

func ref(source, metric string) domain.Ref { return domain.Ref{Source: source, Metric: metric} }

// count is an observation of a number of calls.
func count(n float64) domain.Observation {
	return domain.Observation{Kind: domain.Count, Samples: map[string]domain.Sample{"": {Reading: domain.CountOf(n)}}}
}

// public ignores the private fields of observations.
var public = cmpopts.IgnoreFields(domain.Observation{}, "Alias", "Changed")

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// store returns a store with some observations, whose clock stands at noon.
func store(latest written) *Store {
	s := New(func() time.Time { return noon })
	s.Set(latest)
	return s
}

type written map[domain.Ref]domain.Observation

func TestStore(t *testing.T) {
	begin := func() *Store { return store(written{ref("hq", "m"): count(1), ref("branch", "m"): count(2)}) }
	tests := map[string]struct {
		write  func(s *Store)
		all    written
		change []Change
	}{
		"nothing": {func(*Store) {}, written{ref("hq", "m"): count(1), ref("branch", "m"): count(2)}, nil},
		"apply": {func(s *Store) { s.Apply("hq", map[string]domain.Observation{"m": count(3), "n": count(4)}) },
			written{ref("hq", "m"): count(3), ref("hq", "n"): count(4), ref("branch", "m"): count(2)},
			[]Change{{Observed: written{ref("hq", "m"): count(3), ref("hq", "n"): count(4)}}}},
		"push": {func(s *Store) { s.Push("hq", map[string]domain.Observation{"m": count(3)}) },
			written{ref("hq", "m"): count(3), ref("branch", "m"): count(2)},
			[]Change{{Observed: written{ref("hq", "m"): count(3)}, Pushed: true}}},
		"set": {func(s *Store) { s.Set(written{ref("hq", "n"): count(3)}) },
			written{ref("hq", "m"): count(1), ref("hq", "n"): count(3), ref("branch", "m"): count(2)},
			[]Change{{Observed: written{ref("hq", "n"): count(3)}}}},
		"apply nothing": {func(s *Store) { s.Apply("hq", nil) }, written{ref("hq", "m"): count(1), ref("branch", "m"): count(2)}, nil},
		"forget": {func(s *Store) { s.Forget("hq") }, written{ref("branch", "m"): count(2)},
			[]Change{{Observed: written{ref("hq", "m"): {}}}}},
		"forget what is not there": {func(s *Store) { s.Forget("other") }, written{ref("hq", "m"): count(1), ref("branch", "m"): count(2)}, nil},
		"retain":                   {func(s *Store) { s.Retain(func(r domain.Ref) bool { return r.Source == "hq" }) }, written{ref("hq", "m"): count(1)}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := begin()
			var changes []Change
			s.Publish(func(c Change) {
				for ref, o := range c.Observed { // the store has the published observations
					if diff := cmp.Diff(o, s.Get(ref), public); diff != "" {
						t.Error(diff)
					}
				}
				changes = append(changes, c)
			})
			test.write(s)
			if diff := cmp.Diff(map[domain.Ref]domain.Observation(test.all), s.All(), public); diff != "" {
				t.Errorf("all (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.change, changes, public, cmp.Transformer("written", func(w written) map[domain.Ref]domain.Observation { return w })); diff != "" {
				t.Errorf("published (-want +got):\n%s", diff)
			}
			for _, source := range []string{"hq", "branch"} {
				for metric, o := range s.Of(source) {
					if diff := cmp.Diff(o, s.Get(ref(source, metric)), public); diff != "" {
						t.Errorf("of %s (-want +got):\n%s", source, diff)
					}
				}
			}
		})
	}
}

// A subscriber that lags receives the newest observation of each metric, once, and never blocks a write.
func TestSubscription(t *testing.T) {
	s := store(written{ref("hq", "m"): count(1)})
	quick, slow := s.Subscribe(), s.Subscribe()
	waits := func(sub *Subscription) bool {
		select {
		case <-sub.Changed():
			return true
		default:
			return false
		}
	}
	if waits(quick) || len(quick.Take()) > 0 {
		t.Error("earlier observations count as a change")
	}
	for n := range 100 {
		s.Apply("hq", map[string]domain.Observation{"m": count(float64(n))})
		if !waits(quick) || waits(quick) {
			t.Error("not one signal")
		}
		if diff := cmp.Diff(map[domain.Ref]domain.Observation{ref("hq", "m"): count(float64(n))}, quick.Take(), public); diff != "" {
			t.Errorf("quick (-want +got):\n%s", diff)
		}
	}
	s.Push("hq", map[string]domain.Observation{"n": count(5)})
	if !waits(slow) || waits(slow) {
		t.Error("not one signal for all")
	}
	if diff := cmp.Diff(map[domain.Ref]domain.Observation{ref("hq", "m"): count(99), ref("hq", "n"): count(5)}, slow.Take(), public); diff != "" {
		t.Errorf("slow (-want +got):\n%s", diff)
	}
	s.Forget("hq")
	if got := slow.Take(); len(got) != 2 || got[ref("hq", "m")].Samples != nil {
		t.Errorf("forgotten: %+v", got)
	}
	slow.Close()
	s.Apply("hq", map[string]domain.Observation{"m": count(7)})
	if len(slow.Take()) > 0 {
		t.Error("it receives changes after Close")
	}
}

func TestStoreConcurrentUse(t *testing.T) {
	s := store(nil)
	var all sync.WaitGroup
	for _, source := range []string{"a", "b", "c"} {
		all.Go(func() {
			sub := s.Subscribe()
			defer sub.Close()
			for n := range 200 {
				s.Apply(source, map[string]domain.Observation{"m": count(float64(n))})
				s.Push(source, map[string]domain.Observation{"n": count(float64(n))})
				_, _, _ = s.All(), s.Of(source), sub.Take()
			}
			if got := s.Get(ref(source, "m")); got.Samples[""].Reading != domain.CountOf(199) {
				t.Errorf("%s: %+v", source, got)
			}
			s.Forget(source)
		})
	}
	all.Wait()
	if got := s.All(); len(got) > 0 {
		t.Errorf("left: %+v", got)
	}
}

// What a gate doesn't make visible has no effect.
func TestGuard(t *testing.T) {
	s := New(time.Now)
	open := true
	s.Guard(func(source string, observed map[string]domain.Observation, visible func(map[string]domain.Observation)) {
		if source != "hq" {
			t.Errorf("of %s", source)
		}
		delete(observed, "dropped")
		if open {
			visible(observed)
		}
	})
	observed := func(n float64) domain.Observation {
		return domain.Observation{Confirmed: time.Now(), Samples: map[string]domain.Sample{"": {Reading: domain.CountOf(n)}}}
	}
	s.Apply("hq", map[string]domain.Observation{"shown": observed(1), "dropped": observed(1)})
	open = false
	s.Push("hq", map[string]domain.Observation{"shown": observed(2)})
	all := s.Of("hq")
	if len(all) != 1 || all["shown"].Samples[""].Reading.Base != 1 || all["shown"].Changed.IsZero() {
		t.Errorf("got %+v", all)
	}
}
