package sse

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"time"
)

// A reader is one stream: what it follows and what it has received.
type reader struct {
	follows  []follow
	client   netip.Addr
	nextBeat time.Duration // when its next heartbeat is due, by the hub's clock
	end      time.Duration // when the hub ends it, by the hub's clock
}

type follow struct {
	topic *topic
	sent  uint64 // version
}

func idLine(id string) string { return "id: " + id + "\n" }

// pending returns the events that the reader has not received, and marks them as sent. The id names everything that the reader then has.
// For one topic the text is shared by all readers; for several it is built in buffer. If ended, the stream must end.
//
// For several topics the id covers all of them and follows the last event. A reader whose connection breaks between two events therefore
// keeps its old id.
func (s *reader) pending(buffer []byte) (text []byte, events int, id string, ended bool) {
	if len(s.follows) == 1 {
		f := &s.follows[0]
		now := f.topic.now()
		if now.version != f.sent && !now.ended {
			text, events, f.sent = now.text, 1, now.version
		}
		return text, events, now.id, now.ended
	}
	text = buffer[:0]
	all := sha256.New()
	for i := range s.follows {
		f := &s.follows[i]
		now := f.topic.now()
		if now.ended {
			return nil, 0, "", true
		}
		if now.version != f.sent {
			text = append(text, now.text[len(idLine(now.id)):]...)
			f.sent = now.version
			events++
		}
		_, _ = all.Write([]byte(now.id + "\n")) // a hash returns no errors
	}
	id = base64.RawURLEncoding.EncodeToString(all.Sum(nil)[:12])
	if events > 0 { // in the last event: some clients take a block without data for an event
		text = append(text[:len(text)-1], idLine(id)+"\n"...)
	}
	return text, events, id, false
}

// heartbeat returns the heartbeats of all topics.
func (s *reader) heartbeat(buffer []byte, now time.Time) (text []byte, events int) {
	if len(s.follows) == 1 {
		return s.follows[0].topic.heartbeat(now), 1
	}
	text = buffer[:0]
	for i := range s.follows {
		text = append(text, s.follows[i].topic.heartbeat(now)...)
	}
	return text, len(s.follows)
}

// opening appends the beginning of a stream: the retry field and the latest events. A reader that has them already, by its last id, gets a
// heartbeat instead.
func (h *Hub) opening(text []byte, s *reader, lastID string) []byte {
	text = h.retry(text)
	pending, events, id, _ := s.pending(nil)
	if lastID == "" || lastID != id {
		h.metrics.snapshots.Add(float64(events))
		return append(text, pending...)
	}
	beat, events := s.heartbeat(nil, h.o.Now())
	h.metrics.heartbeats.Add(float64(events))
	return append(text, beat...)
}
