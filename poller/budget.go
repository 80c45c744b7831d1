package poller

import "time"

// spare is how many polls may come before their time, so that a hiccup passes unnoticed.
const spare = 2

// A budget bounds how often a source is asked, whatever happens to it and to us: in any time of n intervals not more than
// n + spare + 1 times. Each question is paid for with an interval; what is asked sooner than that is owed, and paid off while
// questions are further apart. It is the generic cell rate algorithm.
type budget struct {
	interval time.Duration
	paid     time.Time // when all questions are paid for
	last     time.Time // when the last one was put
}

// free is when the next question may be put: an interval after the last one at the latest, unless it is to rest for longer.
func (b *budget) free() time.Time { return b.paid.Add(-spare * b.interval) }

// rest keeps all questions back until that time.
func (b *budget) rest(until time.Time) { b.paid = latest(b.paid, until.Add(spare*b.interval)) }

// spend counts a question that is put at that time, which is not before free.
func (b *budget) spend(at time.Time) {
	b.paid, b.last = latest(b.paid, at).Add(b.interval), at
}
