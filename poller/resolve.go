package poller

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"waitboard/domain"
)

const (
	listEvery  = 5 * time.Minute // the list is read again this often, in case it has changed,
	listSooner = time.Minute     // and this often while something is not found in it
)

// A catalog is a source's list, and where in it is what a want may name. It does not change.
type catalog struct {
	infos  []domain.MetricInfo
	byID   map[string]*domain.MetricInfo
	byName map[string][]*domain.MetricInfo
	other  map[string]bool // IDs that are another metric's now, as their name was another ID's in the list before
}

// newCatalog indexes a list that follows on another.
func newCatalog(infos []domain.MetricInfo, before catalog) catalog {
	c := catalog{
		infos: infos, byID: make(map[string]*domain.MetricInfo, len(infos)), byName: make(map[string][]*domain.MetricInfo, len(infos)),
		other: map[string]bool{},
	}
	for i := range infos {
		info := &infos[i]
		if c.byID[info.ID] != nil {
			continue // listed twice, which makes its name no less clear
		}
		c.byID[info.ID] = info
		c.byName[info.Name] = append(c.byName[info.Name], info)
		if named := before.byName[info.Name]; len(named) > 0 && !slices.ContainsFunc(named, func(b *domain.MetricInfo) bool { return b.ID == info.ID }) {
			c.other[info.ID] = true
		}
	}
	return c
}

// list reads the source's list and resolves every want by it. Where a source answers but has no list to give, wants
// that can be IDs are taken for that.
func (p *Poller) list(ctx context.Context) error {
	infos, err := p.source.Metrics(ctx)
	count(p.metrics.requests, p.name, err)
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.relist = now.Add(listEvery)
	switch {
	case err == nil:
		p.listed, p.catalog = now, newCatalog(infos, p.catalog)
		moved := map[string]domain.Observation{}
		for _, w := range p.wants {
			before := w.id
			if p.resolve(w); w.problem != "" {
				p.relist = now.Add(listSooner)
			}
			if w.id == before {
				continue
			}
			if o, ok := p.ofNewID(w, before); ok {
				moved[w.Metric] = o
			}
		}
		if len(moved) > 0 {
			p.store.Apply(p.name, moved)
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

// ofNewID returns what to show of a want that had another ID before; ok is false where what is shown may stay. Before the current poll the
// new ID may have been another metric's, as the old one is now if it is still listed. A want without a value under its new ID is polled as
// soon as possible; until then it is an observation without a value, never one that nothing has confirmed.
func (p *Poller) ofNewID(w *want, before string) (o domain.Observation, ok bool) {
	m, taken := p.asked[w.id], p.catalog.byID[before] != nil
	if m != nil {
		if before != "" {
			m.observation = since(m.observation, p.began)
		}
		o = m.observation
	}
	known := !o.Confirmed.IsZero()
	if m != nil && taken && !known {
		p.prompt = true
		p.wake()
	}
	if old := p.asked[before]; taken && !known && old != nil {
		o = domain.Observation{Confirmed: old.observation.Confirmed, Kind: old.observation.Kind}
	}
	return o, known || taken
}

// since is what an observation has of that time or later.
func since(o domain.Observation, t time.Time) domain.Observation {
	if o.Confirmed.Before(t) {
		return domain.Observation{}
	}
	o.Samples = maps.Clone(o.Samples) // an observation is not changed once it is made
	for category, s := range o.Samples {
		if s.Confirmed.Before(t) {
			o.Samples[category], o.Complete = domain.Sample{}, time.Time{}
		}
	}
	return o
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

// resolve looks a want up in the list. The mutex must be held, as in all that follows.
func (p *Poller) resolve(w *want) {
	info, named := p.catalog.byID[w.Metric], p.catalog.byName[w.Metric]
	if info == nil && len(named) == 1 {
		info = named[0]
	}
	if info == nil {
		info = p.inUse(w, named)
	} else {
		delete(p.told, "in use "+w.Metric)
	}
	switch {
	case info != nil:
		w.info = *info
		p.take(w, info.ID)
	case len(named) > 1:
		p.fail(w, ambiguous)
	case !canBeID(w.Metric):
		p.fail(w, missing)
	default: // try it all the same, but apart from the others
		p.fail(w, unlisted)
		w.id = w.Metric
		if m := p.asked[w.id]; m == nil {
			m = p.begin(w)
			m.leftOut, m.cause = true, domain.NotFound
		} else if m.suspect {
			p.leaveOut(w.id, domain.NotFound)
		}
	}
}

// inUse returns the metric that a want resolved to before, as long as it is listed: a name that is gone or has become ambiguous takes no
// value away from visitors. It is nil where there is none, or where its ID is another metric's now. The log names the IDs or names in question,
// once.
func (p *Poller) inUse(w *want, named []*domain.MetricInfo) *domain.MetricInfo {
	info := p.catalog.byID[w.id]
	if info == nil || p.asked[w.id] == nil || p.catalog.other[w.id] {
		return nil
	}
	switch {
	case !p.once("in use " + w.Metric):
	case len(named) > 0:
		ids := make([]string, len(named))
		for i := range named {
			ids[i] = named[i].ID
		}
		p.log.Warn("several metrics have a configured name now, the one in use stays; use its ID in the configuration", "used_by", w.UsedBy, "id", info.ID, "ids", ids)
	default:
		p.log.Warn("a metric was renamed, it stays in use under its ID; use the new name or the ID in the configuration", "used_by", w.UsedBy, "id", info.ID,
			"configured", w.Metric, "listed", info.Name)
	}
	return info
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
	w.id, w.info, w.problem = "", domain.MetricInfo{}, why
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
