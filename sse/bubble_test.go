package sse

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// eachInTime runs a test for each transport, on a clock that moves only when the test lets time pass. The kernel's part of a connection that
// was taken over has no such clock: these worlds have real ports, and their hub alone has the test's time. All others are in a bubble.
func eachInTime(t *testing.T, p Pace, test func(t *testing.T, w *world)) {
	each(t, func(t *testing.T, transport string) {
		if transport == "taken over" {
			test(t, newWorld(t, transport, p))
			return
		}
		synctest.Test(t, func(t *testing.T) { test(t, newBubble(t, transport, p)) })
	})
}

// These are the server's timeouts in a bubble. They must not end streams.
const readTimeout, writeTimeout = 5 * time.Second, 2 * time.Second

// newBubble starts a server that is reached in memory, with the timeouts that ours has. The test must be in a bubble.
func newBubble(t testing.TB, transport string, p Pace) *world {
	w := makeWorld(t, transport, p, time.Now)
	w.patience = 1000 * time.Hour // the streams of a test last for hours
	w.pass = func(d time.Duration) {
		time.Sleep(d)
		synctest.Wait()
	}
	pipes := &pipeListener{accepted: make(chan net.Conn), closed: make(chan struct{})}
	_ = w.server.Listener.Close()
	w.server.Listener = pipes
	w.server.Config.ReadTimeout, w.server.Config.WriteTimeout, w.server.Config.IdleTimeout = readTimeout, writeTimeout, time.Minute
	w.connect = pipes.dial
	w.start(transport)
	w.client().DialContext = func(context.Context, string, string) (net.Conn, error) { return pipes.dial() }
	return w
}

// A pipeListener accepts connections in memory.
type pipeListener struct {
	accepted chan net.Conn
	once     sync.Once
	closed   chan struct{}
}

// dial makes a connection that takes some bytes before its reader does, as a socket would.
func (l *pipeListener) dial() (net.Conn, error) {
	client, ours := net.Pipe()
	theirs, server := net.Pipe()
	relay := func(to, from net.Conn) {
		_, _ = io.Copy(to, from) // until either end is closed
		_, _ = to.Close(), from.Close()
	}
	select {
	case l.accepted <- server:
		go relay(ours, theirs)
		go relay(theirs, ours)
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accepted:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is one that httptest's certificate is for.
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
