package testengine

import (
	"context"
	"net"
	"sync"
	"testing"
)

// A Proxy stands between replicas and an engine, and is a bad network on request.
//
// Toxiproxy can't replace it: it drops the bytes of a silent connection and closes it at the end. A network that recovers delivers them late,
// so an engine carries out requests whose senders have given up.
type Proxy struct {
	listener net.Listener
	ended    sync.WaitGroup

	mu     sync.Mutex // guards what follows
	change *sync.Cond // of fault or closed
	target string
	fault  Fault
	open   map[net.Conn]bool
	closed bool
}

// A Fault is what a network does. The zero Fault is a good network.
type Fault struct {
	HoldRequests bool // what replicas send waits until the fault ends
	HoldReplies  bool // what the engine sends waits until the fault ends
	Cut          bool // open connections are closed, and new ones too
}

// Between starts a proxy to an engine that ends with the test.
func Between(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, target: target, open: map[net.Conn]bool{}}
	p.change = sync.NewCond(&p.mu)
	p.ended.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Addr returns host:port of the proxy.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// URL returns the URL of the engine behind the proxy.
func (p *Proxy) URL() string { return "redis://" + p.Addr() + "/0" }

// Set replaces the fault.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
	if f.Cut {
		p.hangUp()
	}
	p.change.Broadcast()
}

// Lead makes new connections lead to another engine. Open ones stay.
func (p *Proxy) Lead(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.hangUp()
	p.change.Broadcast()
	p.mu.Unlock()
	p.ended.Wait()
}

// hangUp closes all connections. The mutex must be held.
func (p *Proxy) hangUp() {
	for each := range p.open {
		_ = each.Close()
		delete(p.open, each)
	}
}

func (p *Proxy) accept() {
	for {
		replica, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		target := p.target
		p.mu.Unlock()
		engine, err := new(net.Dialer).DialContext(context.Background(), "tcp", target)
		if err != nil {
			_ = replica.Close()
			continue
		}
		if !p.add(replica, engine) {
			_, _ = replica.Close(), engine.Close()
			continue
		}
		p.ended.Go(func() { p.pass(replica, engine, func(f Fault) bool { return f.HoldRequests }) })
		p.ended.Go(func() { p.pass(engine, replica, func(f Fault) bool { return f.HoldReplies }) })
	}
}

func (p *Proxy) add(all ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.fault.Cut {
		return false
	}
	for _, each := range all {
		p.open[each] = true
	}
	return true
}

// pass passes on what one side sends, but holds it while the fault says so.
func (p *Proxy) pass(from, to net.Conn, held func(Fault) bool) {
	defer func() { _, _ = from.Close(), to.Close() }()
	chunk := make([]byte, 64<<10)
	for {
		n, err := from.Read(chunk)
		p.mu.Lock()
		for held(p.fault) && !p.closed {
			p.change.Wait()
		}
		p.mu.Unlock()
		if _, writeErr := to.Write(chunk[:n]); err != nil || writeErr != nil {
			return
		}
	}
}
