package poller

import (
	"cmp"
	"time"

	"waitboard/domain"
)

// apply merges the answer to a request into the state, and passes the observations on to the store.
func (s *state) apply(b *domain.Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = true
	if len(b.Readings) > 0 {
		s.answered = b.Asked
	}
	answers := answersByID(b)
	for _, id := range b.IDs {
		if m := s.metrics[id]; m != nil {
			s.readmit(id, m)
			s.applyTo(m, answers[id], b.Asked)
		}
	}
	observed := make(map[string]domain.Observation, len(answers))
	for _, t := range s.targets {
		m := s.metrics[t.id]
		if m == nil || answers[t.id] == nil {
			continue
		}
		if !m.observation.Confirmed.IsZero() { // else the answer has nothing, and the last values stay
			observed[t.Metric] = m.observation
		}
		s.checkCategories(t, m)
		if fastest(&m.observation) > 1 && s.once("sum "+t.Metric) {
			s.o.Log.Warn("duration counts up faster than time: it is a sum of several waits, not one wait", "used_by", t.UsedBy)
		}
	}
	s.o.Store.Apply(s.o.Name, observed)
}

// applyTo merges the answer of a request that was sent at asked. The mutex must be held.
func (s *state) applyTo(m *metricState, a *answer, asked time.Time) {
	m.initializing = len(a.initializing) > 0
	s.checkMissed(m, asked)
	before := m.observation
	var disputed bool
	m.observation, disputed = a.merge(before, asked, s.patience())
	if s.expectPushes(m, before, asked) || disputed {
		s.urgency = max(s.urgency, soon)
	}
	m.unexpected = ""
	if a.empty() {
		m.unexpected = LeftOut
	}
	for _, r := range a.readings {
		m.unexpected = cmp.Or(m.unexpected, r.Unexpected)
	}
}

// LeftOut is the unexpected value of a metric of which a complete answer has none.
const LeftOut = "answers that leave it out"

// An answer is what a batch has of one metric.
type answer struct {
	readings     []domain.KeyedReading
	initializing []string // category values
}

// answersByID splits a batch. It ignores metrics that were not requested.
func answersByID(b *domain.Batch) map[string]*answer {
	answers := make(map[string]*answer, len(b.IDs))
	for _, id := range b.IDs {
		answers[id] = &answer{}
	}
	for _, r := range b.Readings {
		if a := answers[r.Key.Metric]; a != nil {
			a.readings = append(a.readings, r)
		}
	}
	for _, key := range b.Initializing {
		if a := answers[key.Metric]; a != nil {
			a.initializing = append(a.initializing, key.Category)
		}
	}
	return answers
}

func (a *answer) empty() bool { return len(a.readings) == 0 && len(a.initializing) == 0 }

// merge returns an observation updated by an answer to a request that was sent at asked. Initializing values keep their
// last reading, unconfirmed. Values that an answer with others leaves out are dropped, unless they were pushed after
// asked. disputed and patience are those of [reconcile].
func (a *answer) merge(last domain.Observation, asked time.Time, patience time.Duration) (merged domain.Observation, disputed bool) {
	if a.empty() || len(a.readings) == 0 && len(a.initializing) == 1 && a.initializing[0] == "" {
		return last, false // the whole metric is initializing: not even its categories are known
	}
	merged = domain.Observation{
		Confirmed: asked, Complete: asked, Kind: last.Kind,
		Samples: make(map[string]domain.Sample, len(a.readings)+len(a.initializing)),
	}
	for _, category := range a.initializing {
		merged.Samples[category], _ = last.Sample(category)
	}
	for _, r := range a.readings {
		known, _ := last.Sample(r.Key.Category)
		s, conflict := reconcile(known, r, asked, patience)
		merged.Samples[r.Key.Category] = s
		if s.Reading.Kind != domain.None {
			merged.Kind = s.Reading.Kind
		}
		disputed = disputed || conflict
	}
	for category, s := range last.Samples {
		if _, ok := merged.Samples[category]; !ok && s.PushedAt.After(asked) {
			merged.Samples[category] = s
		}
	}
	for _, s := range merged.Samples {
		if s.Confirmed.IsZero() {
			merged.Complete = last.Complete
		}
	}
	return merged, disputed
}

// checkCategories logs once that a widget names a category value that the metric does not have, or has in another spelling.
func (s *state) checkCategories(t *target, m *metricState) {
	if absent := missingCategories(t, m); len(absent) > 0 && s.once("categories "+t.Metric) {
		s.o.Log.Warn("category value not found, showing no value; run waitboard check for a list", "used_by", t.choosers(absent))
	}
	for _, category := range t.Categories {
		if name, _, ok := m.observation.Chosen(category); ok && name != category && s.once("spelling of category "+t.Metric) {
			s.o.Log.Info("category value matched by its look: spaces or accents are encoded differently", "used_by", t.choosers([]string{category}))
		}
	}
}

// fastest returns the highest rate of a metric's durations, in seconds per second.
func fastest(o *domain.Observation) (rate float64) {
	for _, s := range o.Samples {
		if s.Reading.Kind == domain.Duration {
			rate = max(rate, s.Reading.Rate)
		}
	}
	return rate
}

func missingCategories(t *target, m *metricState) (absent []string) {
	if m.observation.Confirmed.IsZero() || m.observation.Restored() {
		return nil
	}
	for _, category := range t.Categories {
		if _, _, ok := m.observation.Chosen(category); !ok {
			absent = append(absent, category)
		}
	}
	return absent
}
