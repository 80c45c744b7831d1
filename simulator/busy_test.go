package simulator

import (
	"testing"
	"time"
)

// A busy center keeps callers waiting for Support at night too, when that queue is otherwise empty at times.
func TestBusy(t *testing.T) {
	night := time.Date(2026, 11, 24, 3, 0, 0, 0, zone)
	waited := map[bool]int{}
	for _, busy := range []bool{false, true} {
		o, err := Options{Seed: 1, Busy: busy}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		c := newCenter(o, night.Add(-warmUp))
		for minute := range 120 {
			c.advance(night.Add(time.Duration(minute) * time.Minute))
			if len(c.queues[0].waiting) > 0 {
				waited[busy]++
			}
		}
	}
	if waited[true] < 120 || waited[false] == 120 {
		t.Errorf("somebody waits in %d minutes of 120 if busy, %d if not", waited[true], waited[false])
	}
}
