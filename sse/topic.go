package sse

import (
	"sync"
	"time"
)

// A topic exists while it has readers.
type topic struct {
	name    string
	source  *Options
	readers int // guarded by the hub's mutex

	mu     sync.Mutex // guards the fields below
	latest latest
	event  []byte // the event in latest, as the caller rendered it
	beat   []byte // the last heartbeat
	beatAt time.Time
}

// latest is the state of a topic.
type latest struct {
	version uint64 // grows with every change of id; 0: no event yet
	id      string
	text    []byte // the event with its id line
	ended   bool   // the streams of the topic must end
}

// refresh asks the caller for the latest event, and reports whether readers must be notified. An event that changed under the same id goes
// to new readers only.
func (t *topic) refresh() (changed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.latest.ended {
		return false
	}
	id, event, ok := t.source.Latest(t.name)
	if !ok {
		t.latest = latest{ended: true}
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

func (t *topic) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.latest = latest{ended: true}
}

func (t *topic) now() latest {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.latest
}

// heartbeat renders a heartbeat once for all readers that are due at the same time.
func (t *topic) heartbeat(now time.Time) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.beat == nil || !t.beatAt.Equal(now) {
		t.beat, t.beatAt = t.source.Heartbeat(t.name, now), now
	}
	return t.beat
}
