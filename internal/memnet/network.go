// Package memnet provides a network in memory for tests: listeners, connections and network faults.
// It reads the time from package time only, so inside a testing/synctest bubble the whole network runs in fake time.
package memnet

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

// A Network connects the dialers and listeners of one test. It is safe for concurrent use.
type Network struct {
	mu        sync.Mutex // guards the fields below
	listeners map[string]*listener
	faults    map[string]Fault // by address of the listener
	links     map[*link]bool   // open on at least one side
	port      int              // the last one assigned
	dialed    int
}

// New returns a network without listeners and faults.
func New() *Network {
	return &Network{listeners: map[string]*listener{}, faults: map[string]Fault{}, links: map[*link]bool{}, port: 40_000}
}

// Listen opens a listener on host:port. The host must be an IP address or localhost; port 0 is any free port.
func (n *Network) Listen(address string) (net.Listener, error) {
	addr, err := resolve(address)
	if err != nil {
		return nil, fmt.Errorf("memnet: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if addr.Port == 0 {
		n.port++
		addr.Port = n.port
	}
	if n.listeners[addr.String()] != nil {
		return nil, fmt.Errorf("memnet: listen on %s: %w", addr, syscall.EADDRINUSE)
	}
	l := &listener{network: n, addr: addr, backlog: make(chan *conn, 128), closed: make(chan struct{})}
	n.listeners[addr.String()] = l
	return l, nil
}

// Dial opens a connection to a listener. It has the signature of [net/http.Transport].DialContext.
func (n *Network) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	addr, err := resolve(address)
	if err != nil {
		return nil, refused
	}
	n.mu.Lock()
	l := n.listeners[addr.String()]
	if l == nil {
		n.mu.Unlock()
		return nil, refused
	}
	n.port++
	n.dialed++
	k := &link{network: n, address: addr.String(), number: n.dialed}
	k.up, k.down = newHalf(k.fault, Fault.up), newHalf(k.fault, Fault.down)
	n.links[k] = true
	own, fault := &net.TCPAddr{IP: addr.IP, Port: n.port}, n.faults[k.address]
	n.mu.Unlock()
	client := &conn{link: k, in: k.down, out: k.up, local: own, remote: addr}
	server := &conn{link: k, in: k.up, out: k.down, local: addr, remote: own}
	select {
	case l.backlog <- server:
	case <-l.closed:
		k.reset()
		return nil, refused
	case <-ctx.Done():
		k.reset()
		return nil, ctx.Err()
	}
	k.suffer(fault)
	return client, nil
}

// SetFault sets the fault of open and future connections to the listener on an address. The zero Fault lifts it.
func (n *Network) SetFault(address string, f Fault) {
	n.mu.Lock()
	n.faults[address] = f
	var links []*link
	for k := range n.links {
		if k.address == address {
			links = append(links, k)
		}
	}
	n.mu.Unlock()
	for _, k := range links {
		k.suffer(f)
	}
}

// Open returns the number of connections that at least one side has not closed.
func (n *Network) Open() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.links)
}

// A link is one connection with both sides.
type link struct {
	network  *Network
	address  string // of the listener
	number   int
	up, down *half // to the listener, and from it

	mu     sync.Mutex
	closed int // sides
}

func (k *link) fault() Fault {
	k.network.mu.Lock()
	defer k.network.mu.Unlock()
	return k.network.faults[k.address]
}

// suffer resets the link if the fault requires it.
func (k *link) suffer(f Fault) {
	if f.Reset && (f.ResetEvery == 0 || k.number%f.ResetEvery == 0) {
		if f.ResetAfter == 0 {
			k.reset() // immediately, before any exchange in the same instant
		} else {
			time.AfterFunc(f.ResetAfter, k.reset)
		}
	}
}

// reset breaks the connection for both sides, which still have to close it.
func (k *link) reset() {
	k.up.breakOff()
	k.down.breakOff()
}

func (k *link) sideClosed() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed++; k.closed == 2 {
		k.network.mu.Lock()
		defer k.network.mu.Unlock()
		delete(k.network.links, k)
	}
}

type listener struct {
	network *Network
	addr    *net.TCPAddr
	backlog chan *conn
	closed  chan struct{}
	once    sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, net.ErrClosed
	default:
	}
	select {
	case c := <-l.backlog:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() {
		l.network.mu.Lock()
		delete(l.network.listeners, l.addr.String())
		l.network.mu.Unlock()
		close(l.closed)
		for {
			select {
			case c := <-l.backlog:
				c.link.reset()
				_ = c.Close()
			default:
				return
			}
		}
	})
	return nil
}

func (l *listener) Addr() net.Addr { return l.addr }

// resolve parses host:port without asking a name server.
func resolve(address string) (*net.TCPAddr, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	return net.ResolveTCPAddr("tcp", net.JoinHostPort(host, port))
}
