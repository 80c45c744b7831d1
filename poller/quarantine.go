package poller

import (
	"math/rand/v2"
	"time"

	"waitboard/domain"
)

// maxQuarantine is how long a metric is quarantined that was bad several times.
const maxQuarantine = 5 * time.Minute

// suspect marks the metrics of a rejected batch.
func (s *state) suspect(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if m := s.metrics[id]; m != nil {
			m.access = suspect
		}
	}
}

func (s *state) isSuspect(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.metrics[id] != nil && s.metrics[id].access == suspect
}

// quarantine excludes a metric that makes the source reject requests.
func (s *state) quarantine(id string, cause domain.Cause) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.metrics[id]; m != nil {
		s.exclude(id, m, cause)
	}
}

// exclude quarantines a metric: for an interval at first, since servers have bad moments, and four times as long each
// time that it is still bad, up to maxQuarantine. The mutex must be held.
func (s *state) exclude(id string, m *metricState, cause domain.Cause) {
	m.pause = max(min(4*m.pause, maxQuarantine), s.o.Interval)
	spread := time.Duration(rand.Int64N(int64(m.pause / 5)))
	m.access, m.initializing, m.cause, m.retryAt = quarantined, false, cause, s.o.Now().Add(m.pause+spread)
	s.quarantined = append(s.quarantined, id)
}

// readmit notes that the source accepts a metric. The mutex must be held.
func (s *state) readmit(id string, m *metricState) {
	if s.logged["quarantined "+id] {
		s.o.Log.Info("metric accepted again", "used_by", s.usersOf(id))
		delete(s.logged, "quarantined "+id)
	}
	m.access, m.pause, m.retryAt = accepted, 0, time.Time{}
}

// clearSuspects ends the search for bad metrics without a result. It undoes the quarantines of the current poll.
func (s *state) clearSuspects() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.quarantined {
		if m := s.metrics[id]; m != nil && m.access == quarantined {
			m.access, m.retryAt = accepted, time.Time{}
		}
	}
	for _, m := range s.metrics {
		if m.access == suspect && m.retryAt.IsZero() {
			m.access = accepted
		} else if m.access == suspect {
			m.access = quarantined
		}
	}
	s.quarantined = nil
	s.listed = false // the list may have been wrong as well
}

// logQuarantined logs each metric that the current poll quarantined, once.
func (s *state) logQuarantined() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.quarantined {
		if m := s.metrics[id]; m != nil && s.once("quarantined "+id) {
			s.o.Log.Warn("metric rejected, quarantining it", "used_by", s.usersOf(id), "cause", m.cause)
		}
	}
	s.quarantined = nil
}

// quarantineOver lists the metrics to request again, alone.
func (s *state) quarantineOver() []string {
	now := s.o.Now()
	return s.idsWhere(func(m *metricState) bool {
		return (m.access == untried || m.access == quarantined) && !now.Before(m.retryAt)
	})
}
