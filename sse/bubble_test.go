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

// eachInTime runs a test over each transport, with a clock that only the test moves. The kernel doesn't follow that clock: worlds with
// taken-over connections use real ports, and only their hub has the test's clock. All others run in a bubble.
func eachInTime(t *testing.T, p Pace, test func(t *testing.T, w *world)) {
	each(t, func(t *testing.T, transport string) {
		if transport == takenOver {
			test(t, newWorld(t, transport, p))
			return
		}
		synctest.Test(t, func(t *testing.T) { test(t, newBubble(t, transport, p)) })
	})
}

// Timeouts of the server in a bubble. They must not end streams.
const readTimeout, writeTimeout = 5 * time.Second, 2 * time.Second

// newBubble starts a server with in-memory connections and timeouts. The test must run in a bubble.
func newBubble(t testing.TB, transport string, p Pace) *world {
	w := makeWorld(t, transport, p, time.Now)
	w.timeout = 1000 * time.Hour // streams last for hours
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

// dial returns a connection that buffers some bytes, as a socket does.
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

// Addr returns an address that httptest's certificate covers.
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
