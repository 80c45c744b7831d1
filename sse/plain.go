package sse

import (
	"net/http"
	"sync"
	"time"
)

// plain is the transport that writes each stream from the goroutine of its request.
type plain struct {
	hub *Hub

	mu      sync.Mutex // guards wakeups
	wakeups map[*topic]map[chan<- struct{}]struct{}
}

func newPlain(h *Hub) *plain {
	return &plain{hub: h, wakeups: map[*topic]map[chan<- struct{}]struct{}{}}
}

func (p *plain) serve(w http.ResponseWriter, r *http.Request, s *reader, lastID string) bool {
	h := p.hub
	defer h.release(s)
	wakeup := make(chan struct{}, 1)
	p.subscribe(s, wakeup)
	defer p.unsubscribe(s, wakeup)
	out := &plainWriter{hub: h, w: w, control: http.NewResponseController(w)}
	w.WriteHeader(http.StatusOK)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for text, last := h.opening(nil, s, lastID), false; out.write(text) && !last; {
		if text, last = h.due(s, text); len(text) > 0 || last {
			continue
		}
		timer.Reset(min(s.nextBeat, s.end) - h.clock())
		select {
		case <-r.Context().Done():
			return true
		case <-wakeup:
		case <-timer.C:
		}
	}
	return true
}

func (p *plain) subscribe(s *reader, wakeup chan<- struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range s.follows {
		if p.wakeups[f.topic] == nil {
			p.wakeups[f.topic] = map[chan<- struct{}]struct{}{}
		}
		p.wakeups[f.topic][wakeup] = struct{}{}
	}
}

func (p *plain) unsubscribe(s *reader, wakeup chan<- struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range s.follows {
		if delete(p.wakeups[f.topic], wakeup); len(p.wakeups[f.topic]) == 0 {
			delete(p.wakeups, f.topic)
		}
	}
}

func (p *plain) changed(t *topic) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for wakeup := range p.wakeups[t] {
		select {
		case wakeup <- struct{}{}:
		default: // a wakeup is pending
		}
	}
}

func (p *plain) close() {} // the server waits for the requests

// due returns what a reader must receive now, and whether it is the last of its stream. It may reuse buffer.
func (h *Hub) due(s *reader, buffer []byte) (text []byte, last bool) {
	now := h.clock()
	text, events, _, ended := s.pending(buffer)
	switch {
	case ended || now >= s.end:
		return nil, true
	case events > 0:
		h.metrics.snapshots.Add(float64(events))
	case now >= s.nextBeat:
		s.nextBeat = now + h.vary(h.o.Pace.Heartbeat)
		text, events = s.heartbeat(buffer, h.o.Now())
		h.metrics.heartbeats.Add(float64(events))
	}
	return text, false
}

// A plainWriter writes and flushes with a deadline.
type plainWriter struct {
	hub     *Hub
	w       http.ResponseWriter
	control *http.ResponseController
}

// write reports whether the reader took the text. Each write has its own deadline instead of the server's WriteTimeout. Between writes there
// is none, because HTTP/2 ends a stream at its deadline.
func (p *plainWriter) write(text []byte) (ok bool) {
	h := p.hub
	if len(text) == 0 {
		return true
	}
	began := h.clock()
	_ = p.control.SetWriteDeadline(h.o.Now().Add(h.o.Pace.WriteTimeout)) // a ResponseWriter without deadlines doesn't block for long
	_, err := p.w.Write(text)
	if err == nil {
		err = p.control.Flush()
	}
	_ = p.control.SetWriteDeadline(time.Time{})
	if err != nil && h.clock()-began >= h.o.Pace.WriteTimeout {
		h.metrics.cut.Inc()
	}
	return err == nil
}
