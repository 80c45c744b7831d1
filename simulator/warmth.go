package simulator

import (
	"sync"
	"time"
)

// warmth keeps which values are initialised, by the rules of the vendor's
// page: asking starts the initialising, and a value that nobody has asked for
// in a long time must initialise again.
type warmth struct {
	initTime, forgetAfter time.Duration

	mu    sync.Mutex
	asked map[valueKey]askedAt
}

type askedAt struct {
	first time.Time // since it was last forgotten
	last  time.Time
}

func newWarmth(initTime, forgetAfter time.Duration) *warmth {
	return &warmth{initTime: initTime, forgetAfter: forgetAfter, asked: map[valueKey]askedAt{}}
}

// ask notes that somebody asks for a value and tells whether it is ready.
func (w *warmth) ask(k valueKey, now time.Time) (ready bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, known := w.asked[k]
	if !known || now.Sub(a.last) > w.forgetAfter {
		a.first = now
	}
	a.last = now
	w.asked[k] = a
	return now.Sub(a.first) >= w.initTime
}

// forgetAll makes every value initialise again, as a restart does.
func (w *warmth) forgetAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.asked)
}
