package domain

import "time"

// Expect returns what a caller who arrives now waits. It needs how many callers wait, how long the first of them has waited, and how many
// agents are ready; -1: that is unknown. ok is false while not enough is known. The zero WaitRange means "at once".
func (e *Expectation) Expect(ahead int, headWaited time.Duration, ready int) (r WaitRange, ok bool) {
	if e == nil || len(e.Waits) == 0 {
		return WaitRange{}, false
	}
	if ahead <= 0 && headWaited <= 0 && ready > 0 {
		return WaitRange{}, true
	}
	r = e.Waits[min(max(ahead, 0), len(e.Waits)-1)]
	if ahead <= 0 { // perhaps at once: waits are learned from callers who had to wait
		r.Low = 0
	}
	r.High = max(r.High, headWaited)
	return r, true
}
