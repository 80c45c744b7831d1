// Package readings owns the last observation of every metric. Pollers write to the store, and others attach to it: the publisher is called
// with each change, and any number of subscribers receive the newest observations in their own time.
package readings

import (
	"maps"
	"sync"

	"waitboard/domain"
)

// A Store holds the last observation of every metric. It is safe for concurrent use. An observation is not changed once it is stored, so
// whoever gets one may share it, but not change it.
type Store struct {
	mu          sync.RWMutex // guards what follows; never held while the publisher is called
	latest      map[domain.Ref]domain.Observation
	publish     func(Change)
	subscribers map[*Subscription]struct{}
}

// A Change is what one write has brought.
type Change struct {
	Observed map[domain.Ref]domain.Observation
	Pushed   bool // the source has sent it by itself, as may come in floods
}

// New returns a store that begins with some observations, which it takes over; nil: none.
func New(latest map[domain.Ref]domain.Observation) *Store {
	s := &Store{latest: map[domain.Ref]domain.Observation{}, publish: func(Change) {}, subscribers: map[*Subscription]struct{}{}}
	maps.Copy(s.latest, latest)
	return s
}

// Publish calls f with each change from now on, before the write that has brought it returns: f must be quick. There is one publisher; it may
// read from the store, but not write to it.
func (s *Store) Publish(f func(Change)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publish = f
}

// Apply merges what a poll has observed of a source's metrics, by the names that widgets call them. Writes of one source must not overlap.
func (s *Store) Apply(source string, observed map[string]domain.Observation) {
	s.write(source, observed, false)
}

// Push is Apply for what a source has sent by itself.
func (s *Store) Push(source string, observed map[string]domain.Observation) {
	s.write(source, observed, true)
}

func (s *Store) write(source string, observed map[string]domain.Observation, pushed bool) {
	change := Change{Observed: make(map[domain.Ref]domain.Observation, len(observed)), Pushed: pushed}
	for metric, o := range observed {
		change.Observed[domain.Ref{Source: source, Metric: metric}] = o
	}
	s.mu.Lock()
	maps.Copy(s.latest, change.Observed)
	s.mu.Unlock()
	s.notify(change)
}

// Forget drops all observations of a source, as when another server takes its name.
func (s *Store) Forget(source string) {
	change := Change{Observed: map[domain.Ref]domain.Observation{}}
	s.mu.Lock()
	for ref := range s.latest {
		if ref.Source == source {
			delete(s.latest, ref)
			change.Observed[ref] = domain.Observation{}
		}
	}
	s.mu.Unlock()
	s.notify(change)
}

// Retain drops the observations of all metrics that are not wanted. It is no change: nobody shows them.
func (s *Store) Retain(wanted func(domain.Ref) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.latest, func(ref domain.Ref, _ domain.Observation) bool { return !wanted(ref) })
}

// Get returns the last observation of a metric, the zero one if there is none.
func (s *Store) Get(ref domain.Ref) domain.Observation {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.latest[ref]
}

// All returns the last observations of all metrics. The map is the caller's.
func (s *Store) All() map[domain.Ref]domain.Observation {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return maps.Clone(s.latest)
}

// Of returns the last observations of a source's metrics, by the names that widgets call them. The map is the caller's.
func (s *Store) Of(source string) map[string]domain.Observation {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := map[string]domain.Observation{}
	for ref, o := range s.latest {
		if ref.Source == source {
			out[ref.Metric] = o
		}
	}
	return out
}

// notify calls the publisher, and lets the subscribers know.
func (s *Store) notify(change Change) {
	if len(change.Observed) == 0 {
		return
	}
	s.mu.RLock()
	publish := s.publish
	for each := range s.subscribers {
		each.add(change.Observed)
	}
	s.mu.RUnlock()
	publish(change)
}
