// Package sse sends Server-Sent Events to many readers. It owns the open streams, their limits and their metrics. The caller defines the
// topics: each has a latest event and a heartbeat.
//
// A [Hub] renders an event once for all readers of a topic. A slow reader receives the newest event, not a backlog, and delays nobody
// else.
//
// Two transports write the streams. The plain one (plain.go) uses the goroutine of each request and works everywhere. On Linux, HTTP/1.1
// connections without TLS are taken over from net/http, so an idle stream needs some hundred bytes and no goroutine
// (takeover_linux.go). TAKEOVER.md explains why, how, and how to remove it.
package sse

import (
	"math/rand/v2"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options configure a [Hub]. All but Random are required.
type Options struct {
	// Latest returns a topic's event without its id line, and the id. It returns false if the topic doesn't exist. All readers share the
	// event; it must not change. The hub calls Latest from any goroutine. Latest must not call the hub.
	Latest func(topic string) (id string, event []byte, ok bool)
	// Heartbeat returns the event that each reader of a topic receives from time to time. The rules of Latest apply.
	Heartbeat func(topic string, now time.Time) []byte

	Pace    Pace
	Now     func() time.Time
	Random  func() float64 // at least 0 and less than 1; nil: math/rand
	Metrics prometheus.Registerer
}

// Pace sets the times of streams. Each stream varies them at random, so that streams which began together spread out.
type Pace struct {
	Heartbeat    time.Duration // the longest time between two heartbeats; the shortest is half of it
	WriteTimeout time.Duration // how long one write may block before the hub cuts the stream
	MaxAge       time.Duration // the longest life of a stream; the shortest is half of it
	RetrySpread  time.Duration // readers whose streams end together reconnect within this time
}

// Limits bound the number of open streams.
type Limits struct {
	Total     int // of the hub; 0: no streams
	PerClient int // of one client; 0: unlimited
	PerTopic  int // of one topic; 0: unlimited
}

// A Hub sends the events of topics to their readers. It is safe for concurrent use.
type Hub struct {
	o          Options
	start      time.Time
	metrics    *metrics
	transports []transport // in order of preference; the last one serves every request

	mu      sync.Mutex // guards the fields below; never hold it while locking a topic
	limits  Limits
	closed  bool
	total   int
	clients map[netip.Addr]int // open streams of each client
	topics  map[string]*topic  // topics with readers
}

// A transport writes streams to their connections. Each has its own lock, and calls [Hub.release] once for every reader that it served.
type transport interface {
	// serve sends a stream, and returns when the stream has ended or runs without the request's goroutine. It returns false, and has written
	// nothing, if it can't serve the request.
	serve(w http.ResponseWriter, r *http.Request, s *reader, lastID string) bool
	// changed makes the readers of a topic look for new events. It doesn't wait for them.
	changed(t *topic)
	// close ends the streams that run without a request's goroutine, and waits for the transport's own goroutines.
	close()
}

// New returns a hub. It rejects all streams until SetLimits. The caller must close it.
func New(o Options) *Hub {
	if o.Random == nil {
		o.Random = rand.Float64
	}
	h := &Hub{
		o: o, start: o.Now(), metrics: newMetrics(o.Metrics),
		clients: map[netip.Addr]int{}, topics: map[string]*topic{},
	}
	h.transports = append(takeovers(h), newPlain(h))
	return h
}

// SetLimits applies to streams that begin later.
func (h *Hub) SetLimits(l Limits) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.limits = l
}

// A Request asks for a stream.
type Request struct {
	Topics []string   // at least one, without duplicates
	Client netip.Addr // the client that the stream counts for; the zero Addr: no client
	LastID string     // the Last-Event-ID header; empty: none

	// Allowed reports whether the rules still allow this request; required. Serve calls it after End can see the stream. A caller that
	// changes the rules and then calls End therefore misses no stream.
	Allowed func() bool
}

// Serve answers a request with a stream. It returns when the stream has ended or a transport has taken the connection over. The caller sets
// the header fields. On ErrFull, ErrClientFull, ErrTopicFull and ErrClosed Serve has written nothing.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, q Request) error {
	s, err := h.admit(q)
	if err != nil {
		return err
	}
	if !q.Allowed() {
		h.End(q.Topics...)
	}
	for _, t := range h.transports {
		if t.serve(w, r, s, q.LastID) {
			break
		}
	}
	return nil
}

// Open returns how many streams are open.
func (h *Hub) Open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.total
}

// Changed sends a topic's latest event to its readers, or ends their streams if the topic is gone. It doesn't wait for readers.
func (h *Hub) Changed(topic string) {
	h.mu.Lock()
	t := h.topics[topic]
	h.mu.Unlock()
	if t != nil && t.refresh() {
		h.notify(t)
	}
}

// End ends the streams of topics. It asks their readers to reconnect at different times.
func (h *Hub) End(topics ...string) {
	for _, name := range topics {
		h.mu.Lock()
		t := h.topics[name]
		delete(h.topics, name) // new readers get a new topic
		h.mu.Unlock()
		if t != nil {
			t.end()
			h.notify(t)
		}
	}
}

// EndAll ends all streams as End does.
func (h *Hub) EndAll() {
	h.mu.Lock()
	var all []string
	for name := range h.topics {
		all = append(all, name)
	}
	h.mu.Unlock()
	h.End(all...)
}

// Close ends all streams and rejects new ones. When it returns, the streams that were taken over have ended. The others end with their
// requests, which the server waits for.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.EndAll()
	for _, t := range h.transports {
		t.close()
	}
}

// notify wakes the writers of a topic's readers.
func (h *Hub) notify(t *topic) {
	if t.now().ended {
		h.forget(t)
	}
	for _, each := range h.transports {
		each.changed(t)
	}
}

// clock returns the time since the hub was made. All times of streams use this clock.
func (h *Hub) clock() time.Duration { return h.o.Now().Sub(h.start) }

// vary returns a random time between half of d and d.
func (h *Hub) vary(d time.Duration) time.Duration {
	return d/2 + time.Duration(h.o.Random()*float64(d/2))
}
