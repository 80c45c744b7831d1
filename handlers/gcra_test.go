package handlers

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func key(text string) clientKey { return keyOf(plain(netip.MustParseAddr(text))) }

// crowd generates clients: each /64 below 2001:db8::/32.
type crowd struct{ n uint64 }

func (c *crowd) next() clientKey { c.n++; return clientKey{network: 0x20010db8<<32 | c.n&(1<<32-1)} }

// allOf makes n requests at once, and returns how many pass.
func (g *gcra) allOf(c clientKey, n int) (passed int) {
	for range n {
		if _, _, ok := g.take(c); ok {
			passed++
		}
	}
	return passed
}

func TestLimitFollowsTheClock(t *testing.T) {
	clock := new(handClock)
	g := newGCRA(3, 10*time.Second, clock.now, maxClients)
	steps := []struct {
		after time.Duration
		left  int
		ok    bool
		wait  time.Duration
	}{
		{0, 2, true, 0},
		{0, 1, true, 0},
		{0, 0, true, 0},
		{0, 0, false, 3333333334}, // rounded up, so that the next request passes
		{3333333333, 0, false, 1},
		{1, 0, true, 0},
		{time.Second, 0, false, 2333333333},
		{2 * 3333333334, 1, true, 0},
		{time.Hour, 2, true, 0}, // never more than the quota
		{300 * 24 * time.Hour, 2, true, 0},
		{0, 1, true, 0},
	}
	for i, step := range steps {
		clock.advance(step.after)
		left, wait, ok := g.take(key("192.0.2.1"))
		if left != step.left || ok != step.ok || !ok && wait != step.wait {
			t.Errorf("step %d: %d left, %v, wait %v, want %+v", i, left, ok, wait, step)
		}
	}
	if left, _, _ := g.take(key("192.0.2.2")); left != 2 {
		t.Errorf("another client has %d left", left)
	}
}

// TestLimitInEveryWindow makes random requests, and checks each window between two that pass. It also runs the textbook
// algorithm in continuous time: what that passes must pass here.
func TestLimitInEveryWindow(t *testing.T) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		requests, per := 1+random.IntN(20), time.Duration(1+random.IntN(60))*time.Second
		clock := new(handClock)
		g := newGCRA(requests, per, clock.now, maxClients)
		share := per / time.Duration(requests)
		var passed []time.Duration
		var arrival float64 // theoretical, of the textbook algorithm, in seconds
		for range 600 {
			if random.IntN(3) > 0 { // bursts
				clock.advance(time.Duration(random.Int64N(int64(3 * share))))
			}
			if random.IntN(50) == 0 {
				clock.advance(per)
			}
			now := time.Duration(clock.ns.Load())
			_, _, ok := g.take(key("192.0.2.1"))
			if ok {
				passed = append(passed, now)
			}
			conforms := arrival-now.Seconds() <= (per-share).Seconds()-1e-6
			if conforms && !ok {
				t.Fatalf("seed %d: rejected at %v", seed, now)
			}
			if ok { // count what passes here
				arrival = max(arrival, now.Seconds()) + per.Seconds()/float64(requests)
			}
		}
		for i, from := range passed {
			for j := i; j < len(passed); j++ {
				most := float64(requests) + float64(requests)*float64(passed[j]-from)/float64(per) + 1
				if n := j - i + 1; float64(n) > most+1e-6 {
					t.Fatalf("seed %d: %d of %d per %v passed in %v", seed, n, requests, per, passed[j]-from)
				}
			}
		}
	}
}

// A flood neither affects a client within its limit, nor grows the table.
func TestFloodDoesNotReachOthers(t *testing.T) {
	clock, flood := new(handClock), new(crowd)
	g := newGCRA(600, time.Minute, clock.now, 2000)
	honest, abuser := key("198.51.100.7"), key("2001:db8:ffff:ffff::1")
	if n := g.allOf(honest, 600); n != 600 {
		t.Fatalf("the first burst: %d", n)
	}
	for range 100 {
		clock.advance(100 * time.Millisecond)
		for range 1500 {
			g.take(flood.next())
		}
		g.allOf(abuser, 100)
		if _, _, ok := g.take(honest); !ok {
			t.Fatal("rejected")
		}
	}
	if n := g.arrivals.Len(); n > 2000 {
		t.Errorf("%d clients are stored", n)
	}
}

// An abuser gains one quota for each time that a crowd evicts it.
func TestAbuserInACrowd(t *testing.T) {
	const requests, clients = 20, 50
	tests := []struct {
		name   string
		others int // requests of others between two bursts of the abuser
		want   int // how many of 11 bursts pass
	}{
		{"alone", 0, requests},
		{"stored", clients - 1, requests},
		{"evicted ten times", clients, 11 * requests},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			flood, abuser := new(crowd), key("192.0.2.1")
			g := newGCRA(requests, 10*time.Second, new(handClock).now, clients)
			passed := g.allOf(abuser, 3*requests)
			for range 10 {
				for range test.others {
					g.take(flood.next())
				}
				passed += g.allOf(abuser, 3*requests)
			}
			if passed != test.want {
				t.Errorf("%d passed, want %d", passed, test.want)
			}
		})
	}
}

// An abuser stays within its bound during random floods and pauses.
func TestAbuserAtRandom(t *testing.T) {
	const requests, per, clients = 20, 10 * time.Second, 50
	gained := 0
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 2))
		clock, flood, abuser := new(handClock), new(crowd), key("192.0.2.1")
		g := newGCRA(requests, per, clock.now, clients)
		passed, size := 0, 1+random.IntN(2*clients)
		for range 100 {
			switch random.IntN(4) {
			case 0:
				clock.advance(time.Duration(random.Int64N(int64(2 * time.Second))))
			case 1:
				passed += g.allOf(abuser, random.IntN(3*requests))
			default:
				for range random.IntN(size) {
					g.take(flood.next())
				}
			}
		}
		w := time.Duration(clock.ns.Load())
		limit := requests + requests*w.Seconds()/per.Seconds() + 1
		if float64(passed) > limit {
			gained++
		}
		if most := limit + float64(requests*(flood.n/clients)); float64(passed) > most {
			t.Errorf("seed %d: %d passed, of %v at most", seed, passed, most)
		}
	}
	if gained == 0 {
		t.Error("no abuser gained anything, so this tests nothing")
	}
}

// Concurrent requests share one quota.
func TestLimitConcurrent(t *testing.T) {
	g := newGCRA(1000, time.Minute, new(handClock).now, maxClients)
	var passed atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { passed.Add(int64(g.allOf(key("192.0.2.1"), 500))) })
	}
	all.Wait()
	if n := passed.Load(); n != 1000 {
		t.Errorf("%d passed", n)
	}
}
