package memnet

import (
	"context"
	"net"
)

// A Listener is the only one on its network.
type Listener struct {
	net.Listener
	network *Network
}

// Listen returns a new listener on a new network.
func Listen() *Listener {
	n := New()
	l, err := n.Listen("127.0.0.1:8080")
	if err != nil {
		panic(err) // the network is empty
	}
	return &Listener{l, n}
}

// DialContext connects to the listener and ignores the address.
func (l *Listener) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return l.network.Dial(ctx, network, l.Addr().String())
}

// Dial is DialContext without a context.
func (l *Listener) Dial() (net.Conn, error) { return l.DialContext(context.Background(), "tcp", "") }
