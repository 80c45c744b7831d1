package chronicall

import (
	"slices"
	"sync"
	"time"
)

// A clock estimates how far the source's clock is ahead of ours, from the Date headers of its answers. Such a header
// has whole seconds and was written at some time between our question and its answer, so each sample gives a span that
// the offset lies in.
//
// The estimate moves no further than the samples force it to. It starts at zero, since most clocks are right; inside
// the span it stays, so that jitter moves nothing; a little outside, it is led there gently. Far outside, the first sample
// of all is believed. A later one may be a stray, such as a cache gives, or the clock may have been set: it takes another
// one that agrees, and has gone on since by more than what may agree by chance, and until then nothing can be said.
//
// A source may be a cluster whose nodes have different clocks. Samples that agree with each other, between others that
// agree with what is known, are those of another node. Each answer is then judged by the node that its own date fits.
type clock struct {
	split func(apart time.Duration) // called once, when a second node is found

	mu      sync.Mutex
	nodes   []node  // the one that gave the last answer is first; empty: no sample has come
	doubts  []doubt // the oldest first
	doubted bool    // whether the last sample was far outside
	samples int     // how many have come
	ids     int     // how many nodes have had one
}

// A node is one clock of the source.
type node struct {
	id     int
	offset time.Duration
	shift  time.Duration // how far it is ahead of the first node, in whole seconds so that it does not move with the offset
	last   int           // the number of the last sample that agreed with it
}

// A doubt is what samples say that agree with no node.
type doubt struct {
	offset time.Duration // that the first of them gave
	date   time.Time     // of the last one whose date had gone on
	count  int           // of those
	first  int           // the number of the first one
	last   int           // and of the last one
}

// A bearing is how to read the times of one answer or message.
type bearing struct {
	node   int           // which of the source's clocks it is from
	offset time.Duration // how far that is ahead of ours
	shift  time.Duration // how far that is ahead of the first node's
	unsure bool          // the last date that came contradicts what is known
}

const (
	clockStep = 3 * time.Second // a discrepancy over this is not jitter
	clockSlew = 4               // a smaller one is reduced by this divisor with each sample

	maxNodes   = 4    // and as many doubts
	nodeProof  = 3    // samples that it takes to believe in another node
	forgetNode = 1000 // samples without one that agrees
)

// sample takes an answer's Date into account (a zero date: there was none) and returns how to read its times. They can't be
// relied upon when the date contradicts what is known.
func (c *clock) sample(asked, answered, date time.Time) bearing {
	c.mu.Lock()
	defer c.mu.Unlock()
	if date.IsZero() {
		b := c.current()
		b.unsure = false
		return b
	}
	c.samples++
	low, high := date.Sub(answered), date.Add(time.Second).Sub(asked)
	middle := low + (high-low)/2
	outside := func(offset time.Duration) time.Duration { return min(max(offset, low), high) - offset }
	if len(c.nodes) == 0 {
		first := node{}
		if outside(0).Abs() > clockStep {
			first.offset = middle
		}
		c.nodes = []node{first}
	}
	best := 0
	for i, n := range c.nodes {
		if outside(n.offset).Abs() < outside(c.nodes[best].offset).Abs() {
			best = i
		}
	}
	if outside(c.nodes[best].offset).Abs() > clockStep && !c.believe(middle, date, &best) {
		c.doubted = true
		return c.current()
	}
	n := c.nodes[best]
	n.offset += outside(n.offset) / clockSlew
	n.last, c.doubted = c.samples, false
	c.nodes = slices.Insert(slices.Delete(c.nodes, best, best+1), 0, n)
	c.nodes = slices.DeleteFunc(c.nodes, func(n node) bool { return c.samples-n.last > forgetNode })
	c.doubts = slices.DeleteFunc(c.doubts, func(d doubt) bool { return c.samples-d.last > forgetNode })
	return c.current()
}

// believe takes in a sample that agrees with no node. It reports whether there is one now, and its index.
func (c *clock) believe(middle time.Duration, date time.Time, index *int) bool {
	i := slices.IndexFunc(c.doubts, func(d doubt) bool { return (middle - d.offset).Abs() <= clockStep })
	if i < 0 {
		c.doubts = append(c.doubts, doubt{middle, date, 1, c.samples, c.samples})
		c.doubts = c.doubts[max(len(c.doubts)-maxNodes, 0):]
		return false
	}
	d := &c.doubts[i]
	d.last = c.samples
	if date.Sub(d.date) <= clockStep { // which says little so soon: a cache may have kept both, one after the other
		return false
	}
	d.date = date
	d.count++
	wasSet := c.nodes[0].last < d.first // nothing has agreed with what was known since
	if !wasSet && d.count < nodeProof {
		return false
	}
	c.doubts = slices.Delete(c.doubts, i, i+1)
	if wasSet {
		c.nodes[0].offset, *index = middle, 0
		return true
	}
	c.ids++
	shift := c.nodes[0].shift + (middle - c.nodes[0].offset).Round(time.Second)
	if c.split != nil && c.ids == 1 {
		c.split((middle - c.nodes[0].offset).Abs())
	}
	c.nodes = append(c.nodes[:min(len(c.nodes), maxNodes-1)], node{id: c.ids, offset: middle, shift: shift})
	*index = len(c.nodes) - 1
	return true
}

// current is the bearing of the node that gave the last answer.
func (c *clock) current() bearing {
	if len(c.nodes) == 0 {
		return bearing{}
	}
	n := c.nodes[0]
	return bearing{n.id, n.offset, n.shift, c.doubted}
}

// of returns how to read the times of what a node sends without a date. A node that is forgotten is taken for the one that
// gave the last answer; there is no relying on that one while the last date contradicts it.
func (c *clock) of(id int) bearing {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.nodes) > 1 {
		for _, n := range c.nodes {
			if n.id == id {
				return bearing{n.id, n.offset, n.shift, false}
			}
		}
	}
	return c.current()
}
