package trend

import (
	"sync"
	"time"
)

// Hour is how many minutes of polls are counted.
const Hour = 60

// A Minute counts the polls of a minute.
type Minute struct{ Polls, Failures uint16 }

// Polls counts the polls of a source in the last hour, and remembers the last one. It is safe for concurrent use.
type Polls struct {
	mu      sync.Mutex // guards what follows
	minutes [Hour]Minute
	ended   time.Time // of the last one; zero: there was none
	took    time.Duration
}

// Add counts a poll that ended at a time.
func (p *Polls) Add(ended time.Time, took time.Duration, failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass(ended)
	m := &p.minutes[ended.Unix()/60%Hour]
	m.Polls++
	if failed {
		m.Failures++
	}
	p.ended, p.took = ended, took
}

// pass clears the minutes between the last poll and a time. The mutex must be held.
func (p *Polls) pass(now time.Time) {
	last := p.ended.Unix() / 60
	for minute := max(last+1, now.Unix()/60-Hour+1); minute <= now.Unix()/60; minute++ {
		p.minutes[minute%Hour] = Minute{}
	}
}

// Last returns when the last poll ended, and how long it took; zero without one.
func (p *Polls) Last() (ended time.Time, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended, p.took
}

// Of returns the minutes of the hour before a time. The last one is its own.
func (p *Polls) Of(now time.Time) []Minute {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Minute, Hour)
	last, minute := p.ended.Unix()/60, now.Unix()/60
	for i := range out {
		at := minute - Hour + 1 + int64(i)
		if at <= last && at > last-Hour && !p.ended.IsZero() {
			out[i] = p.minutes[at%Hour]
		}
	}
	return out
}
