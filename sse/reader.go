package sse

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"time"
)

// A reader is one stream, whoever writes to it: what it follows, and what it has been told.
type reader struct {
	follows []follow
	client  netip.Addr
	beat    time.Duration // when its next heartbeat is due; both by the hub's clock
	end     time.Duration // when its life is over
}

type follow struct {
	topic *topic
	told  uint64 // version
}

// idLine is the line by which an event's id is told.
func idLine(id string) string { return "id: " + id + "\n" }

// news is what the reader has not been told yet, and id the name of all that it knows when it has heard that. Of one topic the text
// is the event that all readers share, of several it is put together in buffer. When over, its stream is to end.
//
// Of several topics the id is that of all together. It comes after the last of their events, alone, so that a reader whose connection
// breaks between two of them claims to know neither.
func (s *reader) news(buffer []byte) (text []byte, events int, id string, over bool) {
	if len(s.follows) == 1 {
		f := &s.follows[0]
		now := f.topic.now()
		if now.version != f.told && !now.over {
			text, events, f.told = now.text, 1, now.version
		}
		return text, events, now.id, now.over
	}
	text = buffer[:0]
	all := sha256.New()
	for i := range s.follows {
		f := &s.follows[i]
		now := f.topic.now()
		if now.over {
			return nil, 0, "", true
		}
		if now.version != f.told {
			text = append(text, now.text[len(idLine(now.id)):]...)
			f.told = now.version
			events++
		}
		_, _ = all.Write([]byte(now.id + "\n")) // a hash takes everything
	}
	id = base64.RawURLEncoding.EncodeToString(all.Sum(nil)[:12])
	if events > 0 {
		text = append(text, idLine(id)+"\n"...)
	}
	return text, events, id, false
}

// heartbeat is that of each topic.
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

// opening appends what a stream begins with: when to come back if it breaks, and all there is to tell; to one who knows that already,
// a heartbeat. If it is over there is no more than the first.
func (h *Hub) opening(text []byte, s *reader, known string) []byte {
	text = h.retry(text)
	news, events, id, _ := s.news(nil)
	if known == "" || known != id {
		h.metrics.snapshots.Add(float64(events))
		return append(text, news...)
	}
	beat, events := s.heartbeat(nil, h.o.Now())
	h.metrics.heartbeats.Add(float64(events))
	return append(text, beat...)
}

// minReturn is the least time after which a reader comes back.
const minReturn = time.Second

// retry appends what asks a reader to come back after some time if its stream ends. Those of many differ, because many may end at once, be it that the
// service ends them or that it breaks.
func (h *Hub) retry(text []byte) []byte {
	after := minReturn + time.Duration(h.o.Random()*float64(h.o.Pace.Return))
	return fmt.Appendf(text, "retry: %d\n\n", after.Milliseconds())
}
