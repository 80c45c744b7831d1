package publish

import "time"

// foldEvery is how often a widget is made anew at most, however often its source tells of changes.
const foldEvery = 100 * time.Millisecond

// fold puts off a refresh for which it is too early. It tells whether it has done so.
func (b *Publisher) fold(s *slot) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, due := b.now(), s.refreshed.Add(foldEvery)
	if s.closed || !now.Before(due) {
		return false
	}
	if s.due.IsZero() || due.Before(s.due) {
		b.alarm(s, now, due)
	}
	return true
}
