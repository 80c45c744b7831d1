package simulator

import (
	"testing"
	"time"
)

func TestHistory(t *testing.T) {
	start := morning.Truncate(time.Second)
	after := func(seconds int, l line) line {
		l.updated = start.Add(time.Duration(seconds) * time.Second)
		return l
	}
	var h history
	for _, l := range []line{
		after(0, lasting(0, 0, 0)),
		after(10, lasting(0, 1, 0)),
		after(15, lasting(5*time.Second, 1, 0)), // continues the last line
		after(20, lasting(99*time.Second, 2, 0)),
		after(20, lasting(30*time.Second, 2, 1)), // the last line of that instant
		after(30, absent()),
	} {
		h.record(l)
	}
	if len(h) != 4 {
		t.Fatalf("%d lines, want 4: %+v", len(h), h)
	}
	for _, tc := range []struct {
		second int
		want   time.Duration
		kind   string
	}{
		{0, 0, Duration}, {9, 0, Duration}, {10, 0, Duration}, {15, 5 * time.Second, Duration},
		{19, 9 * time.Second, Duration}, {20, 30 * time.Second, Duration}, {29, 39 * time.Second, Duration},
		{30, 0, Absent}, {99, 0, Absent},
	} {
		at := start.Add(time.Duration(tc.second) * time.Second)
		l, ok := h.at(at)
		if !ok || l.kind != tc.kind || l.sumAt(at) != tc.want {
			t.Errorf("after %d s: %+v, %v", tc.second, l, ok)
		}
	}
	if l, ok := h.at(start.Add(-1)); ok {
		t.Errorf("before the first line: %+v", l)
	}
	h.forget(start.Add(25 * time.Second))
	if l, ok := h.at(start.Add(25 * time.Second)); len(h) != 2 || !ok || l.up != 2 {
		t.Errorf("after forgetting: %+v", h)
	}
}
