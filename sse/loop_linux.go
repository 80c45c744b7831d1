package sse

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A loop writes to connections that were taken over, from one goroutine that alone knows them: they need no locks, no goroutines, no
// buffers and no timers of their own. The kernel tells it (epoll) when a reader has gone, or takes something again. Nothing that a
// reader sends is read.
type loop struct {
	hub         *Hub
	epoll, bell int // descriptors; the bell is an eventfd that wakes it

	mu      sync.Mutex // guards what follows
	inbox   []func()   // what others want done
	stopped bool

	// The loop's own.
	conns     []*conn // by descriptor
	open      int     // how many they are
	followers map[*topic]map[*conn]struct{}
	swept     time.Duration // when it last looked at all of them
	found     [128]unix.EpollEvent
	count     [8]byte    // of the bell
	scrap     [2048]byte // what readers send
}

// A conn is one stream.
type conn struct {
	reader
	fd      int
	rest    []byte        // what the socket has not taken yet; nothing new is begun before it has
	blocked bool          // there is such a rest, and epoll tells when there is room
	began   time.Duration // since when
}

func newLoop(h *Hub) (*loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	bell, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err == nil {
		if err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, bell, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(bell)}); err != nil {
			_ = unix.Close(bell)
		}
	}
	if err != nil {
		_ = unix.Close(epoll)
		return nil, err
	}
	return &loop{hub: h, epoll: epoll, bell: bell, followers: map[*topic]map[*conn]struct{}{}}, nil
}

// post has something done by the loop, unless it has stopped.
func (l *loop) post(do func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped {
		return false
	}
	l.inbox = append(l.inbox, do)
	if len(l.inbox) == 1 {
		l.ring()
	}
	return true
}

// stop has the loop end, and all its streams first. Once more does nothing: the bell's descriptor may be another's by then.
func (l *loop) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.stopped {
		l.stopped = true
		l.ring()
	}
}

// ring wakes the loop. The mutex must be held: the bell is closed only after a loop has seen that it is stopped.
func (l *loop) ring() {
	_, _ = unix.Write(l.bell, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // it can't be full
}

func (l *loop) run() {
	for stopped := false; !stopped; {
		l.await()
		stopped = l.work()
		l.sweep()
	}
	for _, c := range l.conns {
		if c != nil {
			l.farewell(c)
		}
	}
	_ = unix.Close(l.bell)
	_ = unix.Close(l.epoll)
}

// await waits until there is something to do, and does what concerns single connections.
func (l *loop) await() {
	n, err := unix.EpollWait(l.epoll, l.found[:], l.pause())
	if err != nil && !errors.Is(err, unix.EINTR) {
		panic(fmt.Sprintf("stream: epoll: %v", err)) // only for wrong arguments
	}
	for _, each := range l.found[:max(n, 0)] {
		if fd := int(each.Fd); fd != l.bell {
			l.ready(l.conns[fd], each.Events) // each only once, so none of them has been dropped
		} else {
			_, _ = unix.Read(l.bell, l.count[:])
		}
	}
}

// work does what others want done, and tells whether that was the last of it.
func (l *loop) work() (stopped bool) {
	l.mu.Lock()
	inbox, stopped := l.inbox, l.stopped
	l.inbox = nil
	l.mu.Unlock()
	for _, do := range inbox {
		do()
	}
	return stopped
}

const gone = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR

// ready looks at a connection of which epoll tells something. A reader that has ended its half of the connection has gone: so net/http
// sees it too.
func (l *loop) ready(c *conn, events uint32) {
	switch {
	case events&gone != 0:
		if reason, _ := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR); reason == int(unix.ETIMEDOUT) {
			l.hub.metrics.cut.Inc()
		}
		l.drop(c)
	case c.blocked: // there is room again
		rest := c.rest
		c.rest = nil
		l.send(c, rest)
		l.update(c)
	}
}

// sendBuffer is how much the kernel keeps for a reader, in bytes: so much is old already when a slow reader gets to it.
const sendBuffer = 32 << 10

// join takes a connection in, and begins its stream.
func (l *loop) join(c *conn, opening []byte) {
	// Without these a slow or vanished reader would cost more, and do no other harm.
	_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer)
	_ = unix.SetsockoptInt(c.fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(l.hub.o.Pace.Patience.Milliseconds()))
	for len(l.conns) <= c.fd {
		l.conns = append(l.conns, nil)
	}
	l.conns[c.fd] = c
	l.open++
	for i := range c.follows {
		t := c.follows[i].topic
		if l.followers[t] == nil {
			l.followers[t] = map[*conn]struct{}{}
		}
		l.followers[t][c] = struct{}{}
	}
	if l.watch(c, unix.EPOLL_CTL_ADD, 0) {
		l.send(c, opening)
		l.update(c) // what has changed while it was on its way
	}
}

// watch has epoll tell when the reader goes, and what else is wanted.
func (l *loop) watch(c *conn, op int, events uint32) bool {
	err := unix.EpollCtl(l.epoll, op, c.fd, &unix.EpollEvent{Events: unix.EPOLLRDHUP | events, Fd: int32(c.fd)})
	if err != nil { // there is no memory for it
		l.drop(c)
	}
	return err == nil
}

// drop closes a connection, in the middle of an event if need be: a reader passes over one that is not whole.
func (l *loop) drop(c *conn) {
	// Closing is not enough for epoll while net/http has not closed its descriptor of the connection yet.
	_ = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_DEL, c.fd, nil)
	_ = unix.Close(c.fd)
	l.conns[c.fd] = nil
	l.open--
	for i := range c.follows {
		t := c.follows[i].topic
		if delete(l.followers[t], c); len(l.followers[t]) == 0 {
			delete(l.followers, t)
		}
	}
	l.hub.release(&c.reader)
}

// changed brings those who follow a topic up to date.
func (l *loop) changed(t *topic) {
	for c := range l.followers[t] {
		l.update(c)
	}
}

// update tells a reader what is new, unless it is not done with something older: then it is told after that.
func (l *loop) update(c *conn) {
	if l.conns[c.fd] != c || c.blocked {
		return
	}
	text, events, _, over := c.news(nil)
	switch {
	case over:
		l.farewell(c)
	case events > 0:
		l.hub.metrics.snapshots.Add(float64(events))
		l.send(c, text)
	}
}

// send writes a text. What the socket does not take is kept, and written when it does.
func (l *loop) send(c *conn, text []byte) {
	n, err := unix.Write(c.fd, text)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
		n, err = 0, nil
	}
	switch {
	case err != nil:
		l.drop(c)
	case n < len(text):
		if c.rest = bytes.Clone(text[n:]); !c.blocked {
			c.blocked, c.began = true, l.hub.clock()
			l.watch(c, unix.EPOLL_CTL_MOD, unix.EPOLLOUT)
		}
	case c.blocked:
		c.blocked = false
		l.watch(c, unix.EPOLL_CTL_MOD, 0)
	}
}

// farewell ends a stream in order: its reader is told when to come back.
func (l *loop) farewell(c *conn) {
	if !c.blocked {
		_, _ = unix.Write(c.fd, l.hub.retry(nil)) // it has all it needs
	}
	for range 4 { // closing with something unread would take back what was written last
		if n, err := unix.Read(c.fd, l.scrap[:]); n <= 0 || err != nil {
			break
		}
	}
	l.drop(c)
}

// pause is how long to wait for something to happen, in milliseconds; -1: for ever.
func (l *loop) pause() int {
	if l.open == 0 {
		return -1
	}
	return max(int((l.swept+l.hub.sweepEvery()-l.hub.clock())/time.Millisecond), 0) + 1
}

// sweepEvery is how often a loop looks at all its connections for what is due. That costs some milliseconds of a second for
// hundreds of thousands of them, and spares each a timer.
func (h *Hub) sweepEvery() time.Duration {
	return min(time.Second, h.o.Pace.Heartbeat/16, h.o.Pace.Patience/4, h.o.Pace.Life/4)
}

// sweep does what is due: cuts off readers that have not taken a write for too long, ends old streams, sends heartbeats.
func (l *loop) sweep() {
	h := l.hub
	now, at := h.clock(), h.o.Now()
	if now < l.swept+h.sweepEvery() {
		return
	}
	l.swept = now
	for _, c := range l.conns {
		switch {
		case c == nil:
		case c.blocked:
			if now >= c.began+h.o.Pace.Patience {
				h.metrics.cut.Inc()
				l.drop(c)
			}
		case now >= c.end:
			l.farewell(c)
		case now >= c.beat:
			c.beat = now + h.within(h.o.Pace.Heartbeat)
			text, events := c.heartbeat(nil, at)
			h.metrics.heartbeats.Add(float64(events))
			l.send(c, text)
		}
	}
}
