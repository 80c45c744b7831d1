package poller

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"

	"waitboard/wait"
)

const (
	listEvery  = 5 * time.Minute // the list is read again this often, in case it has changed,
	listSooner = time.Minute     // and this often while something is not found in it
)

// A want is a Want and what became of it.
type want struct {
	Want
	id      string // the metric's ID; empty: not resolved
	info    wait.MetricInfo
	problem problem
}

type problem string

const (
	missing   problem = "no metric with this ID or exact name exists, or none is assigned to the key's user"
	ambiguous problem = "several metrics have this name; use the ID of the one that is meant"
	unlisted  problem = "no metric with this ID is listed: it does not exist, or is not assigned to the key's user"
)

// A list is the source's, or why it has not come.
type list struct {
	infos []wait.MetricInfo
	err   error
}

// failure is nil also where there is an answer, though no list.
func (l list) failure() *wait.Failure {
	if l.err == nil || failureOf(l.err).Rejected() {
		return nil
	}
	return failureOf(l.err)
}

// list reads the source's list and resolves every want by it. Where a source answers but has no list to give, wants
// that can be IDs are taken for that.
func (p *Poller) list(ctx context.Context) error {
	rarely := func(time.Time) {} // so that no poll waits for what it costs
	listed := beside(ctx, p, &p.listIn, rarely, func(ctx context.Context) list {
		infos, err := p.source.Metrics(ctx)
		p.countRequest(ctx, err)
		return list{infos, err}
	}, list.failure)
	infos, err := listed.infos, listed.err
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.relist = now.Add(listEvery)
	switch {
	case err == nil:
		p.listed, p.infos = now, infos
		for _, w := range p.wants {
			if p.resolve(w); w.problem != "" {
				p.relist = now.Add(listSooner)
			}
		}
	case p.listed.IsZero() && failureOf(err).Answered() && p.takeForIDs():
		p.listed, p.relist = now, now.Add(listSooner)
	default:
		p.relist = now.Add(listSooner)
		return err
	}
	p.forgetUnused()
	return nil
}

// unresolved tells whether the list is needed to know what to ask for.
func (p *Poller) unresolved() bool {
	return slices.ContainsFunc(p.wants, func(w *want) bool { return w.id == "" })
}

// takeForIDs does without a list. What an earlier list has resolved stays so. It tells whether there is anything to ask
// for.
func (p *Poller) takeForIDs() (some bool) {
	for _, w := range p.wants {
		switch {
		case w.id != "":
		case canBeID(w.Metric):
			p.take(w, w.Metric)
		default:
			p.fail(w, missing)
		}
		some = some || w.id != ""
	}
	return some
}

// resolve looks a want up in the list.
func (p *Poller) resolve(w *want) {
	var named []wait.MetricInfo
	for _, info := range p.infos {
		if info.ID == w.Metric {
			w.info = info
			p.take(w, info.ID)
			return
		}
		if info.Name == w.Metric {
			named = append(named, info)
		}
	}
	switch {
	case len(named) == 1:
		w.info = named[0]
		p.take(w, named[0].ID)
	case len(named) > 1:
		p.fail(w, ambiguous)
	case !canBeID(w.Metric):
		p.fail(w, missing)
	default: // try it all the same, but apart from the others
		p.fail(w, unlisted)
		w.id = w.Metric
		if m := p.asked[w.id]; m == nil {
			m = p.begin(w)
			m.leftOut, m.cause = true, wait.NotFound
		} else if m.suspect {
			p.leaveOut(w.id, wait.NotFound)
		}
	}
}

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

// take resolves a want to a metric ID.
func (p *Poller) take(w *want, id string) {
	if w.problem == missing || w.problem == ambiguous {
		p.log.Info("metric found", "used_by", w.UsedBy)
		delete(p.told, string(w.problem)+w.Metric)
	}
	hadProblem := w.problem != ""
	w.id, w.problem = id, ""
	m := p.asked[id]
	if m == nil {
		m = p.begin(w)
	}
	if hadProblem && m.leftOut { // it was not listed and is now; no need to wait
		m.retry = p.now()
	}
}

// begin adds the metric of a want to those that are asked for. It begins with what is known of it already: an answer that
// says nothing of it leaves it at that.
func (p *Poller) begin(w *want) *metric {
	m := &metric{observation: p.known[w.Metric]}
	delete(p.known, w.Metric)
	p.asked[w.id] = m
	return m
}

// fail leaves a want unresolved. The log names the widget's metric, not the upstream's.
func (p *Poller) fail(w *want, why problem) {
	w.id, w.info, w.problem = "", wait.MetricInfo{}, why
	if why != unlisted && p.once(string(why)+w.Metric) { // an unlisted one is tried first
		p.log.Warn("metric not found: "+string(why)+"; `waitboard check` shows what is near", "used_by", w.UsedBy)
	}
}

// forgetUnused drops metric IDs that no want resolves to any more, and clears suspects that are so no longer. It comes
// after every change of what wants resolve to.
func (p *Poller) forgetUnused() {
	used := map[string][]string{}
	for _, w := range p.wants {
		used[w.id] = append(used[w.id], w.Metric)
	}
	for id, m := range p.asked {
		m.usedAs = used[id]
	}
	maps.DeleteFunc(p.asked, func(_ string, m *metric) bool { return m.usedAs == nil })
	var suspects [][]string
	for _, group := range p.suspects {
		group = slices.DeleteFunc(slices.Clone(group), func(id string) bool { return p.asked[id] == nil || !p.asked[id].suspect })
		if len(group) > 0 {
			suspects = append(suspects, group)
		}
	}
	p.suspects = suspects
}

// canBeID tells whether a text can be asked for as an ID: the list of IDs in a request is split at commas, and IDs
// have no spaces.
func canBeID(text string) bool { return text != "" && !strings.ContainsAny(text, ", \t\r\n") }

// near lists up to five metrics that a want without one may have meant, best first.
func near(w *want, infos []wait.MetricInfo) (found []wait.MetricInfo) {
	scores := map[string]int{}
	text := strings.ToLower(w.Metric)
	for _, info := range infos {
		name := strings.ToLower(info.Name)
		score := min(levenshtein.ComputeDistance(text, name), levenshtein.ComputeDistance(text, strings.ToLower(info.ID)))
		if len(text) > 2 && (strings.Contains(name, text) || len(name) > 2 && strings.Contains(text, name)) {
			score = min(score, 1)
		}
		if score == 0 || w.problem != ambiguous && score <= 1+len(text)/3 {
			scores[info.ID] = score
			found = append(found, info)
		}
	}
	slices.SortStableFunc(found, func(a, b wait.MetricInfo) int { return scores[a.ID] - scores[b.ID] })
	return found[:min(len(found), 5)]
}
