// Package sse holds open streams of Server-Sent Events, and brings the newest of what it follows to each of them. What that
// is it does not know: it has topics, of each of which there is a latest event and a heartbeat.
//
// A hub makes the bytes of an event once for all its readers. A reader that is slow is told what is newest when it can take it,
// not what it has missed, and holds up nobody else. Where it can, a hub takes the connection over from net/http, so that a
// stream with nothing to tell costs some hundred bytes (see loop_linux.go); otherwise it has a goroutine (plain.go), as on
// HTTP/2, TLS and other systems.
package sse

import (
	"math/rand/v2"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options make a [Hub]. All but Random are required.
type Options struct {
	// Latest is what there is to tell of a topic now: an event as it is written, but for its id, and that id, by which those who
	// know it are spared it. It is not ok when there is no such topic any more. The event is sent to all readers and must not change.
	// Latest may be called from any goroutine, and must not call the hub.
	Latest func(topic string) (id string, event []byte, ok bool)
	// Heartbeat is an event that each reader gets now and then, made for a time. The same holds for it.
	Heartbeat func(topic string, now time.Time) []byte

	Pace    Pace
	Now     func() time.Time
	Random  func() float64 // at least 0, and less than 1; nil: math/rand
	Metrics prometheus.Registerer
}

// Pace is the times of streams. All of them vary by chance, so that what began together does not go on together.
type Pace struct {
	Heartbeat time.Duration // the longest time between two heartbeats of a stream; half of that is the shortest
	Patience  time.Duration // how long a reader may take for one write before it is cut off
	Life      time.Duration // how long a stream lasts at most; half of that is the least
	Return    time.Duration // in which those come back whose streams all ended at once
}

// Limits are how many streams there may be.
type Limits struct {
	Total     int // in all; 0: none
	PerClient int // of one client; 0: as many as there may be in all
	PerTopic  int // that follow one topic; 0 likewise
}

// A Hub is safe for concurrent use.
type Hub struct {
	o       Options
	start   time.Time
	metrics *metrics
	loops   loops // with a mutex of their own

	mu      sync.Mutex // guards what follows; no topic's mutex is taken under it
	limits  Limits
	closed  bool
	total   int
	clients map[netip.Addr]int // how many streams each has
	topics  map[string]*topic  // those that are followed
}

// New makes a hub, which takes no streams before SetLimits. It must be closed.
func New(o Options) *Hub {
	if o.Random == nil {
		o.Random = rand.Float64
	}
	return &Hub{
		o: o, start: o.Now(), metrics: newMetrics(o.Metrics),
		clients: map[netip.Addr]int{}, topics: map[string]*topic{},
	}
}

// SetLimits takes effect for streams to come.
func (h *Hub) SetLimits(l Limits) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.limits = l
}

// A Request asks for a stream.
type Request struct {
	Topics []string   // what to follow: at least one, each once
	Client netip.Addr // who is counted for it; the zero Addr: nobody
	Known  string     // the id that the reader heard last (Last-Event-ID); empty: none

	// Holds tells whether what the request was allowed by still holds; required. It is asked when the stream is one that End would
	// end, so whoever changes the rules, and then calls End, misses none. If it does not hold, the stream ends at once.
	Holds func() bool
}

// Serve answers a request with a stream, and returns when that has ended or has been taken over. The header fields are the caller's
// and must be in place. After an error nothing is written: ErrFull, ErrClientFull, ErrTopicFull or ErrClosed.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, q Request) error {
	s, err := h.admit(q)
	if err != nil {
		return err
	}
	if !q.Holds() {
		h.End(q.Topics...)
	}
	if !h.takeOver(w, r, s, q.Known) {
		defer h.release(s)
		h.serve(w, r, s, q.Known)
	}
	return nil
}

// Changed says that there is something new to tell of a topic, or that it is gone. It waits for no reader.
func (h *Hub) Changed(topic string) {
	h.mu.Lock()
	t := h.topics[topic]
	h.mu.Unlock()
	if t != nil && t.refresh() {
		h.tell(t)
	}
}

// End ends the streams that follow any of some topics. Their readers are asked to come back, at various times.
func (h *Hub) End(topics ...string) {
	for _, name := range topics {
		h.mu.Lock()
		t := h.topics[name]
		delete(h.topics, name) // whoever comes now follows another
		h.mu.Unlock()
		if t != nil {
			t.finish()
			h.tell(t)
		}
	}
}

// EndAll ends all streams.
func (h *Hub) EndAll() {
	h.mu.Lock()
	var all []string
	for name := range h.topics {
		all = append(all, name)
	}
	h.mu.Unlock()
	h.End(all...)
}

// Close ends all streams, and refuses others. When it returns, those that were taken over have ended.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.EndAll()
	h.loops.close()
}

// tell wakes whoever writes to a topic's readers.
func (h *Hub) tell(t *topic) {
	t.wake()
	if t.gone() {
		h.forget(t)
	}
	h.loops.changed(t)
}

// clock is how long the hub has been there: the time in which its own times are told.
func (h *Hub) clock() time.Duration { return h.o.Now().Sub(h.start) }

// within is a random time from half of d up to d.
func (h *Hub) within(d time.Duration) time.Duration {
	return d/2 + time.Duration(h.o.Random()*float64(d/2))
}
