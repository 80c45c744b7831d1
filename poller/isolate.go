package poller

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"waitboard/wait"
)

const (
	isolationBudget = 32              // requests that one poll may spend on finding bad metrics
	leaveOutFor     = 5 * time.Minute // until a bad metric is tried again
)

// rejected is the failure when the source turned a request down because of a metric in it, otherwise nil.
func rejected(err error) *wait.Failure {
	var failure *wait.Failure
	if errors.As(err, &failure) && failure.Rejected() {
		return failure
	}
	return nil
}

func causeOf(err error) wait.Cause {
	var failure *wait.Failure
	if errors.As(err, &failure) {
		return failure.Cause
	}
	return wait.Unexpected
}

func detailOf(err error) string {
	var failure *wait.Failure
	if errors.As(err, &failure) {
		return failure.Detail
	}
	return "an error of an unknown kind"
}

// suspect notes that a request for these metrics was turned down: a single one is found out by that and left out, of
// several each half is to be asked for apart.
func (p *Poller) suspect(ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(ids) == 1 {
		p.leaveOut(ids[0], p.rejection.Cause)
		return
	}
	for _, id := range ids {
		if m := p.asked[id]; m != nil {
			m.suspect = true
		}
	}
	half := len(ids) / 2
	p.suspects = append(p.suspects, ids[:half], ids[half:])
}

// leaveOut keeps a metric out of the common request for some minutes.
func (p *Poller) leaveOut(id string, cause wait.Cause) {
	m := p.asked[id]
	if m == nil {
		return
	}
	spread := time.Duration(rand.Int64N(int64(leaveOutFor / 5)))
	m.leftOut, m.suspect, m.warming, m.cause, m.retry = true, false, false, cause, p.now().Add(leaveOutFor+spread)
	p.leftOut = append(p.leftOut, id)
}

// isolate asks for the suspects group by group until the bad ones are found, or the budget is spent and the next poll
// has to go on. Before that it reads the list, unless this poll has done so: what is not there any more need not be
// hunted for. And when there is no list either, or nothing at all is accepted, it is not a metric that is bad but the
// source that is out of order, the way a server answers 404 to everything while it restarts; then nothing is left out,
// and the rejection is returned as its failure.
func (p *Poller) isolate(ctx context.Context, listed bool) error {
	if !listed {
		if err := p.list(ctx); err != nil {
			p.acquit()
			return err
		}
	}
	budget := isolationBudget
	if p.barred { // one request is enough to find out whether it still is
		budget = 1
		if n := len(p.suspects); n > 0 {
			p.suspects = append(p.suspects, p.suspects[rand.IntN(n)][:1])
		}
	}
	for ; budget > 0 && len(p.suspects) > 0; budget-- {
		last := len(p.suspects) - 1
		group := p.suspects[last]
		p.suspects = p.suspects[:last]
		if err := p.ask(ctx, group); err != nil {
			p.suspects = append(p.suspects, group)
			return err
		}
	}
	if p.barred = p.accepted == 0; p.barred {
		p.acquit()
		return p.rejection
	}
	p.tellLeftOut()
	return nil
}

// acquit clears all suspects, and those that this poll has left out.
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

// tellLeftOut tells the log, once for each metric, what this poll has left out.
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
	due := p.idsWhere(func(m *metric) bool { return m.leftOut && !now.Before(m.retry) })
	if len(due) == 0 {
		return nil
	}
	before := p.accepted
	err := p.ask(ctx, due[:1])
	if err == nil && p.accepted > before {
		err = p.ask(ctx, p.idsWhere(func(m *metric) bool { return m.leftOut && !m.retry.IsZero() }))
	}
	p.tellLeftOut()
	return err
}

// inOrder lists the metric IDs that are asked for together, in the order of the configuration.
func (p *Poller) inOrder() []string {
	return p.idsWhere(func(m *metric) bool { return !m.leftOut && !m.suspect })
}

// warming lists the metric IDs of which some values are initializing.
func (p *Poller) warming() []string {
	return p.idsWhere(func(m *metric) bool { return m.warming && !m.leftOut && !m.suspect })
}

func (p *Poller) idsWhere(condition func(*metric) bool) (ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := make(map[string]bool, len(p.wants))
	for _, w := range p.wants {
		if m := p.asked[w.id]; m != nil && condition(m) && !seen[w.id] { // an ID and its name may both be wanted
			seen[w.id] = true
			ids = append(ids, w.id)
		}
	}
	return ids
}

func (p *Poller) usersOf(id string) (users []string) {
	for _, w := range p.wants {
		if w.id == id {
			users = append(users, w.UsedBy...)
		}
	}
	return users
}
