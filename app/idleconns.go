package app

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// idleConns bounds the connections that wait for another request. Each takes a file descriptor, and browsers hold theirs for minutes. Past
// the limit it closes the one that has waited longest; its browser opens another.
type idleConns struct {
	most int // 0: no limit

	mu    sync.Mutex // guards the fields below
	order list.List  // of net.Conn; the one that has waited longest comes first
	in    map[net.Conn]*list.Element
}

// adminIdle is how many idle connections the admin listener may have.
const adminIdle = 5

// newIdleConns allows the public listener not quite half of the reserved file descriptors. The others are for requests, the admin
// listener, sources and files. files is the number of descriptors; 0: unknown.
func newIdleConns(files int, admin bool) *idleConns {
	c := &idleConns{in: map[net.Conn]*list.Element{}}
	switch {
	case admin:
		c.most = adminIdle
	case files > 0:
		c.most = reserved(files)/2 - adminIdle
	}
	return c
}

// changed follows the state of a connection, as http.Server reports it.
func (c *idleConns) changed(conn net.Conn, state http.ConnState) {
	if oldest := c.follow(conn, state); oldest != nil {
		_ = oldest.Close() // its server notices, and reports that it is closed
	}
}

// follow returns a connection to close, or nil.
func (c *idleConns) follow(conn net.Conn, state http.ConnState) (oldest net.Conn) {
	if c.most == 0 || state == http.StateNew {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if before := c.in[conn]; before != nil {
		c.order.Remove(before)
		delete(c.in, conn)
	}
	if state != http.StateIdle {
		return nil
	}
	c.in[conn] = c.order.PushBack(conn)
	if c.order.Len() > c.most {
		oldest = c.order.Front().Value.(net.Conn)
		delete(c.in, oldest)
		c.order.Remove(c.order.Front())
	}
	return oldest
}
