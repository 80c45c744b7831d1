package sse

import (
	"bytes"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// A conn is one stream of a loop.
type conn struct {
	reader
	fd        int
	unsent    []byte        // what the socket has not taken yet; new events wait for it
	blocked   bool          // unsent isn't empty, and epoll reports when there is room
	blockedAt time.Duration // by the hub's clock
}

const gone = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR

// ready handles epoll events of a connection. A reader that closes its half of the connection has left, as in net/http.
func (l *loop) ready(c *conn, events uint32) {
	switch {
	case events&gone != 0:
		if reason, _ := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR); reason == int(unix.ETIMEDOUT) {
			l.hub.metrics.cut.Inc()
		}
		l.drop(c)
	case c.blocked: // there is room
		unsent := c.unsent
		c.unsent = nil
		l.send(c, unsent)
		l.update(c)
	}
}

// sendBuffer is the size of the kernel's buffer for a reader, in bytes. A slow reader receives that much outdated text first.
const sendBuffer = 32 << 10

// join adds a connection to the loop and sends the beginning of its stream.
func (l *loop) join(c *conn, opening []byte) {
	// If these fail, slow or vanished readers cost more memory.
	_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer)
	_ = unix.SetsockoptInt(c.fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(l.hub.o.Pace.WriteTimeout.Milliseconds()))
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
		l.update(c) // changes since the opening was rendered
	}
}

// watch makes epoll report when the reader leaves, and the other events.
func (l *loop) watch(c *conn, op int, events uint32) bool {
	err := unix.EpollCtl(l.epoll, op, c.fd, &unix.EpollEvent{Events: unix.EPOLLRDHUP | events, Fd: int32(c.fd)})
	if err != nil { // the kernel is out of memory
		l.drop(c)
	}
	return err == nil
}

// drop closes a connection, even in the middle of an event: readers ignore incomplete events.
func (l *loop) drop(c *conn) {
	// Closing alone doesn't remove it from epoll while net/http has not closed its own descriptor.
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

// changed updates the readers of a topic.
func (l *loop) changed(t *topic) {
	for c := range l.followers[t] {
		l.update(c)
	}
}

// update sends pending events. A blocked connection gets them once it has taken what is unsent.
func (l *loop) update(c *conn) {
	if l.conns[c.fd] != c || c.blocked {
		return
	}
	text, events, _, ended := c.pending(nil)
	switch {
	case ended:
		l.end(c)
	case events > 0:
		l.hub.metrics.snapshots.Add(float64(events))
		l.send(c, text)
	}
}

// send writes a text. If the socket takes only a part, epoll reports when there is room for the rest.
func (l *loop) send(c *conn, text []byte) {
	n, err := unix.Write(c.fd, text)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
		n, err = 0, nil
	}
	switch {
	case err != nil:
		l.drop(c)
	case n < len(text):
		if c.unsent = bytes.Clone(text[n:]); !c.blocked {
			c.blocked, c.blockedAt = true, l.hub.clock()
			l.watch(c, unix.EPOLL_CTL_MOD, unix.EPOLLOUT)
		}
	case c.blocked:
		c.blocked = false
		l.watch(c, unix.EPOLL_CTL_MOD, 0)
	}
}

// end ends a stream in order.
func (l *loop) end(c *conn) {
	for range 4 { // closing with unread input would reset the connection and discard the last write
		if n, err := unix.Read(c.fd, l.scratch[:]); n <= 0 || err != nil {
			break
		}
	}
	l.drop(c)
}
