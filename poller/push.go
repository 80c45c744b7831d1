package poller

import (
	"maps"
	"time"

	"waitboard/domain"
)

// The outcomes of a push, which are counted.
const (
	taken      = "taken"
	older      = "older"      // than the last value
	unexpected = "unexpected" // of a metric that was not subscribed to, or an unknown category value
	unreadable = "unreadable" // or without a date to compare it by
)

// receive merges a push and passes the observation on to the store. A push that is of no use is a reason to poll:
// something has changed.
func (s *state) receive(msg domain.Push) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.metrics[msg.Key.Metric]
	outcome := s.outcomeOf(m, &msg)
	s.o.Metrics.messages.WithLabelValues(s.o.Name, outcome).Inc()
	if outcome != taken {
		if s.urgency < soon && (m != nil || outcome == unreadable) {
			s.urgency = soon
			wake(s.loop)
		}
		return
	}
	s.missedPush = false
	m.merge(&msg, s.o.Now())
	observed := make(map[string]domain.Observation, len(m.names))
	for _, name := range m.names {
		observed[name] = m.observation
	}
	s.o.Store.Push(s.o.Name, observed)
}

// outcomeOf decides whether a push is taken. Pushes come in order, so the later of two with the same date wins. The mutex
// must be held.
func (s *state) outcomeOf(m *metricState, msg *domain.Push) string {
	switch {
	case msg.Key.Metric == "", m != nil && msg.Updated.IsZero():
		return unreadable
	case m == nil:
		return unexpected
	}
	o, category := m.observation, msg.Key.Category
	last, ok := o.Samples[category]
	switch {
	case !ok && (category != "" || len(o.Samples) > 0): // only answers say which category values there are
		return unexpected
	case msg.Updated.Before(last.Updated):
		return older
	case ok && last.PushedAt.IsZero() && msg.Updated.Equal(last.Updated) && !sameValue(msg.Reading, last.Reading):
		return older // perhaps: of two changes of the same date, the answer may have had the second
	case msg.Reading.Rate != 0 && !last.Updated.IsZero() && msg.Updated.After(last.Updated) && msg.At.Before(last.Confirmed.Add(-pushDelay)):
		return older // perhaps: the answer would have had it, so the clock was set back, and the line begins elsewhere
	}
	return taken
}

// merge takes a push that came at now.
func (m *metricState) merge(msg *domain.Push, now time.Time) {
	o, category := m.observation, msg.Key.Category
	last := o.Samples[category]
	s := domain.Sample{Reading: msg.Reading, Confirmed: last.Confirmed, Updated: msg.Updated, PushedAt: now}
	if s.Reading.Rate != 0 {
		s.Reading, s.Dated = lineOf(&last, msg.KeyedReading, time.Time{})
	}
	if m.initializing || s.Confirmed.Before(o.Confirmed) {
		// Polls confirm nothing while a value is initializing. A pushed one was true when it changed, and still when the
		// subscription began.
		s.Confirmed = latest(latest(s.Confirmed, msg.At), m.pushedSince)
		o.Confirmed = latest(o.Confirmed, s.Confirmed)
	}
	if msg.Reading.Kind != domain.None {
		o.Kind = msg.Reading.Kind
	}
	o.Samples = maps.Clone(o.Samples) // an observation is immutable
	if o.Samples == nil {
		o.Samples = map[string]domain.Sample{}
	}
	o.Samples[category] = s
	m.observation, m.unexpected = o, msg.Unexpected
	if c, ok := m.expected[category]; ok && !msg.Updated.Before(c.updated) {
		delete(m.expected, category)
	}
}

// A change is one that a poll found.
type change struct {
	updated time.Time // of the value, by the source's clock
	noticed time.Time // when the poll was sent
}

// expectPushes notes the changes that a poll, sent at asked, found: the source should push those that happened while it was
// subscribed to. It returns whether there are any that it has not pushed. The mutex must be held.
func (s *state) expectPushes(m *metricState, before domain.Observation, asked time.Time) bool {
	if m.pushedSince.IsZero() {
		return false
	}
	for category, after := range m.observation.Samples {
		last, ok := before.Samples[category]
		if !ok || !after.PushedAt.IsZero() || last.Confirmed.Before(m.pushedSince) || !after.Updated.After(last.Updated) || continues(&last, &after) {
			continue
		}
		if m.expected == nil {
			m.expected = map[string]change{}
		}
		if _, already := m.expected[category]; !already {
			m.expected[category] = change{after.Updated, asked}
		}
	}
	return len(m.expected) > 0
}

// checkMissed notes that an expected push has not come by the next poll but one. The mutex must be held.
func (s *state) checkMissed(m *metricState, asked time.Time) {
	for _, c := range m.expected {
		m.missedPush = m.missedPush || asked.Sub(c.noticed) >= s.patience()
	}
}

// patience returns how long a push and an answer may differ: an interval, less the jitter of polls.
func (s *state) patience() time.Duration { return s.o.Interval - s.o.Interval/10 }
