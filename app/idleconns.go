package app

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// idleConns bounds the connections that wait for another request, on both listeners. Each takes a file descriptor, and browsers hold theirs
// for minutes. Past the limit it closes the one that has waited longest; its browser opens another.
type idleConns struct {
	files   int        // file descriptors of the process; 0: unknown, and then there is no limit
	streams func() int // open event streams

	mu    sync.Mutex // guards the fields below
	order list.List  // of net.Conn; the one that has waited longest comes first
	in    map[net.Conn]*list.Element
}

func newIdleConns(files int, streams func() int) *idleConns {
	return &idleConns{files: files, streams: streams, in: map[net.Conn]*list.Element{}}
}

// most returns how many connections may wait: half of the reserved file descriptors, and those that streams leave free.
func (c *idleConns) most() int { return max(c.files-reserved(c.files)/2-c.streams(), 1) }

// changed follows the state of a connection, as http.Server reports it.
func (c *idleConns) changed(conn net.Conn, state http.ConnState) {
	if oldest := c.follow(conn, state); oldest != nil {
		_ = oldest.Close() // its server notices, and reports that it is closed
	}
}

// follow returns a connection to close, or nil.
func (c *idleConns) follow(conn net.Conn, state http.ConnState) (oldest net.Conn) {
	if c.files == 0 || state == http.StateNew {
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
	if c.order.Len() > c.most() {
		oldest = c.order.Front().Value.(net.Conn)
		delete(c.in, oldest)
		c.order.Remove(c.order.Front())
	}
	return oldest
}
