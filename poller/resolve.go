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
	near    []wait.MetricInfo // what it might have meant
}

type problem string

const (
	missing   problem = "no metric has this ID or exact name"
	ambiguous problem = "several metrics have this name; use the ID of the one that is meant"
	unlisted  problem = "the source does not list this ID"
)

// list reads the source's list and resolves every want by it. Where a source answers but has no list to give, wants
// that can be IDs are taken for that.
func (p *Poller) list(ctx context.Context) error {
	infos, err := p.source.Metrics(ctx)
	p.metrics.count(p.name, err)
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.relist = now.Add(listEvery)
	switch {
	case err == nil:
		p.listed = now
		for _, w := range p.wants {
			if p.resolve(w, infos); w.id == "" {
				p.relist = now.Add(listSooner)
			}
		}
	case !p.listed.IsZero():
		p.relist = now.Add(listSooner)
		return err
	case rejected(err) != nil:
		p.log.Warn("the source gives no list of its metrics; taking every configured metric for an ID", "cause", causeOf(err))
		p.listed = now
		for _, w := range p.wants {
			if p.take(w, w.Metric); !canBeID(w.Metric) {
				p.fail(w, missing, nil)
			}
		}
	default:
		return err
	}
	p.forgetUnused()
	return nil
}

// resolve looks a want up in the list.
func (p *Poller) resolve(w *want, infos []wait.MetricInfo) {
	var named []wait.MetricInfo
	for _, info := range infos {
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
		p.fail(w, ambiguous, named)
	case !canBeID(w.Metric):
		p.fail(w, missing, near(w.Metric, infos))
	default: // try it all the same, but apart from the others
		p.fail(w, unlisted, near(w.Metric, infos))
		w.id = w.Metric
		if m := p.asked[w.id]; m == nil {
			p.asked[w.id] = &metric{leftOut: true, cause: wait.NotFound}
		} else if m.suspect {
			p.leaveOut(w.id, wait.NotFound)
		}
	}
}

// take resolves a want to a metric ID.
func (p *Poller) take(w *want, id string) {
	if w.problem != "" {
		p.log.Info("metric found", "used_by", w.UsedBy)
		delete(p.told, string(w.problem)+w.Metric)
	}
	w.id, w.problem, w.near = id, "", nil
	if p.asked[id] == nil {
		p.asked[id] = &metric{}
	}
}

// fail leaves a want unresolved. The log names the widget's metric, not the upstream's.
func (p *Poller) fail(w *want, why problem, near []wait.MetricInfo) {
	w.id, w.info, w.problem, w.near = "", wait.MetricInfo{}, why, near
	if why != unlisted && p.once(string(why)+w.Metric) { // an unlisted one is tried first
		p.log.Warn("metric not found: "+string(why)+"; `waitboard check` shows what is near", "used_by", w.UsedBy)
	}
}

// forgetUnused drops metric IDs that no want resolves to any more, and clears suspects that are so no longer.
func (p *Poller) forgetUnused() {
	used := map[string]bool{}
	for _, w := range p.wants {
		used[w.id] = true
	}
	maps.DeleteFunc(p.asked, func(id string, _ *metric) bool { return !used[id] })
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

// near lists up to five metrics whose name or ID resembles the text, best first.
func near(text string, infos []wait.MetricInfo) []wait.MetricInfo {
	type scored struct {
		info  wait.MetricInfo
		score int
	}
	var found []scored
	text = strings.ToLower(text)
	for _, info := range infos {
		name := strings.ToLower(info.Name)
		score := min(levenshtein.ComputeDistance(text, name), levenshtein.ComputeDistance(text, strings.ToLower(info.ID)))
		if len(text) > 2 && (strings.Contains(name, text) || len(name) > 2 && strings.Contains(text, name)) {
			score = min(score, 1)
		}
		if score <= 1+len(text)/3 {
			found = append(found, scored{info, score})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return a.score - b.score })
	infos = nil
	for _, f := range found[:min(len(found), 5)] {
		infos = append(infos, f.info)
	}
	return infos
}
