package handlers

import (
	"math/bits"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// A gcra limits the requests of each client by the generic cell rate algorithm. It stores one number per client, the
// theoretical arrival time: when the client's quota is full again. The distance to now is what the client has used.
//
// It counts time in ticks of per/requests; each tick gives every client one request back. In any time w a client gets
// at most requests + requests·w/per + 1 requests, and no client is rejected for what others do. With more than maxClients
// clients, the least recently seen starts with a full quota again. An attacker needs maxClients requests from different
// addresses to gain one quota.
type gcra struct {
	requests, per uint64 // per in nanoseconds
	now           func() time.Time
	start         time.Time

	mu       sync.Mutex // guards arrivals
	arrivals *simplelru.LRU[clientKey, uint64]
}

// maxClients is how many clients are stored, in about 12 MiB.
const maxClients = 1 << 16

func newGCRA(requests int, per time.Duration, now func() time.Time, clients int) *gcra {
	arrivals, _ := simplelru.NewLRU[clientKey, uint64](clients, nil) // fails unless the size is positive
	return &gcra{requests: uint64(requests), per: uint64(per), now: now, start: now(), arrivals: arrivals}
}

// take counts a request of a client. It returns how many more the client may make at once, or how long a rejected client
// must wait for the next one.
func (g *gcra) take(c clientKey) (left int, wait time.Duration, ok bool) {
	now, next := g.ticks()
	g.mu.Lock()
	defer g.mu.Unlock()
	arrival, _ := g.arrivals.Get(c)
	arrival = max(arrival, now) + 1
	used := arrival - now
	if used > g.requests {
		return 0, next, false
	}
	g.arrivals.Add(c, arrival)
	return int(g.requests - used), 0, true
}

// ticks returns the time in ticks, and the time until the next one. The 128-bit product avoids rounding errors that would
// add up.
func (g *gcra) ticks() (now uint64, next time.Duration) {
	high, low := bits.Mul64(uint64(max(g.now().Sub(g.start), 0)), g.requests)
	now, part := bits.Div64(high, low, g.per)
	return now, time.Duration((g.per - part + g.requests - 1) / g.requests)
}
