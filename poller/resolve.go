package poller

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"waitboard/domain"
)

const (
	listEvery  = 5 * time.Minute // the list is read again this often, in case it has changed,
	listSooner = time.Minute     // and this often while a want is not found in it
)

// A catalog indexes a source's list. It is immutable, except for what near remembers.
type catalog struct {
	infos  []domain.MetricInfo
	byID   map[string]*domain.MetricInfo
	byName map[string][]*domain.MetricInfo
	byLook map[string][]*domain.MetricInfo // by [domain.Lookalike] of the name
	reused map[string]bool                 // IDs of a metric that had another ID in the list before
	near   *sync.Map                       // Want.Metric -> the result of [MetricReport.Near]
}

// newCatalog indexes a list that follows on another.
func newCatalog(infos []domain.MetricInfo, before catalog) catalog {
	c := catalog{
		infos: infos, byID: make(map[string]*domain.MetricInfo, len(infos)), byName: make(map[string][]*domain.MetricInfo, len(infos)),
		byLook: make(map[string][]*domain.MetricInfo, len(infos)), reused: map[string]bool{}, near: new(sync.Map),
	}
	for i := range infos {
		info := &infos[i]
		if c.byID[info.ID] != nil {
			continue // a metric that is listed twice makes no name ambiguous
		}
		c.byID[info.ID] = info
		c.byName[info.Name] = append(c.byName[info.Name], info)
		look := domain.Lookalike(info.Name)
		c.byLook[look] = append(c.byLook[look], info)
		if named := before.byName[info.Name]; len(named) > 0 && !slices.ContainsFunc(named, func(b *domain.MetricInfo) bool { return b.ID == info.ID }) {
			c.reused[info.ID] = true
		}
	}
	return c
}

// updateList resolves every target by a new list, during a poll that began at began.
func (s *state) updateList(infos []domain.MetricInfo, began time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	s.catalog, s.listed, s.listDue, s.listFailure = newCatalog(infos, s.catalog), true, now.Add(listEvery), nil
	delete(s.logged, "no list")
	moved := map[string]domain.Observation{}
	for _, t := range s.targets {
		before := t.id
		if s.resolve(t); t.problem != "" {
			s.listDue = now.Add(listSooner)
		}
		if t.id == before {
			continue
		}
		if o, ok := s.move(t, before, began); ok {
			moved[t.Metric] = o
		}
	}
	if len(moved) > 0 {
		s.o.Store.Apply(s.o.Name, moved)
	}
	s.dropUnused()
}

// noList notes that the list can't be read. If the source may have none, noList resolves targets without it, except those that
// an earlier list has resolved. It returns whether there is anything to request by it.
func (s *state) noList(err error) (resolved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listDue = s.o.Now().Add(listSooner)
	if s.listed || !failureOf(err).Answered() {
		return false
	}
	s.listFailure = failureOf(err)
	needed := !s.listFailure.Rejected() // else the source may have none, and IDs do without
	for _, t := range s.targets {
		if t.id == "" {
			s.resolve(t)
		}
		s.listed = s.listed || t.id != ""
		needed = needed || t.id == ""
	}
	if s.listed && needed && s.once("no list") {
		s.o.Log.Warn("list of metrics unavailable, metrics configured by name have no value", "cause", s.listFailure.Cause, "detail", s.listFailure.Detail)
	}
	return s.listed
}

// listNeeded returns whether the list should be read now: it is due, or was never read.
func (s *state) listNeeded(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.listed || !now.Before(s.listDue)
}

// move returns what to store for a target whose metric ID has changed; ok is false if the last observation may stay.
// Before the current poll, the new ID may have been another metric's, and so may the old one be now, if it is still listed.
// A target without a value under its new ID has none until the next poll, which is due immediately.
func (s *state) move(t *target, before string, began time.Time) (o domain.Observation, ok bool) {
	m, listed := s.metrics[t.id], s.catalog.byID[before] != nil
	if m != nil {
		if before != "" {
			m.observation = since(m.observation, began)
		}
		o = m.observation
	}
	if !o.Confirmed.IsZero() {
		return o, true
	}
	if m != nil && listed {
		s.urgency = immediately
		wake(s.loop)
	}
	if old := s.metrics[before]; listed && old != nil {
		o = domain.Observation{Confirmed: old.observation.Confirmed, Kind: old.observation.Kind}
	}
	return o, listed
}

// since returns an observation without what was confirmed before t.
func since(o domain.Observation, t time.Time) domain.Observation {
	if o.Confirmed.Before(t) {
		return domain.Observation{}
	}
	o.Samples = maps.Clone(o.Samples) // an observation is immutable
	for category, s := range o.Samples {
		if s.Confirmed.Before(t) {
			o.Samples[category], o.Complete = domain.Sample{}, time.Time{}
		}
	}
	return o
}

// resolve looks a target up in the list. The mutex must be held, as in all that follows.
func (s *state) resolve(t *target) {
	if s.listFailure != nil {
		s.resolveWithoutList(t)
		return
	}
	info, named := s.catalog.byID[t.Metric], s.catalog.byName[t.Metric]
	if info == nil && len(named) == 1 {
		info = named[0]
	}
	alike := s.lookalikes(t, named)
	if info == nil && len(alike) == 1 {
		info = alike[0]
	}
	if info == nil {
		info = s.inUse(t, named)
	} else {
		delete(s.logged, "in use "+t.Metric)
	}
	switch {
	case info != nil:
		t.info = *info
		s.found(t, info.ID)
	case len(named) > 1:
		s.notFound(t, ambiguous)
	case len(alike) > 1:
		s.notFound(t, lookalikes)
	case !canBeID(t.Metric):
		s.notFound(t, missing)
	default: // the source may accept it all the same
		t.id, t.info, t.problem = t.Metric, domain.MetricInfo{}, unlisted
		m, tracked := s.metrics[t.id]
		if !tracked {
			m = s.track(t)
		}
		if !tracked || m.access == suspect {
			m.access, m.cause = untried, domain.NotFound
		}
	}
}

// lookalikes returns the metrics whose names look like that of a target, if none has exactly its name or ID. While the metric in
// use is listed, no other metric counts.
func (s *state) lookalikes(t *target, named []*domain.MetricInfo) []*domain.MetricInfo {
	if len(named) > 0 || s.catalog.byID[t.Metric] != nil {
		return nil
	}
	alike := s.catalog.byLook[domain.Lookalike(t.Metric)]
	if info := s.catalog.byID[domain.Lookalike(t.Metric)]; info != nil {
		alike = []*domain.MetricInfo{info}
	}
	if len(alike) == 1 && alike[0].ID != t.id && s.catalog.byID[t.id] != nil && s.metrics[t.id] != nil && !s.catalog.reused[t.id] {
		return nil
	}
	if len(alike) == 1 && s.once("spelling of "+t.Metric) {
		s.o.Log.Info("metric matched by the look of its name: spaces or accents are encoded differently", "used_by", t.UsedBy)
	}
	return alike
}

// resolveWithoutList takes a target for an ID if it can be one. Nothing is known of names.
func (s *state) resolveWithoutList(t *target) {
	if canBeID(t.Metric) {
		s.found(t, t.Metric)
		return
	}
	why, _, _ := strings.Cut(s.listFailure.Error(), "; ") // without what to do, because there is a better way
	t.id, t.info, t.problem = "", domain.MetricInfo{}, problem("the source's list of metrics can't be read ("+why+"); configure the metric ID, which needs no list")
}

// inUse returns the metric that a target resolved to before, as long as it is listed and its ID isn't another metric's now:
// a name that is gone or has become ambiguous takes no value away from visitors. Operators get a warning.
func (s *state) inUse(t *target, named []*domain.MetricInfo) *domain.MetricInfo {
	info := s.catalog.byID[t.id]
	if info == nil || s.metrics[t.id] == nil || s.catalog.reused[t.id] {
		return nil
	}
	if s.once("in use " + t.Metric) {
		ids := make([]string, len(named))
		for i := range named {
			ids[i] = named[i].ID
		}
		s.o.Log.Warn("metric renamed or its name ambiguous, still using it; configure its new name or its ID",
			"used_by", t.UsedBy, "id", info.ID, "configured", t.Metric, "listed", info.Name, "ids", ids)
	}
	return info
}

// found resolves a target to a metric ID.
func (s *state) found(t *target, id string) {
	if t.problem == missing || t.problem == ambiguous || t.problem == lookalikes {
		s.o.Log.Info("metric found", "used_by", t.UsedBy)
		delete(s.logged, string(t.problem)+t.Metric)
	}
	hadProblem := t.problem != ""
	t.id, t.problem = id, ""
	m := s.metrics[id]
	if m == nil {
		m = s.track(t)
	}
	if hadProblem && (m.access == untried || m.access == quarantined) {
		m.access, m.retryAt = quarantined, s.o.Now() // it is listed now, so there is no need to wait
	}
}

// notFound leaves a target unresolved. The log names the widget's metric, not the upstream's.
func (s *state) notFound(t *target, why problem) {
	t.id, t.info, t.problem = "", domain.MetricInfo{}, why
	if s.once(string(why) + t.Metric) {
		s.o.Log.Warn("metric not found, showing no value; run waitboard check for similar names", "used_by", t.UsedBy, "reason", why)
	}
}

// track adds the metric of a target, with the observation that the store has of it.
func (s *state) track(t *target) *metricState {
	m := &metricState{observation: s.initial[t.Metric]}
	delete(s.initial, t.Metric)
	s.metrics[t.id] = m
	return m
}

// canBeID returns whether a text can be requested as an ID: requests separate IDs by commas, and IDs have no spaces.
func canBeID(text string) bool { return text != "" && !strings.ContainsAny(text, ", \t\r\n") }
