package sse

import "errors"

// Errors of [Hub.Serve].
var (
	ErrFull       = errors.New("sse: stream limit reached")
	ErrClientFull = errors.New("sse: stream limit of the client reached")
	ErrTopicFull  = errors.New("sse: stream limit of a topic reached")
	ErrClosed     = errors.New("sse: hub closed")
)

// admit returns a reader for a request if the limits allow it. A transport must release it.
func (h *Hub) admit(q Request) (*reader, error) {
	s, err := h.count(q)
	if err != nil {
		h.metrics.refused.WithLabelValues(limitNames[err]).Inc()
		return nil, err
	}
	for i := range s.follows {
		if t := s.follows[i].topic; t.refresh() {
			h.notify(t)
		}
	}
	now := h.clock()
	s.nextBeat, s.end = now+h.vary(h.o.Pace.Heartbeat), now+h.vary(h.o.Pace.MaxAge)
	return s, nil
}

// count checks the limits and counts a new reader. It returns the errors above unwrapped.
func (h *Hub) count(q Request) (*reader, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return nil, ErrClosed
	case h.total >= h.limits.Total:
		return nil, ErrFull
	case h.limits.PerClient > 0 && h.clients[q.Client] >= h.limits.PerClient:
		return nil, ErrClientFull
	}
	if h.limits.PerTopic > 0 {
		for _, name := range q.Topics {
			if t := h.topics[name]; t != nil && t.readers >= h.limits.PerTopic {
				return nil, ErrTopicFull
			}
		}
	}
	s := &reader{follows: make([]follow, len(q.Topics)), client: q.Client}
	for i, name := range q.Topics {
		t := h.topics[name]
		if t == nil {
			t = &topic{name: name, source: &h.o}
			h.topics[name] = t
		}
		t.readers++
		s.follows[i].topic = t
	}
	h.total++
	if q.Client.IsValid() {
		h.clients[q.Client]++
	}
	h.metrics.open.Inc()
	return s, nil
}

// release stops counting a reader.
func (h *Hub) release(s *reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.total--
	if s.client.IsValid() {
		if h.clients[s.client]--; h.clients[s.client] == 0 {
			delete(h.clients, s.client)
		}
	}
	for i := range s.follows {
		t := s.follows[i].topic
		if t.readers--; t.readers == 0 && h.topics[t.name] == t {
			delete(h.topics, t.name)
		}
	}
	h.metrics.open.Dec()
}

// forget removes a topic that has ended, so that new readers get a new one.
func (h *Hub) forget(t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics[t.name] == t {
		delete(h.topics, t.name)
	}
}
