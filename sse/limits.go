package sse

import "errors"

// Why there is no stream.
var (
	ErrFull       = errors.New("stream: there are as many streams as there may be")
	ErrClientFull = errors.New("stream: the client has as many streams as it may have")
	ErrTopicFull  = errors.New("stream: a topic has as many readers as it may have")
	ErrClosed     = errors.New("stream: the hub is closed")
)

// admit makes the reader that a request asks for, if the limits allow it. It must be released.
func (h *Hub) admit(q Request) (*reader, error) {
	s, err := h.count(q)
	if err != nil {
		h.metrics.refused.WithLabelValues(limitNames[err]).Inc()
		return nil, err
	}
	for i := range s.follows {
		if t := s.follows[i].topic; t.refresh() {
			h.tell(t)
		}
	}
	now := h.clock()
	s.beat, s.end = now+h.within(h.o.Pace.Heartbeat), now+h.within(h.o.Pace.Life)
	return s, nil
}

// count finds the topics of a reader, and counts it as one of theirs. The error is one of the above, as it is.
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

// release gives back what admit counted.
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

// forget lets a topic that is over make room for another of its name.
func (h *Hub) forget(t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics[t.name] == t {
		delete(h.topics, t.name)
	}
}
