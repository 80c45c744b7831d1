package domain

import "time"

// judge returns whether what was confirmed at that time may still be shown at t, whether it is stale then, and when that changes.
func (w *Widget) judge(confirmed, t time.Time) (visible, stale bool, until time.Time) {
	staleAt, hiddenAt := confirmed.Add(w.StaleAfter), confirmed.Add(w.HideAfter)
	switch {
	case t.Before(staleAt):
		return true, false, staleAt
	case t.Before(hiddenAt):
		return true, true, hiddenAt
	}
	return false, false, time.Time{}
}
