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

// rejected is the cause when the source turned a request down because of a metric in it, otherwise empty.
func rejected(err error) wait.Cause {
	var failure *wait.Failure
	if errors.As(err, &failure) && failure.Rejected() {
		return failure.Cause
	}
	return ""
}

func causeOf(err error) wait.Cause {
	var failure *wait.Failure
	if errors.As(err, &failure) {
		return failure.Cause
	}
	return wait.Unexpected
}

// suspect notes that a request for these metrics was turned down: a single one is found out by that and left out, of
// several each half is to be asked for apart.
func (p *Poller) suspect(ids []string, cause wait.Cause) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(ids) == 1 {
		p.leaveOut(ids[0], cause)
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
	if p.once("left out " + id) {
		p.log.Warn("the source turns a metric down; it is left out, and tried again every few minutes", "used_by", p.usersOf(id), "cause", cause)
	}
}

// isolate asks for the suspects group by group until the bad ones are found, or the budget is spent and the next poll
// has to go on. The list is asked first: what it does not have any more need not be hunted for.
func (p *Poller) isolate(ctx context.Context) error {
	if len(p.suspects) == 0 {
		return nil
	}
	if p.now().Sub(p.listed) > listAtLeast {
		if err := p.list(ctx); err != nil && rejected(err) == "" {
			return err
		}
	}
	for range isolationBudget {
		if len(p.suspects) == 0 {
			return nil
		}
		last := len(p.suspects) - 1
		group := p.suspects[last]
		p.suspects = p.suspects[:last]
		if err := p.ask(ctx, group); err != nil {
			p.suspects = append(p.suspects, group)
			return err
		}
	}
	return nil
}

// inOrder lists the metric IDs that are asked for together, in the order of the configuration.
func (p *Poller) inOrder() []string {
	return p.idsWhere(func(m *metric) bool { return !m.leftOut && !m.suspect })
}

// warming lists the metric IDs of which some values are initializing.
func (p *Poller) warming() []string {
	return p.idsWhere(func(m *metric) bool { return m.warming && !m.leftOut && !m.suspect })
}

// dueAgain lists at most one metric ID that was left out long enough. One at a time: it must not blank others, and
// the source should not notice much.
func (p *Poller) dueAgain() []string {
	now := p.now()
	due := p.idsWhere(func(m *metric) bool { return m.leftOut && !now.Before(m.retry) })
	return due[:min(len(due), 1)]
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
