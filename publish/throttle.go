package publish

import "time"

// foldEvery is the least time between two refreshes of a widget, however often its source pushes changes.
const foldEvery = 100 * time.Millisecond

// fold postpones a refresh that comes too early. It reports whether it did.
func (p *Publisher) fold(s *slot) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, due := p.now(), s.refreshed.Add(foldEvery)
	if s.closed || !now.Before(due) {
		return false
	}
	if s.due.IsZero() || due.Before(s.due) {
		p.alarm(s, now, due)
	}
	return true
}
