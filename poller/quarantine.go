package poller

import (
	"math/rand/v2"
	"time"
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

// quarantine excludes metrics that make the source reject requests: for an interval at first, since servers have bad moments,
// and four times as long each time that they are still bad, up to maxQuarantine.
func (s *state) quarantine(bad ...badMetric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range bad {
		m := s.metrics[b.id]
		if m == nil {
			continue
		}
		m.pause = max(min(4*m.pause, maxQuarantine), s.o.Interval)
		jitter := time.Duration(rand.Int64N(int64(m.pause / 5)))
		m.access, m.initializing, m.cause, m.retryAt = quarantined, false, b.cause, s.o.Now().Add(m.pause+jitter)
		if s.once("quarantined " + b.id) {
			s.o.Log.Warn("metric rejected, quarantining it", "used_by", s.usersOf(b.id), "cause", b.cause)
		}
	}
}

// readmit notes that the source accepts a metric. The mutex must be held.
func (s *state) readmit(id string, m *metricState) {
	if s.logged["quarantined "+id] {
		s.o.Log.Info("metric accepted again", "used_by", s.usersOf(id))
		delete(s.logged, "quarantined "+id)
	}
	m.access, m.pause, m.retryAt = accepted, 0, time.Time{}
}

// clearSuspects ends the search for bad metrics without a result.
func (s *state) clearSuspects() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.metrics {
		if m.access == suspect && m.retryAt.IsZero() {
			m.access = accepted
		} else if m.access == suspect {
			m.access = quarantined
		}
	}
	s.listed = false // the list may have been wrong as well
}

// quarantineOver lists the metrics to request again, alone.
func (s *state) quarantineOver() []string {
	now := s.o.Now()
	return s.idsWhere(func(m *metricState) bool {
		return (m.access == untried || m.access == quarantined) && !now.Before(m.retryAt)
	})
}
