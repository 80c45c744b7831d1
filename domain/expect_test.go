package domain

import (
	"testing"
	"time"
)

func TestExpect(t *testing.T) {
	const minute = time.Minute
	e := &Expectation{Waits: []WaitRange{{minute, 2 * minute}, {2 * minute, 4 * minute}, {3 * minute, 6 * minute}}}
	for _, c := range []struct {
		name         string
		of           *Expectation
		ahead, ready int
		head         time.Duration
		want         WaitRange
		ok           bool
	}{
		{"one ahead", e, 1, 0, minute, WaitRange{2 * minute, 4 * minute}, true},
		{"more ahead than was learned", e, 9, 0, minute, WaitRange{3 * minute, 6 * minute}, true},
		{"the first in line has waited longer", e, 1, 0, 5 * minute, WaitRange{2 * minute, 5 * minute}, true},
		{"nobody ahead, agents unknown", e, 0, -1, 0, WaitRange{0, 2 * minute}, true},
		{"nobody ahead, no agent", e, 0, 0, 0, WaitRange{0, 2 * minute}, true},
		{"nobody ahead, an agent", e, 0, 1, 0, WaitRange{}, true},
		{"an agent, but somebody waits", e, 0, 1, 3 * minute, WaitRange{0, 3 * minute}, true},
		{"an agent, but one ahead", e, 1, 1, 0, WaitRange{2 * minute, 4 * minute}, true},
		{"below zero ahead", e, -1, 0, 0, WaitRange{0, 2 * minute}, true},
		{"not enough is known", &Expectation{}, 0, 1, 0, WaitRange{}, false},
		{"nothing is known", nil, 1, 0, 0, WaitRange{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := c.of.Expect(c.ahead, c.head, c.ready); got != c.want || ok != c.ok {
				t.Errorf("%v, %v; want %v, %v", got, ok, c.want, c.ok)
			}
		})
	}
}
