package chronicall

import (
	"slices"
	"sync"
	"time"
)

// A clock estimates how far the source's clock is ahead of waitboard's, from the Date headers of responses. A header has whole
// seconds, and was written between the request and the response, so each sample gives a range for the offset.
//
// The estimate starts at zero, since most clocks are right. Inside the range it stays, so jitter does not move it. A little
// outside, it moves a part of the way. Far outside, the first sample of all is accepted. A later one becomes a candidate: it
// may come from a cache, or the clock may have been set. Further samples that agree with it, and whose dates go on, confirm
// it; until then the offset is doubtful.
//
// A source may be a cluster whose nodes have different clocks. Candidates that are confirmed between samples that agree with
// the known nodes are further nodes. Each answer is read by the node that its own date fits.
type clock struct {
	onSecondNode func(apart time.Duration) // called once

	mu         sync.Mutex  // guards what follows
	nodes      []node      // the one that gave the last answer is first; empty: no sample has come
	candidates []candidate // the oldest first
	doubtful   bool        // the last sample was far outside
	samples    int         // how many have come
	lastID     int         // of the nodes so far
}

// A node is one clock of the source.
type node struct {
	id    int
	ahead time.Duration // of our clock
	shift time.Duration // ahead of the first node, in whole seconds so that it does not move with ahead
	last  int           // the number of the last sample that agreed
}

// A candidate is the offset of samples that agree with no node.
type candidate struct {
	ahead time.Duration // by the first of them
	date  time.Time     // of the last one that went on
	count int           // of those that went on
	first int           // the number of the first sample
	last  int           // the number of the last sample
}

// An offset says how to read the times of one answer or message.
type offset struct {
	node     int           // its ID
	ahead    time.Duration // of our clock
	shift    time.Duration // ahead of the first node
	doubtful bool          // the last sample was far outside
}

const (
	clockStep = 3 * time.Second // a discrepancy over this is not jitter
	clockSlew = 4               // a smaller one is reduced by this divisor with each sample

	maxNodes   = 4    // and as many candidates
	nodeProof  = 3    // samples that confirm another node
	forgetNode = 1000 // samples of which none agreed
)

// sample takes an answer's Date into account (zero: it has none) and returns how to read the answer's times.
func (c *clock) sample(asked, answered, date time.Time) offset {
	c.mu.Lock()
	defer c.mu.Unlock()
	if date.IsZero() {
		o := c.current()
		o.doubtful = false
		return o
	}
	c.samples++
	low, high := date.Sub(answered), date.Add(time.Second).Sub(asked)
	middle := low + (high-low)/2
	outside := func(ahead time.Duration) time.Duration { return min(max(ahead, low), high) - ahead }
	if len(c.nodes) == 0 {
		first := node{}
		if outside(0).Abs() > clockStep {
			first.ahead = middle
		}
		c.nodes = []node{first}
	}
	best := 0
	for i, n := range c.nodes {
		if outside(n.ahead).Abs() < outside(c.nodes[best].ahead).Abs() {
			best = i
		}
	}
	if outside(c.nodes[best].ahead).Abs() > clockStep {
		if best = c.consider(middle, date); best < 0 {
			c.doubtful = true
			return c.current()
		}
	}
	n := c.nodes[best]
	n.ahead += outside(n.ahead) / clockSlew
	n.last, c.doubtful = c.samples, false
	c.nodes = slices.Insert(slices.Delete(c.nodes, best, best+1), 0, n)
	c.nodes = slices.DeleteFunc(c.nodes, func(n node) bool { return c.samples-n.last > forgetNode })
	c.candidates = slices.DeleteFunc(c.candidates, func(d candidate) bool { return c.samples-d.last > forgetNode })
	return c.current()
}

// consider takes in a sample that agrees with no node. It returns the index of the node that it confirms, -1 if none.
func (c *clock) consider(ahead time.Duration, date time.Time) int {
	i := slices.IndexFunc(c.candidates, func(d candidate) bool { return (ahead - d.ahead).Abs() <= clockStep })
	if i < 0 {
		c.candidates = append(c.candidates, candidate{ahead, date, 1, c.samples, c.samples})
		c.candidates = c.candidates[max(len(c.candidates)-maxNodes, 0):]
		return -1
	}
	d := &c.candidates[i]
	d.last = c.samples
	if date.Sub(d.date) <= clockStep { // a cache may hold both answers
		return -1
	}
	d.date = date
	d.count++
	wasSet := c.nodes[0].last < d.first // no sample has agreed with a node since
	if !wasSet && d.count < nodeProof {
		return -1
	}
	c.candidates = slices.Delete(c.candidates, i, i+1)
	if wasSet {
		c.nodes[0].ahead = ahead
		return 0
	}
	c.lastID++
	apart := ahead - c.nodes[0].ahead
	if c.onSecondNode != nil && c.lastID == 1 {
		c.onSecondNode(apart.Abs())
	}
	added := node{id: c.lastID, ahead: ahead, shift: c.nodes[0].shift + apart.Round(time.Second)}
	c.nodes = append(c.nodes[:min(len(c.nodes), maxNodes-1)], added)
	return len(c.nodes) - 1
}

// current returns the offset of the node that gave the last answer.
func (c *clock) current() offset {
	if len(c.nodes) == 0 {
		return offset{}
	}
	n := c.nodes[0]
	return offset{n.id, n.ahead, n.shift, c.doubtful}
}

// of returns how to read the times of what a node sends without a date. A forgotten node is taken for the one that gave the
// last answer.
func (c *clock) of(id int) offset {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.nodes) > 1 {
		for _, n := range c.nodes {
			if n.id == id {
				return offset{n.id, n.ahead, n.shift, false}
			}
		}
	}
	return c.current()
}
