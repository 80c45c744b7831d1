package poller

import (
	"slices"
	"time"

	"waitboard/domain"
)

// A Want is an upstream metric that widgets show.
type Want struct {
	Metric     string   // a metric ID, or a metric's exact name
	Categories []string // category values that are asked for by name; nil: none
	UsedBy     []string // what shows it, for the log: "support.wait"

	StaleAfter time.Duration // the age at which the first of those marks it stale
}

// A want is a Want and what became of it.
type want struct {
	Want
	id      string // the metric's ID; empty: not resolved
	info    domain.MetricInfo
	problem problem
}

type problem string

const (
	missing   problem = "no metric with this ID or exact name exists, or none is assigned to the key's user"
	ambiguous problem = "several metrics have this name; use the ID of the one that is meant"
	unlisted  problem = "no metric with this ID is listed: it does not exist, or is not assigned to the key's user"
)

// SetWants changes what the poller asks for. What it asked for before, it goes on asking for in its time; what is new it
// asks for at once, unless the source is in trouble.
func (p *Poller) SetWants(wants []Want) {
	p.mu.Lock()
	p.changed = append([]Want{}, wants...) // never nil
	p.mu.Unlock()
	p.wake()
}

// wake has the goroutine look at what has changed.
func (p *Poller) wake() {
	select {
	case p.rewoken <- struct{}{}:
	default: // it is awake
	}
}

// adopt takes over changed wants. It tells whether there is something new that should be asked for now.
func (p *Poller) adopt() (hurry bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		return false
	}
	known := map[string]*want{}
	for _, w := range p.wants {
		known[w.Metric] = w
	}
	p.wants = nil
	for _, changed := range p.changed {
		w := &want{Want: changed}
		if old := known[changed.Metric]; old != nil {
			w.id, w.info, w.problem = old.id, old.info, old.problem
		}
		delete(p.told, "categories "+changed.Metric) // others may be chosen
		p.wants = append(p.wants, w)
		if known[changed.Metric] == nil && !p.listed.IsZero() { // otherwise the list is still to come
			p.resolve(w)
			p.relist, hurry = p.now(), p.failing == nil // the list may be older than the metric
		}
	}
	p.changed = nil
	p.forgetUnused()
	p.stream.wake()
	if hurry {
		p.schedule.hasten(p.now(), p.schedule.pace)
	}
	return hurry
}

// unresolved tells whether the list is needed to know what to ask for.
func (p *Poller) unresolved() bool {
	return slices.ContainsFunc(p.wants, func(w *want) bool { return w.id == "" })
}

// inOrder tells whether the metric is asked for together with others.
func (m *metric) inOrder() bool { return !m.leftOut && !m.suspect }

// inOrder lists the metric IDs that are asked for together, in the order of the configuration.
func (p *Poller) inOrder() []string { return p.idsWhere((*metric).inOrder) }

// warming lists the metric IDs of which some values are initializing.
func (p *Poller) warming() []string {
	return p.idsWhere(func(m *metric) bool { return m.warming && m.inOrder() })
}

// idsWhere lists the metric IDs that wants resolve to and of which a condition holds, each once.
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

// usersOf lists what shows a metric, for the log. The mutex must be held.
func (p *Poller) usersOf(id string) (users []string) {
	for _, w := range p.wants {
		if w.id == id {
			users = append(users, w.UsedBy...)
		}
	}
	return users
}
