package handlers

import (
	"hash/maphash"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// A gcra tells which clients are over their limit, by the generic cell rate algorithm: of a client no more is kept than
// its theoretical arrival time, the instant at which its quota will be whole again. How far that lies ahead is what the
// client has used. A client whose instant has passed has its whole quota, like one that never came, so nothing needs to
// be kept of it.
//
// Time is counted in ticks of per/requests, in each of which every client gets one request back.
//
// The instants are in a table of fixed size: a client belongs to one set of cells, by a hash that nobody outside can
// compute, and has a cell to itself there while it has used anything. That takes no lock and no allocation, also for
// clients that are turned away. Where all cells of a set are in use, which takes about as many clients at once as there are cells,
// the others of that set are kept in a list of limited length, behind a lock, from which the least recently seen is forgotten.
//
// It holds, and is tested, that in any time w, with n = requests + requests·w/per + 1:
//
//   - No client is turned away for what others did; but for one that has the set and the tag of another, which for a
//     given pair is one in 2^37.
//   - A client gets n at most. Where others crowd its set, it may have two states, in the list and then in the table,
//     and gets 2·n at most.
//   - One that is forgotten from the list begins anew, once for every overflowSize other clients of crowded sets: a
//     flood that wants to win by that sends overflowSize requests, each from another address, for every requests that it wins.
//
// Requests of a client without a cell that arrive together may be given two. What is counted in one of them is forgotten then: a
// request or two.
type gcra struct {
	requests, per uint64 // per in nanoseconds
	now           func() time.Time
	start         time.Time
	seed          maphash.Seed
	sets          []cellSet

	mu       sync.Mutex
	overflow *simplelru.LRU[clientKey, uint64] // theoretical arrival times
}

// A cellSet fills a line of a processor's cache. A cell holds a client's tag, in its upper bits, and the client's
// theoretical arrival time in ticks: 40 bits are three years at the highest rate that the configuration allows.
type cellSet [8]atomic.Uint64

const (
	setCount     = 1 << 13 // 64 Ki cells, 512 KiB
	overflowSize = 1 << 16 // about 12 MiB when it has been full
	timeBits     = 40
	timeMask     = 1<<timeBits - 1
)

func newGCRA(requests int, per time.Duration, now func() time.Time, sets, overflow int) *gcra {
	list, err := simplelru.NewLRU[clientKey, uint64](overflow, nil)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &gcra{
		requests: uint64(requests), per: uint64(per), now: now, start: now(),
		seed: maphash.MakeSeed(), sets: make([]cellSet, sets), overflow: list,
	}
}

// take counts a request of a client. It tells how many more the client may make at once; or, if it may not make this one,
// how long it has to wait for the next.
func (g *gcra) take(c clientKey) (left int, wait time.Duration, ok bool) {
	now, next := g.ticks()
	hash := maphash.Comparable(g.seed, c)
	set, tag := &g.sets[hash%uint64(len(g.sets))], hash>>timeBits
	for {
		cell, old := set.find(tag, now)
		if cell == nil {
			left, ok = g.takeCrowded(c, now)
			return left, next, ok
		}
		arrival, left, ok := g.use(old&timeMask, now)
		if !ok {
			return 0, next, false
		}
		if cell.CompareAndSwap(old, tag<<timeBits|arrival) {
			return left, 0, true
		}
	}
}

// find gives the client's own cell, or one that nobody needs, or nil.
func (s *cellSet) find(tag, now uint64) (cell *atomic.Uint64, content uint64) {
	for i := range s {
		each := s[i].Load()
		if each>>timeBits == tag {
			return &s[i], each
		}
		if cell == nil && each&timeMask <= now {
			cell, content = &s[i], each
		}
	}
	return cell, content
}

// takeCrowded is take for a client whose set has no cell for it.
func (g *gcra) takeCrowded(c clientKey, now uint64) (left int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	arrival, _ := g.overflow.Get(c)
	arrival, left, ok = g.use(arrival, now)
	if ok {
		g.overflow.Add(c, arrival)
	}
	return left, ok
}

// use adds a request to a theoretical arrival time, if there is room.
func (g *gcra) use(before, now uint64) (arrival uint64, left int, ok bool) {
	arrival = max(before, now) + 1
	if used := arrival - now; used <= g.requests {
		return arrival, int(g.requests - used), true
	}
	return before, 0, false
}

// ticks is the time in ticks, and how long it is until the next one. The product has 128 bits, so nothing is rounded
// off that would add up.
func (g *gcra) ticks() (now uint64, next time.Duration) {
	high, low := bits.Mul64(uint64(max(g.now().Sub(g.start), 0)), g.requests)
	now, part := bits.Div64(high, low, g.per)
	return now, time.Duration((g.per - part + g.requests - 1) / g.requests)
}
