package simulator

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"waitboard/internal/memnet"
)

// startInMemory is start without sockets, for a testing/synctest bubble. The client only reaches the simulator.
func startInMemory(t *testing.T, o Options) (s *Simulator, clock *testClock, client *http.Client) {
	t.Helper()
	clock = &testClock{now: morning}
	o.Now, o.InitTime = clock.Now, -1
	o, err := o.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	l := memnet.Listen()
	s = startOn(o, l, nil)
	t.Cleanup(func() { _ = s.Close() })
	return s, clock, &http.Client{Transport: &http.Transport{DialContext: l.DialContext, DisableKeepAlives: true}}
}

// inMinutes is how long a test waits for something that must not happen. It takes no time in a bubble.
func inMinutes(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, client := startInMemory(t, Options{})
		const delay = 30 * time.Second
		set(t, s, Fault{Mode: ModeSlow, Delay: delay})
		asked := time.Now()
		req, _ := http.NewRequest("GET", s.URL()+metricsPath, nil)
		req.Header.Set("Authorization", "Bearer "+s.Key())
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if took := time.Since(asked); took != delay || resp.StatusCode != 200 {
			t.Errorf("status %d after %v, want 200 after %v", resp.StatusCode, took, delay)
		}
	})
}

func TestSocketFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		fault Fault
		check func(t *testing.T, s *Simulator, conn *websocket.Conn)
	}{
		"drop":      {Fault{Socket: SocketDrop}, isCut},
		"down":      {Fault{Mode: ModeDown}, isCut},
		"restart":   {Fault{Mode: ModeRestart}, isCut},
		"freeze":    {Fault{Socket: SocketFreeze}, isFrozen},
		"half open": {Fault{Socket: SocketHalfOpen}, isHalfOpen},
		"slow":      {Fault{Socket: SocketSlow, Lag: time.Minute}, isLate},
		"flood":     {Fault{Socket: SocketFlood}, isFlooded},
		"unknown":   {Fault{Socket: SocketUnknown}, isOdd},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, clock, client := startInMemory(t, Options{Seed: 1})
				query := url.Values{"id": {faulty}, "auth_token": {s.Key()}}
				conn, _, err := websocket.Dial(t.Context(), s.URL()+subscribePath+"?"+query.Encode(), &websocket.DialOptions{HTTPClient: client})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = conn.CloseNow() })
				set(t, s, tc.fault)
				clock.advance(10 * time.Minute) // values change meanwhile
				tc.check(t, s, conn)
			})
		})
	}
}

const faulty = "K0FLAEB6" // the metric of these subscriptions

func isCut(t *testing.T, _ *Simulator, conn *websocket.Conn) {
	if _, _, err := conn.Read(t.Context()); err == nil || websocket.CloseStatus(err) >= 0 {
		t.Errorf("got %v, want a cut", err)
	}
}

func isFrozen(t *testing.T, _ *Simulator, conn *websocket.Conn) {
	reading := conn.CloseRead(t.Context())
	if err := conn.Ping(t.Context()); err != nil {
		t.Errorf("no pong: %v", err)
	}
	select {
	case <-reading.Done():
		t.Error("a message came, or the connection ended")
	case <-inMinutes(t).Done():
	}
}

func isHalfOpen(t *testing.T, s *Simulator, conn *websocket.Conn) {
	reading := conn.CloseRead(t.Context())
	soon, cancel := context.WithTimeout(t.Context(), 3*time.Second) // package websocket cuts a ping without a pong after 5 seconds
	defer cancel()
	if err := conn.Ping(soon); err == nil || reading.Err() != nil {
		t.Errorf("ping %v, connection %v", err, reading.Err())
	}
	set(t, s, Fault{})
	if err := conn.Ping(t.Context()); err != nil {
		t.Errorf("after the fault: %v", err)
	}
}

func isLate(t *testing.T, s *Simulator, conn *websocket.Conn) {
	changed := time.Now()
	next(t, conn)
	if took, lag := time.Since(changed), s.Fault().Lag; took < lag || took > lag+2*lookEvery {
		t.Errorf("a message came after %v, want it %v late", took, lag)
	}
}

func isFlooded(t *testing.T, _ *Simulator, conn *websocket.Conn) {
	for range 1000 {
		if _, v := next(t, conn); v.Key.MetricID != faulty {
			t.Fatalf("got %+v", v)
		}
	}
}

func isOdd(t *testing.T, _ *Simulator, conn *websocket.Conn) {
	odd := map[string]bool{}
	for len(odd) < 8 { // the two with 99 differ in their times only
		if text, v := next(t, conn); v.Value.Type != Count || v.Value.Count == 99 {
			odd[timestamps.ReplaceAllString(text, "")] = true
		}
	}
}
