package chronicall

import (
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
type clock struct {
	mu      sync.Mutex
	offset  time.Duration
	seen    bool          // whether there was a sample
	doubted bool          // whether the last sample was far outside
	doubt   time.Duration // the offset that it gave, or the first of those that agree with it
	date    time.Time     // and the date of that
}

const (
	clockStep = 3 * time.Second // a discrepancy over this is not jitter
	clockSlew = 4               // a smaller one is reduced by this divisor with each sample
)

// sample takes an answer's Date into account (a zero date: there was none) and returns the estimate; sure is false when
// the date contradicts it.
func (c *clock) sample(asked, answered, date time.Time) (offset time.Duration, sure bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if date.IsZero() {
		return c.offset, true
	}
	low, high := date.Sub(answered), date.Add(time.Second).Sub(asked)
	middle := low + (high-low)/2
	outside := min(max(c.offset, low), high) - c.offset
	agrees := c.doubted && (middle-c.doubt).Abs() <= clockStep
	switch {
	case outside.Abs() <= clockStep:
		c.offset += outside / clockSlew
	case !c.seen, agrees && date.Sub(c.date) > clockStep:
		c.offset = middle
	case agrees: // which says little so soon: a cache may have kept both, one after the other
		return c.offset, false
	default:
		c.doubted, c.doubt, c.date = true, middle, date
		return c.offset, false
	}
	c.seen, c.doubted = true, false
	return c.offset, true
}

// estimate is how far their clock is ahead, for what comes without a date; sure is false while the last date that came
// contradicts it.
func (c *clock) estimate() (offset time.Duration, sure bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset, !c.doubted
}
