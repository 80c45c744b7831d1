package sse

import (
	"net/http"
	"time"
)

// serve writes a stream from the goroutine of its request.
func (h *Hub) serve(w http.ResponseWriter, r *http.Request, s *reader, known string) {
	bell := make(chan struct{}, 1)
	for i := range s.follows {
		s.follows[i].topic.await(bell)
		defer s.follows[i].topic.leave(bell)
	}
	out := &plainWriter{hub: h, w: w, control: http.NewResponseController(w)}
	w.WriteHeader(http.StatusOK)
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for text, last := h.opening(nil, s, known), false; out.write(text) && !last; {
		if text, last = h.due(s, text); len(text) > 0 {
			continue
		}
		alarm.Reset(min(s.beat, s.end) - h.clock())
		select {
		case <-r.Context().Done():
			return
		case <-bell:
		case <-alarm.C:
		}
	}
}

// due is what a reader is to be told now, if anything, made in buffer where it is not shared; and whether that is the last of its stream.
func (h *Hub) due(s *reader, buffer []byte) (text []byte, last bool) {
	now := h.clock()
	text, events, _, over := s.news(buffer)
	switch {
	case over || now >= s.end:
		return h.retry(nil), true
	case events > 0:
		h.metrics.snapshots.Add(float64(events))
	case now >= s.beat:
		s.beat = now + h.within(h.o.Pace.Heartbeat)
		text, events = s.heartbeat(buffer, h.o.Now())
		h.metrics.heartbeats.Add(float64(events))
	}
	return text, false
}

// A plainWriter sends what it is given at once.
type plainWriter struct {
	hub     *Hub
	w       http.ResponseWriter
	control *http.ResponseController
}

// write tells whether the reader is still there. The server's own deadline is for answers that end: there is one for each write
// instead, and none in between, since HTTP/2 would end the stream by it.
func (p *plainWriter) write(text []byte) (ok bool) {
	h := p.hub
	if len(text) == 0 {
		return true
	}
	began := h.clock()
	_ = p.control.SetWriteDeadline(h.o.Now().Add(h.o.Pace.Patience)) // a ResponseWriter without deadlines never blocks for long
	_, err := p.w.Write(text)
	if err == nil {
		err = p.control.Flush()
	}
	_ = p.control.SetWriteDeadline(time.Time{})
	if err != nil && h.clock()-began >= h.o.Pace.Patience {
		h.metrics.cut.Inc()
	}
	return err == nil
}
