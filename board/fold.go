package board

import (
	"time"

	"waitboard/wait"
)

// foldEvery is how often a widget is made anew at most, however often its source tells of changes.
const foldEvery = 100 * time.Millisecond

// Push is Observe for what may come in floods: a first change is shown at once, others are shown together, the newest of
// them at the latest foldEvery after the last time that the widget was made anew.
func (b *Board) Push(source string, observed map[string]wait.Observation) {
	for s := range b.learnAll(source, observed) {
		if !b.fold(s) {
			b.refresh(s)
		}
	}
}

// fold puts off a refresh for which it is too early. It tells whether it has done so.
func (b *Board) fold(s *slot) bool {
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
