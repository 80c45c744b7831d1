package memnet

import (
	"math/rand/v2"
	"time"
)

// A Fault is what a network does to the connections to one listener. The zero Fault does nothing.
type Fault struct {
	Up, Down Direction // to the listener, and from it

	Reset      bool          // connections are reset
	ResetAfter time.Duration // this long after they open, or after the fault begins
	ResetEvery int           // only each nth connection; 0: all
}

// A Direction is what happens to the bytes of one direction.
type Direction struct {
	Latency time.Duration // of each write
	Jitter  time.Duration // random, up to this, in addition to Latency
	Rate    int           // bytes per second; 0: no limit
	Limit   int           // bytes after which the connection ends; 0: no limit
	// Lost loses all bytes without an error. A connection that has lost bytes delivers none later, as if a firewall had forgotten it.
	Lost bool
	// LateClose delays the end of the connection, not its bytes.
	LateClose time.Duration
}

func (f Fault) up() Direction   { return f.Up }
func (f Fault) down() Direction { return f.Down }

// delay returns the transit time of a write, without the time that Rate adds.
func (d Direction) delay() time.Duration {
	if d.Jitter > 0 {
		return d.Latency + rand.N(d.Jitter)
	}
	return d.Latency
}

// transmission returns how long n bytes take at Rate.
func (d Direction) transmission(n int) time.Duration {
	if d.Rate == 0 {
		return 0
	}
	return time.Duration(n) * time.Second / time.Duration(d.Rate)
}

// piece returns how many of n bytes travel together: what Rate lets through in a tenth of a second.
func (d Direction) piece(n int) int {
	if d.Rate == 0 {
		return n
	}
	return min(n, max(d.Rate/10, 1))
}
