package poller

import (
	"context"
	"math/rand/v2"
	"time"

	"waitboard/domain"
)

const (
	isolationBudget = 32              // requests that one poll may spend on finding bad metrics
	vainBudget      = 8               // and without finding one that is good: rather than all metrics, it is the source
	thoroughEvery   = 4               // polls that are turned down whatever they ask for
	leaveOutFor     = 5 * time.Minute // until a metric is tried again that was bad several times
)

// suspect notes that a request for these metrics was turned down. Each half of them is to be asked for apart.
func (p *Poller) suspect(ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		if m := p.asked[id]; m != nil {
			m.suspect = true
		}
	}
	if half := len(ids) / 2; half > 0 {
		p.suspects = append(p.suspects, ids[:half])
		ids = ids[half:]
	}
	p.suspects = append(p.suspects, ids)
}

// leaveOut keeps a metric out of the common request: for an interval at first, since servers have bad moments, and four
// times as long each time that it is still bad, up to some minutes.
func (p *Poller) leaveOut(id string, cause domain.Cause) {
	m := p.asked[id]
	if m == nil {
		return
	}
	m.pause = max(min(4*m.pause, leaveOutFor), p.interval)
	spread := time.Duration(rand.Int64N(int64(m.pause / 5)))
	m.leftOut, m.suspect, m.warming, m.cause, m.retry = true, false, false, cause, p.now().Add(m.pause+spread)
	p.leftOut = append(p.leftOut, id)
}

// isolate asks for the suspects group by group until the bad ones are found, or the budget is spent and the next poll
// has to go on. Before that it reads the list, unless this poll has done so: what is not there any more need not be
// hunted for. When nothing at all is accepted, it is not a metric that is bad but the source that is out of order, the
// way a server answers 404 to everything while it restarts; then nothing is left out, and the rejection is returned as
// the source's failure.
//
// While that goes on, most polls end before anything else is asked.
func (p *Poller) isolate(ctx context.Context, listed bool) error {
	budget := isolationBudget
	switch n := len(p.suspects); {
	case p.vain == 0, p.accepted > 0:
	case p.thorough(): // one request is enough to find out whether it still is out of order
		budget = 1
		p.suspects = append(p.suspects, p.suspects[rand.IntN(n)][:1])
	default:
		budget = 0
	}
	if budget > 0 && !listed {
		_ = p.list(ctx) // without it they are hunted for all the same
	}
	began, vain := p.now(), vainBudget
	for ; budget > 0 && len(p.suspects) > 0 && (p.accepted > 0 || vain > 0); budget, vain = budget-1, vain-1 {
		if p.accepted > 0 && p.now().Sub(began) > p.interval { // it is slow; what is in order must not wait for this
			break
		}
		last := len(p.suspects) - 1
		group := p.suspects[last]
		p.suspects = p.suspects[:last]
		rejected, err := p.ask(ctx, group)
		for _, ids := range rejected {
			p.convict(ids)
		}
		if err != nil {
			p.suspects = append(p.suspects, group)
			return err
		}
		if p.vain > 0 && p.accepted > 0 { // it is not, and something is bad
			budget, p.vain = isolationBudget, 0
		}
	}
	if p.accepted == 0 {
		p.vain++
		p.acquit()
		p.listed = time.Time{} // what it said before, if it said anything, may be untrue once it is back
		return p.rejection
	}
	p.tellLeftOut()
	return nil
}

// thorough tells whether a poll is to find out more than whether what is in order is answered for. While the source turns
// everything down, few are: it would be asked three things in each otherwise.
func (p *Poller) thorough() bool { return p.vain%thoroughEvery == 0 }

// convict leaves a metric out that was turned down alone; several are suspects still.
func (p *Poller) convict(ids []string) {
	if len(ids) > 1 {
		p.suspect(ids)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaveOut(ids[0], p.rejection.Cause)
}

// acquit clears all suspects, and those left out of which the log has not been told.
func (p *Poller) acquit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.asked {
		m.suspect = false
	}
	for _, id := range p.leftOut {
		if m := p.asked[id]; m != nil {
			m.leftOut = false
		}
	}
	p.suspects, p.leftOut = nil, nil
}

// tellLeftOut tells the log what has been left out, once for each metric.
func (p *Poller) tellLeftOut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range p.leftOut {
		if m := p.asked[id]; m != nil && p.once("left out "+id) {
			p.log.Warn("the source turns a metric down; it is left out, and tried again every few minutes", "used_by", p.usersOf(id), "cause", m.cause)
		}
	}
	p.leftOut = nil
}

// tryAgain asks for one of the metrics that were left out long enough; one, so that it blanks no other. If the source
// accepts it now, things may have changed, and all the others are asked for together.
func (p *Poller) tryAgain(ctx context.Context) error {
	now := p.now()
	due := p.idsWhere(func(m *metric) bool { return m.leftOut && !m.suspect && !now.Before(m.retry) })
	if len(due) == 0 {
		return nil
	}
	rejected, err := p.ask(ctx, due[:1])
	if len(rejected) > 0 {
		p.convict(due[:1])
		p.tellLeftOut()
	}
	if err != nil || len(rejected) > 0 {
		return err
	}
	return p.askTogether(ctx, p.idsWhere(func(m *metric) bool { return m.leftOut && !m.retry.IsZero() }))
}
