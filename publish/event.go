package publish

import (
	"encoding/json"
	"fmt"
	"time"

	v1 "waitboard/api/v1"
)

// Event returns the snapshot as an event of a stream (Server-Sent Events), without an id.
func (p *Page) Event() []byte {
	p.onceEvent.Do(func() { p.event = event("snapshot", p.Plain.Body) })
	return p.event
}

// Heartbeat returns an event with the age of the page at that time.
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

// event returns an event of one line of JSON with its line feed, the only one: JSON escapes those in texts.
func event(kind string, line []byte) []byte {
	return fmt.Appendf(nil, "event: %s\ndata: %s\n", kind, line)
}
