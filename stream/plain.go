package stream

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
	text, over := h.opening(nil, s, known), false
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for ok := out.write(text); ok; {
		now := h.clock()
		if over || now >= s.end {
			out.write(h.retry(nil))
			return
		}
		var events int
		if text, events, _, over = s.news(text); events > 0 { // it may have come while the last was written
			h.metrics.snapshots.Add(float64(events))
			ok = out.write(text)
			continue
		}
		if over {
			continue
		}
		if now >= s.beat {
			text, events = s.heartbeat(text, h.o.Now())
			h.metrics.heartbeats.Add(float64(events))
			s.beat = now + h.within(h.o.Pace.Heartbeat)
			ok = out.write(text)
			continue
		}
		alarm.Reset(min(s.beat, s.end) - now)
		select {
		case <-r.Context().Done():
			return
		case <-bell:
		case <-alarm.C:
		}
	}
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
