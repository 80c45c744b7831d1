package readings

import (
	"sync"

	"waitboard/domain"
)

// A Subscription collects the changes of a store for one subscriber, who may lag: of each metric only the newest observation waits. It never
// blocks a write. The subscriber closes it.
type Subscription struct {
	store   *Store
	changed chan struct{} // holds one while something waits

	mu      sync.Mutex // guards waiting
	waiting map[domain.Ref]domain.Observation
}

// Subscribe starts a subscription to later changes; All returns what is in the store already.
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

// Changed returns a channel with one element to receive while something waits.
func (s *Subscription) Changed() <-chan struct{} { return s.changed }

// Take returns what changed since the last call: the newest observation of each metric. The map is the caller's.
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
	default: // the subscriber will look anyway
	}
}
