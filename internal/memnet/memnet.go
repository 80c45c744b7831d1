// Package memnet owns connections without sockets, so that tests can run a server and its clients in one bubble of testing/synctest.
package memnet

import (
	"context"
	"net"
	"sync"
)

// A Listener accepts the connections that its own DialContext makes. Neither side buffers: a write waits until the other side has read.
type Listener struct {
	accepted chan net.Conn
	closed   chan struct{}
	close    sync.Once
}

// Listen returns a new listener.
func Listen() *Listener {
	return &Listener{accepted: make(chan net.Conn), closed: make(chan struct{})}
}

// DialContext connects to the listener, whatever the address, as [net/http.Transport] wants it.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.accepted <- conn{server}:
		return conn{client}, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Dial is DialContext without a context.
func (l *Listener) Dial() (net.Conn, error) { return l.DialContext(context.Background(), "", "") }

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepted:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and DialContext. The connections stay open.
func (l *Listener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return nil
}

// Addr returns an address as that of a TCP listener.
func (l *Listener) Addr() net.Addr { return address }

var address = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}

// A conn has addresses as those of TCP, which servers read.
type conn struct{ net.Conn }

func (conn) LocalAddr() net.Addr  { return address }
func (conn) RemoteAddr() net.Addr { return address }
