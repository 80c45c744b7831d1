package simulator

import (
	"sync"
	"time"
)

// warmth tracks which values are initialized, by the rules of the vendor's
// page: the first request starts it, and a value without requests for a long
// time must initialize again.
type warmth struct {
	initTime, forgetAfter time.Duration

	mu    sync.Mutex
	asked map[valueKey]askedAt
}

type askedAt struct {
	first time.Time // since the value was last forgotten
	last  time.Time
}

func newWarmth(initTime, forgetAfter time.Duration) *warmth {
	return &warmth{initTime: initTime, forgetAfter: forgetAfter, asked: map[valueKey]askedAt{}}
}

// ask records a request for a value, and reports whether it is initialized.
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

// forgetAll makes every value initialize again, for a restart.
func (w *warmth) forgetAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.asked)
}
