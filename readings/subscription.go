package readings

import (
	"sync"

	"waitboard/domain"
)

// A Subscription gathers the changes of a store for one subscriber, who may lag: of each metric only the newest observation waits. It never
// holds up a write. Close it when it is no longer read.
type Subscription struct {
	store   *Store
	changed chan struct{} // holds one while something waits

	mu      sync.Mutex // guards waiting
	waiting map[domain.Ref]domain.Observation
}

// Subscribe begins a subscription. What is in the store already is not part of it; All returns that.
func (s *Store) Subscribe() *Subscription {
	sub := &Subscription{store: s, changed: make(chan struct{}, 1), waiting: map[domain.Ref]domain.Observation{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscribers[sub] = struct{}{}
	return sub
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	delete(s.store.subscribers, s)
}

// Changed has something to receive when something waits.
func (s *Subscription) Changed() <-chan struct{} { return s.changed }

// Take returns what has changed since the last time, the newest of each metric. The map is the caller's.
func (s *Subscription) Take() map[domain.Ref]domain.Observation {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.waiting
	s.waiting = map[domain.Ref]domain.Observation{}
	return taken
}

func (s *Subscription) add(observed map[domain.Ref]domain.Observation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ref, o := range observed {
		s.waiting[ref] = o
	}
	select {
	case s.changed <- struct{}{}:
	default: // it is known that something waits
	}
}
