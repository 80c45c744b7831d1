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
// the span it stays, so that jitter moves nothing; a little outside, it is led there gently; far outside, one of the
// clocks was set or wrong from the start, and it jumps: the values of this very answer are dated by that clock.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

const (
	clockStep = 3 * time.Second // a discrepancy over this is a clock that was set, not jitter
	clockSlew = 4               // a smaller one is reduced by this divisor with each sample
)

// sample takes an answer's Date into account (a zero date: there was none) and returns the estimate.
func (c *clock) sample(asked, answered, date time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if date.IsZero() {
		return c.offset
	}
	low, high := date.Sub(answered), date.Add(time.Second).Sub(asked)
	var outside time.Duration
	switch {
	case c.offset < low:
		outside = low - c.offset
	case c.offset > high:
		outside = high - c.offset
	}
	if outside.Abs() > clockStep {
		c.offset = low + (high-low)/2
	} else {
		c.offset += outside / clockSlew
	}
	return c.offset
}
