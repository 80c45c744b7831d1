package app

import (
	"net"
	"net/http"
	"testing"
)

// Connections that wait for another request are closed past the limit, the longest waiting first. Those in use are not.
func TestIdleConns(t *testing.T) {
	streams := 0
	c := newIdleConns(64, func() int { return streams })
	if c.most() != 44 {
		t.Fatalf("%d idle connections of 64 file descriptors", c.most())
	}
	streams = 29
	conns := make([]net.Conn, 19)
	for i := range conns {
		conns[i], _ = net.Pipe()
	}
	closed := func(conn net.Conn, state http.ConnState) net.Conn { return c.follow(conn, state) }
	for i, conn := range conns[:17] {
		if got := closed(conn, http.StateIdle); (got != nil) != (i >= 15) {
			t.Errorf("connection %d: closes %v", i, got)
		}
	}
	closed(conns[2], http.StateActive)
	closed(conns[3], http.StateClosed)
	for i, want := range []net.Conn{nil, nil, conns[4], conns[5]} {
		conn := []net.Conn{conns[17], conns[18], conns[2], conns[0]}[i]
		if got := closed(conn, http.StateIdle); got != want {
			t.Errorf("step %d closes the wrong connection", i)
		}
	}
	if unlimited := newIdleConns(0, nil); unlimited.follow(conns[0], http.StateIdle) != nil || len(unlimited.in) > 0 {
		t.Error("without a known limit")
	}
}
