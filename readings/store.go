// Package readings owns the last observation of every metric. Pollers write to the store, and others attach to it: the publisher is called
// with each change, and any number of subscribers receive the newest observations in their own time.
package readings

import (
	"maps"
	"sync"
	"time"

	"waitboard/domain"
)

// A Store holds the last observation of every metric. It is safe for concurrent use. Observations are shared: nobody changes one once it is
// stored.
type Store struct {
	now func() time.Time

	mu          sync.RWMutex // guards what follows; never held while the publisher is called
	latest      map[domain.Ref]domain.Observation
	holds       map[domain.Ref][]Hold
	publish     func(Change)
	gate        Gate
	subscribers map[*Subscription]struct{}
}

// A Change is what one write changed. A zero observation is one that was dropped.
type Change struct {
	Observed map[domain.Ref]domain.Observation
	Pushed   bool // the source pushed it; pushes can come in floods
}

// A Hold is a metric of a widget whose display has hysteresis. The store keeps its state next to the observation.
type Hold struct {
	domain.Placement
	Metric *domain.WidgetMetric
}

// A Gate decides whether observations of a poll or a push become visible. The store calls it before anybody sees them. visible stores
// observations, and returns when they are published; without a call the write has no effect. The gate owns the map.
type Gate func(source string, observed map[string]domain.Observation, visible func(map[string]domain.Observation))

// New returns an empty store. Now gives the time at which readings change.
func New(now func() time.Time) *Store {
	return &Store{now: now, latest: map[domain.Ref]domain.Observation{}, publish: func(Change) {}, subscribers: map[*Subscription]struct{}{}}
}

// Publish calls f with each change from now on, before the write that made it returns: f must be quick. There is one publisher. It may
// read from the store, but not write to it.
func (s *Store) Publish(f func(Change)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publish = f
}

// Guard makes every Apply and Push pass a gate.
func (s *Store) Guard(gate Gate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate = gate
}

// Hold sets the metrics whose hysteresis the store keeps.
func (s *Store) Hold(holds map[domain.Ref][]Hold) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holds = holds
}

// Apply merges what a poll observed of a source's metrics, by the names that widgets use for them. A running duration that differs from the
// stored one by no more than 250 ms keeps its stored line. Writes of one source must not overlap.
func (s *Store) Apply(source string, observed map[string]domain.Observation) {
	s.merge(source, observed, false)
}

// Push merges what a source pushed, as Apply does.
func (s *Store) Push(source string, observed map[string]domain.Observation) {
	s.merge(source, observed, true)
}

func (s *Store) merge(source string, observed map[string]domain.Observation, pushed bool) {
	at := s.now().UTC().Truncate(time.Millisecond) // what is published has milliseconds
	change := Change{Observed: make(map[domain.Ref]domain.Observation, len(observed)), Pushed: pushed}
	s.mu.RLock()
	for metric, o := range observed {
		ref := domain.Ref{Source: source, Metric: metric}
		before := s.latest[ref]
		change.Observed[ref] = follow(&before, o, s.holds[ref], at)
	}
	gate := s.gate
	s.mu.RUnlock()
	if gate == nil {
		s.write(change)
		return
	}
	merged := make(map[string]domain.Observation, len(change.Observed))
	for ref, o := range change.Observed {
		merged[ref.Metric] = o
	}
	gate(source, merged, func(observed map[string]domain.Observation) {
		change.Observed = make(map[domain.Ref]domain.Observation, len(observed))
		for metric, o := range observed {
			change.Observed[domain.Ref{Source: source, Metric: metric}] = o
		}
		s.write(change)
	})
}

// Set stores observations as they are: of a checkpoint, or of another replica. The map stays the caller's.
func (s *Store) Set(observed map[domain.Ref]domain.Observation) {
	s.write(Change{Observed: maps.Clone(observed)})
}

func (s *Store) write(change Change) {
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

// Retain drops the observations of all metrics that are not wanted. Nobody is notified: nobody shows them.
func (s *Store) Retain(wanted func(domain.Ref) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.latest, func(ref domain.Ref, _ domain.Observation) bool { return !wanted(ref) })
}

// Get returns the last observation of a metric; the zero one if there is none.
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

// Of returns the last observations of a source's metrics, by the names that widgets use for them. The map is the caller's.
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

// notify calls the publisher, and wakes the subscribers.
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
