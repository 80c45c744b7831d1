package memnet

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// bufferSize is how many bytes of one direction can be on their way. A writer waits for room.
const bufferSize = 64 << 10

// A conn is one side of a link.
type conn struct {
	link          *link
	in, out       *half
	local, remote net.Addr
	once          sync.Once
}

func (c *conn) Read(p []byte) (int, error) { n, err := c.in.read(p); return n, c.failure("read", err) }
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, c.failure("write", err)
}

// failure wraps an error as package net does.
func (c *conn) failure(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

func (c *conn) Close() error {
	c.once.Do(func() {
		c.in.closeReader()
		c.out.closeWriter()
		c.link.sideClosed()
	})
	return nil
}

// CloseWrite ends this side's direction.
func (c *conn) CloseWrite() error { c.out.closeWriter(); return nil }

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) SetDeadline(t time.Time) error {
	c.in.setDeadlines(&t, nil)
	c.out.setDeadlines(nil, &t)
	return nil
}
func (c *conn) SetReadDeadline(t time.Time) error  { c.in.setDeadlines(&t, nil); return nil }
func (c *conn) SetWriteDeadline(t time.Time) error { c.out.setDeadlines(nil, &t); return nil }

// A half is one direction of a link.
type half struct {
	direction func() Direction

	mu              sync.Mutex // guards the fields below
	changed         chan struct{}
	queue           []segment
	size            int       // bytes in the queue and lost ones
	last            time.Time // when the last segment arrives
	sent            int       // bytes
	lost            bool      // bytes were lost; no more arrive
	ended           bool      // the writer has closed, or the limit is reached
	broken          bool      // reset
	left            bool      // the reader has closed
	readBy, writeBy time.Time // deadlines; zero: none
}

// A segment is bytes in transit, or the end.
type segment struct {
	due  time.Time
	data []byte // nil: the end
}

func newHalf(fault func() Fault, direction func(Fault) Direction) *half {
	return &half{direction: func() Direction { return direction(fault()) }, changed: make(chan struct{})}
}

// notify wakes all waiters. The caller must hold the mutex.
func (h *half) notify() {
	close(h.changed)
	h.changed = make(chan struct{})
}

// wait releases the mutex until something changes, or until the earliest nonzero time.
func (h *half) wait(times ...time.Time) {
	changed := h.changed
	h.mu.Unlock()
	defer h.mu.Lock()
	var alarm <-chan time.Time
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if !first.IsZero() {
		timer := time.NewTimer(time.Until(first))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-changed:
	case <-alarm:
	}
}

func passed(deadline time.Time) bool { return !deadline.IsZero() && !time.Now().Before(deadline) }

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.left:
			return 0, net.ErrClosed
		case h.broken:
			return 0, syscall.ECONNRESET
		case passed(h.readBy):
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case len(h.queue) == 0:
			h.wait(h.readBy)
			continue
		}
		next := &h.queue[0]
		if next.due.After(time.Now()) {
			h.wait(h.readBy, next.due)
			continue
		}
		if next.data == nil {
			return 0, io.EOF
		}
		n := copy(p, next.data)
		h.size -= n
		if next.data = next.data[n:]; len(next.data) == 0 {
			h.queue = h.queue[1:]
		}
		h.notify()
		return n, nil
	}
}

func (h *half) write(p []byte) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case n > 0 && n == len(p):
			return n, nil
		case h.broken:
			return n, syscall.ECONNRESET
		case h.ended:
			return n, net.ErrClosed
		case h.left:
			return n, syscall.EPIPE
		case passed(h.writeBy):
			return n, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case h.size >= bufferSize:
			h.wait(h.writeBy)
			continue
		}
		h.mu.Unlock()
		d := h.direction() // direction locks another mutex
		h.mu.Lock()
		n += h.send(p[n:], d)
	}
}

// send sends a part of p, and returns its length. The caller must hold the mutex.
func (h *half) send(p []byte, d Direction) int {
	n := d.piece(min(len(p), max(bufferSize-h.size, 1)))
	if d.Limit > 0 {
		n = min(n, max(d.Limit-h.sent, 0))
	}
	h.sent += n
	h.size += n
	if h.lost = h.lost || d.Lost; !h.lost && n > 0 {
		h.arrive(append([]byte(nil), p[:n]...), d.delay(), d.transmission(n))
	}
	if d.Limit > 0 && h.sent >= d.Limit {
		h.end(d)
	}
	h.notify()
	return n
}

// arrive queues a segment behind those in transit. The caller must hold the mutex.
func (h *half) arrive(data []byte, delay, transmission time.Duration) {
	due := time.Now().Add(delay)
	if due.Before(h.last) {
		due = h.last
	}
	h.last = due.Add(transmission)
	h.queue = append(h.queue, segment{h.last, data})
}

// end sends the end of the direction. The caller must hold the mutex.
func (h *half) end(d Direction) {
	if h.ended {
		return
	}
	h.ended = true
	if h.lost = h.lost || d.Lost; !h.lost {
		h.arrive(nil, d.delay()+d.LateClose, 0)
	}
	h.notify()
}

func (h *half) closeWriter() {
	d := h.direction()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.end(d)
}

func (h *half) closeReader() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left, h.queue, h.size = true, nil, 0
	h.notify()
}

func (h *half) breakOff() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.broken, h.queue = true, nil
	h.notify()
}

func (h *half) setDeadlines(read, write *time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if read != nil {
		h.readBy = *read
	}
	if write != nil {
		h.writeBy = *write
	}
	h.notify()
}
