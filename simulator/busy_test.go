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

// With a pattern of the week, most callers wait on Mondays, and fewest on weekends.
func TestWeekly(t *testing.T) {
	waited := map[time.Weekday]int{}
	for week := range 3 {
		for _, day := range []int{23, 24, 28} { // Monday, Tuesday, Saturday
			o, err := Options{Seed: uint64(week), Weekly: true}.withDefaults()
			if err != nil {
				t.Fatal(err)
			}
			morning := time.Date(2026, 11, day, 8, 0, 0, 0, zone)
			c := newCenter(o, morning.Add(-warmUp))
			for minute := range 9 * 60 {
				c.advance(morning.Add(time.Duration(minute) * time.Minute))
				waited[morning.Weekday()] += len(c.queues[0].waiting)
			}
		}
	}
	if waited[time.Monday] <= waited[time.Tuesday] || waited[time.Tuesday] <= waited[time.Saturday] {
		t.Errorf("callers by minutes: %v", waited)
	}
}
