package memnet_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"

	"waitboard/internal/memnet"
)

// A connection behaves like those of package net.
func TestConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		n := memnet.New()
		l, err := n.Listen("127.0.0.1:0")
		if err != nil {
			return nil, nil, nil, err
		}
		if c1, err = n.Dial(t.Context(), "tcp", l.Addr().String()); err == nil {
			c2, err = l.Accept()
		}
		return c1, c2, func() {
			_, _, _ = c1.Close(), c2.Close(), l.Close()
			if open := n.Open(); open != 0 {
				t.Errorf("%d connections are still open", open)
			}
		}, err
	})
}

func TestListen(t *testing.T) {
	n := memnet.New()
	l, err := n.Listen("localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if _, err := n.Listen(address); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a taken address: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Dial(t.Context(), "tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a closed listener: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept: %v", err)
	}
	if _, err := n.Listen(address); err != nil {
		t.Errorf("the address again: %v", err)
	}
}

// Each fault delays, limits or breaks what the listener's side sends, and nothing more.
func TestFaults(t *testing.T) {
	const never = time.Hour
	tests := []struct {
		name  string
		fault memnet.Fault
		bytes int
		after time.Duration // until the reader has everything and the end, or an error
		err   error         // nil: the end
	}{
		{"none", memnet.Fault{}, 1000, 0, nil},
		{"latency", memnet.Fault{Down: memnet.Direction{Latency: time.Second}}, 1000, time.Second, nil},
		{"latency of the other direction", memnet.Fault{Up: memnet.Direction{Latency: time.Second}}, 1000, 0, nil},
		{"rate", memnet.Fault{Down: memnet.Direction{Rate: 100}}, 1000, 10 * time.Second, nil},
		{"limit", memnet.Fault{Down: memnet.Direction{Limit: 600}}, 600, 0, nil},
		{"lost", memnet.Fault{Down: memnet.Direction{Lost: true}}, 0, never, os.ErrDeadlineExceeded},
		{"late close", memnet.Fault{Down: memnet.Direction{LateClose: time.Minute}}, 1000, time.Minute, nil},
		{"reset", memnet.Fault{Reset: true, ResetAfter: time.Second, Down: memnet.Direction{LateClose: time.Minute}}, 1000, time.Second, syscall.ECONNRESET},
		{"reset of others", memnet.Fault{Reset: true, ResetEvery: 2}, 1000, 0, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := memnet.New()
				l, err := n.Listen("127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				n.SetFault(l.Addr().String(), test.fault)
				client, err := n.Dial(t.Context(), "tcp", l.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				server, err := l.Accept()
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				go func() { _, _ = server.Write(make([]byte, 1000)); _ = server.Close() }()
				_ = client.SetReadDeadline(began.Add(never))
				got, err := io.ReadAll(client)
				if took := time.Since(began); len(got) != test.bytes || took != test.after || !errors.Is(err, test.err) {
					t.Errorf("%d bytes after %v, then %v", len(got), took, err)
				}
				_, _ = client.Close(), l.Close()
			})
		})
	}
}

// A fault also affects open connections, and its end does not restore lost bytes.
func TestFaultOfOpenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		l, _ := n.Listen("127.0.0.1:0")
		address := l.Addr().String()
		client, err := n.Dial(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		server, _ := l.Accept()
		reads := func(want error) {
			t.Helper()
			_, _ = server.Write([]byte("x"))
			_ = client.SetReadDeadline(time.Now().Add(time.Hour))
			if _, err := client.Read(make([]byte, 1)); !errors.Is(err, want) {
				t.Errorf("%v, not %v", err, want)
			}
		}
		reads(nil)
		n.SetFault(address, memnet.Fault{Down: memnet.Direction{Lost: true}})
		reads(os.ErrDeadlineExceeded)
		n.SetFault(address, memnet.Fault{})
		reads(os.ErrDeadlineExceeded)
		n.SetFault(address, memnet.Fault{Reset: true})
		reads(syscall.ECONNRESET)
		_, _, _ = client.Close(), server.Close(), l.Close()
	})
}
