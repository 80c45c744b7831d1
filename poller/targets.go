package poller

import (
	"slices"
	"time"

	"waitboard/domain"
)

// A Want is an upstream metric that widgets show.
type Want struct {
	Metric     string              // a metric ID, or a metric's exact name
	Categories []string            // the category values that widgets name; nil: none
	UsedBy     []string            // the widgets' metrics that show it, for the log: "support.wait"
	ChosenBy   map[string][]string // those of them that choose a category value, by that value
	StaleAfter time.Duration       // the shortest of the widgets that show it
}

// choosers returns the widgets' metrics that choose one of some category values, in their order.
func (w *Want) choosers(categories []string) []string {
	var users []string
	for _, user := range w.UsedBy {
		if slices.ContainsFunc(categories, func(category string) bool { return slices.Contains(w.ChosenBy[category], user) }) {
			users = append(users, user)
		}
	}
	return users
}

// A target is a Want and the metric that it resolves to.
type target struct {
	Want
	id      string // the metric's ID; empty: not resolved
	info    domain.MetricInfo
	problem problem
}

type problem string

const (
	missing    problem = "no metric with this ID or exact name exists, or none is assigned to the key's user"
	ambiguous  problem = "several metrics have this name; use the metric ID"
	lookalikes problem = "several metrics have names that look like this one, with other spaces or encodings of accents; use the metric ID"
	unlisted   problem = "no metric with this ID is listed: it does not exist, or is not assigned to the key's user"
)

// setWants replaces the targets. It resolves those that were added, unless the list is still to come.
func (s *state) setWants(wants []Want) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := map[string]*target{}
	for _, t := range s.targets {
		before[t.Metric] = t
	}
	s.targets = nil
	for _, want := range wants {
		t := &target{Want: want}
		if old := before[want.Metric]; old != nil {
			t.id, t.info, t.problem = old.id, old.info, old.problem
		}
		delete(s.logged, "categories "+want.Metric) // widgets may name others
		s.targets = append(s.targets, t)
		if before[want.Metric] == nil && s.listed {
			s.resolve(t)
			s.listDue, s.urgency = s.o.Now(), immediately // the list may be older than the metric
		}
	}
	s.dropUnused()
}

// resolution returns whether the list was read, and whether every target has a metric ID.
func (s *state) resolution() (listed, complete bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listed, !slices.ContainsFunc(s.targets, func(t *target) bool { return t.id == "" })
}

// accepted lists the metric IDs that are requested together, in the order of the configuration.
func (s *state) accepted() []string {
	return s.idsWhere(func(m *metricState) bool { return m.access == accepted })
}

// initializing lists the accepted metric IDs of which some values are initializing.
func (s *state) initializing() []string {
	return s.idsWhere(func(m *metricState) bool { return m.access == accepted && m.initializing })
}

// idsWhere lists the metric IDs that fulfill a condition, in the order of the configuration.
func (s *state) idsWhere(condition func(*metricState) bool) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := make(map[string]bool, len(s.targets))
	for _, t := range s.targets {
		if m := s.metrics[t.id]; m != nil && condition(m) && !seen[t.id] {
			seen[t.id] = true
			ids = append(ids, t.id)
		}
	}
	return ids
}

// usersOf lists what shows a metric, for the log. The mutex must be held.
func (s *state) usersOf(id string) (users []string) {
	for _, t := range s.targets {
		if t.id == id {
			users = append(users, t.UsedBy...)
		}
	}
	return users
}

// dropUnused drops the metrics that no target resolves to any more. The mutex must be held. It follows every change of
// what targets resolve to.
func (s *state) dropUnused() {
	names := map[string][]string{}
	for _, t := range s.targets {
		names[t.id] = append(names[t.id], t.Metric)
	}
	for id, m := range s.metrics {
		if m.names = names[id]; m.names == nil {
			delete(s.metrics, id)
		}
	}
}
