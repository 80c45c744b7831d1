package sse

import (
	"sync"
	"time"
)

// A topic is something that readers follow, for as long as any does.
type topic struct {
	name    string
	source  *Options
	readers int // how many follow it; guarded by the hub's mutex

	mu      sync.Mutex // guards what follows
	latest  latest
	event   []byte // of latest, as it was given
	beat    []byte // the last heartbeat that was made
	beatAt  time.Time
	waiting map[chan<- struct{}]struct{} // of readers that have a goroutine; each has room for one
}

// latest is what there is to tell of a topic.
type latest struct {
	version uint64 // grows with every change of id; 0: there is nothing yet
	id      string
	text    []byte // the event, with its id
	over    bool   // the topic's streams are to end
}

// refresh asks for what is latest, and tells whether readers have to be told. The event may differ under the same id: then
// it is for new readers only.
func (t *topic) refresh() (changed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.latest.over {
		return false
	}
	id, event, ok := t.source.Latest(t.name)
	if !ok {
		t.latest = latest{over: true}
		return true
	}
	if t.event != nil && &event[0] == &t.event[0] {
		return false
	}
	changed = t.event == nil || id != t.latest.id
	if changed {
		t.latest.version++
	}
	t.event = event
	t.latest.id, t.latest.text = id, append([]byte(idLine(id)), event...)
	return changed
}

func (t *topic) finish() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.latest = latest{over: true}
}

func (t *topic) now() latest {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.latest
}

func (t *topic) gone() bool { return t.now().over }

// heartbeat is made once for all readers whose turn comes at the same time.
func (t *topic) heartbeat(now time.Time) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.beat == nil || !t.beatAt.Equal(now) {
		t.beat, t.beatAt = t.source.Heartbeat(t.name, now), now
	}
	return t.beat
}

// await has bell rung whenever there is something to tell.
func (t *topic) await(bell chan<- struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting == nil {
		t.waiting = map[chan<- struct{}]struct{}{}
	}
	t.waiting[bell] = struct{}{}
}

func (t *topic) leave(bell chan<- struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiting, bell)
}

// wake rings for all readers that wait.
func (t *topic) wake() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for bell := range t.waiting {
		select {
		case bell <- struct{}{}:
		default: // it has been rung for already
		}
	}
}
