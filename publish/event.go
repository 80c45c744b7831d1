package publish

import (
	"encoding/json"
	"fmt"
	"time"

	v1 "waitboard/api/v1"
)

// Event is the snapshot as an event of a stream (Server-Sent Events), without an id.
func (p *Page) Event() []byte {
	p.onceEvent.Do(func() { p.event = event("snapshot", p.Plain.Body) })
	return p.event
}

// Heartbeat is an event that says how old the page is, at a time for which it is made.
func (p *Page) Heartbeat(now time.Time) []byte {
	out := v1.Heartbeat{ID: p.Snapshot.ID, Now: formatTime(now), Stale: p.Snapshot.Stale}
	if !p.Snapshot.ObservedAt.IsZero() {
		out.ObservedAt = formatTime(p.Snapshot.ObservedAt)
	}
	raw, err := json.Marshal(out)
	if err != nil {
		panic(fmt.Sprintf("publish: heartbeat of %s: %v", out.ID, err)) // texts can always be marshaled
	}
	return event("heartbeat", append(raw, '\n'))
}

// event puts a line of JSON, with its line feed, in an event. JSON has no other: it escapes those in texts.
func event(kind string, line []byte) []byte {
	return fmt.Appendf(nil, "event: %s\ndata: %s\n", kind, line)
}
