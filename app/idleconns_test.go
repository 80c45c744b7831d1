package app

import (
	"net"
	"net/http"
	"testing"
)

// Connections that wait for another request are closed past the limit, the longest waiting first. Those in use are not.
func TestIdleConns(t *testing.T) {
	c := newIdleConns(32)
	if c.most != 20 {
		t.Fatalf("%d idle connections of 32 file descriptors", c.most)
	}
	conns := make([]net.Conn, 14)
	for i := range conns {
		conns[i], _ = net.Pipe()
	}
	closed := func(conn net.Conn, state http.ConnState) net.Conn { return c.follow(conn, state) }
	for i, conn := range conns[:12] {
		if got := closed(conn, http.StateIdle); (got != nil) != (i >= 10) {
			t.Errorf("connection %d: closes %v", i, got)
		}
	}
	closed(conns[2], http.StateActive)
	closed(conns[3], http.StateClosed)
	for i, want := range []net.Conn{nil, nil, conns[4], conns[5]} {
		conn := []net.Conn{conns[12], conns[13], conns[2], conns[0]}[i]
		if got := closed(conn, http.StateIdle); got != want {
			t.Errorf("step %d closes the wrong connection", i)
		}
	}
	if unlimited := newIdleConns(0); unlimited.follow(conns[0], http.StateIdle) != nil || len(unlimited.in) > 0 {
		t.Error("without a known limit")
	}
}
