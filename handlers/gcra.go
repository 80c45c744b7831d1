package handlers

import (
	"math/bits"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// A gcra limits how many requests each client makes, by the generic cell rate algorithm: of a client it keeps only the
// theoretical arrival time, the instant at which the client's quota is whole again. How far that lies ahead is what the
// client has used.
//
// It counts time in ticks of per/requests, in each of which every client gets one request back. In any time w a client
// gets n = requests + requests·w/per + 1 requests at most, and no client is refused for what others did. The least recently
// seen of more than maxClients clients is forgotten and begins anew: a flood that wants to win by that sends maxClients
// requests, each from another address, for every requests that it wins.
type gcra struct {
	requests, per uint64 // per in nanoseconds
	now           func() time.Time
	start         time.Time

	mu       sync.Mutex // guards arrivals
	arrivals *simplelru.LRU[clientKey, uint64]
}

// maxClients is how many clients are remembered, in about 12 MiB.
const maxClients = 1 << 16

func newGCRA(requests int, per time.Duration, now func() time.Time, clients int) *gcra {
	arrivals, err := simplelru.NewLRU[clientKey, uint64](clients, nil)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &gcra{requests: uint64(requests), per: uint64(per), now: now, start: now(), arrivals: arrivals}
}

// take counts a request of a client. It returns how many more the client may make at once; or, if it may not make this
// one, how long the client has to wait for the next.
func (g *gcra) take(c clientKey) (left int, wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, next := g.ticks()
	arrival, _ := g.arrivals.Get(c)
	arrival = max(arrival, now) + 1
	used := arrival - now
	if used > g.requests {
		return 0, next, false
	}
	g.arrivals.Add(c, arrival)
	return int(g.requests - used), 0, true
}

// ticks returns the time in ticks, and how long it is until the next one. The product has 128 bits, so that nothing is
// rounded off that would add up.
func (g *gcra) ticks() (now uint64, next time.Duration) {
	high, low := bits.Mul64(uint64(max(g.now().Sub(g.start), 0)), g.requests)
	now, part := bits.Div64(high, low, g.per)
	return now, time.Duration((g.per - part + g.requests - 1) / g.requests)
}
