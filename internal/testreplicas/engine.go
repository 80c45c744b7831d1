// Package testreplicas lets the collectors of several replicas share an engine in a test, without a process and a network.
package testreplicas

import (
	"errors"
	"sync"
)

// A Collector collects something of a source in one replica.
type Collector interface {
	comparable
	Refresh(source, place string)
}

// An Engine is what replicas share. Change its fields in Set.
type Engine[C Collector] struct {
	mu       sync.Mutex // guards what follows
	Down     bool
	Holder   C // of all sources
	Archives map[string][]byte
	Replicas []C // that are woken when another one has saved
}

// New returns an engine that is empty.
func New[C Collector]() *Engine[C] { return &Engine[C]{Archives: map[string][]byte{}} }

// Set changes the engine.
func (e *Engine[C]) Set(change func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change()
}

// A Replica is a collector's view of the engine.
type Replica[C Collector] struct {
	*Engine[C]
	Of C
}

// Holds reports whether the collector's replica has the lease of a source.
func (r Replica[C]) Holds(string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Holder == r.Of
}

// LoadHistory returns what is saved for a place.
func (r Replica[C]) LoadHistory(_, place string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Down {
		return nil, errDown
	}
	return r.Archives[place], nil
}

// SaveHistory saves an archive for a place, and wakes the others.
func (r Replica[C]) SaveHistory(source, place string, archive []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Down {
		return errDown
	}
	r.Archives[place] = archive
	for _, other := range r.Replicas {
		if other != r.Of {
			go other.Refresh(source, place)
		}
	}
	return nil
}

var errDown = errors.New("down")
