package estimate

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"waitboard/domain"
)

var start = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

// A look is what a source reports at one time.
type look struct {
	at      float64
	queue   int
	arrived float64 // of the first in line
}

func (l *Line) look(o look) []Sample {
	l.Queue(at(o.at), o.queue)
	return l.Wait(at(o.at), at(o.at).Sub(at(o.arrived)), o.queue > 0)
}

func TestLine(t *testing.T) {
	type waited struct {
		arrived, wait float64
		ahead         int
	}
	for _, c := range []struct {
		name  string
		looks []look
		want  []waited
	}{
		{"a poll finds that a caller left", []look{{0, 0, 0}, {10, 1, 4}, {20, 1, 4}, {30, 0, 0}}, []waited{{4, 21, 0}}},
		{"another caller is first", []look{{0, 0, 0}, {10, 1, 4}, {20, 2, 4}, {30, 1, 18}, {40, 0, 0}}, []waited{{4, 21, 0}, {18, 17, 1}}},
		{"pushes are exact", []look{{0, 0, 0}, {4, 0, 0}, {4, 1, 4}, {23, 1, 4}, {23, 0, 0}}, []waited{{4, 19, 0}}},
		{"who gave up counts as patient", []look{{0, 0, 0}, {10, 1, 5}, {20, 2, 5}, {30, 3, 5}, {40, 2, 5}, {50, 1, 28}, {60, 0, 0}},
			[]waited{{5, 40, 0}, {20, 35, 1}, {28, 27, 2}}},
		{"nobody waits between two callers", []look{{0, 0, 0}, {10, 1, 9}, {20, 0, 0}, {30, 1, 29}, {40, 0, 0}}, []waited{{9, 6, 0}, {29, 6, 0}}},
		{"all left before another one came", []look{{0, 0, 0}, {10, 1, 9}, {20, 2, 9}, {30, 0, 0}, {40, 1, 38}, {50, 0, 0}}, []waited{{9, 16, 0}, {38, 7, 0}}},
		{"the arrival drifts", []look{{0, 0, 0}, {10, 1, 4}, {20, 1, 4.9}, {30, 1, 5.8}, {40, 0, 0}}, []waited{{5.8, 29.2, 0}}},
		{"the queue was unknown at the arrival", []look{{10, 1, 4}, {20, 0, 0}}, nil},
		{"polls were missed for over a minute", []look{{0, 0, 0}, {10, 1, 4}, {71, 0, 0}}, nil},
		{"the first in line arrived before the one before", []look{{0, 0, 0}, {10, 1, 8}, {20, 2, 3}, {30, 0, 0}}, nil},
		{"the clock was set back", []look{{0, 0, 0}, {10, 1, 4}, {8, 0, 0}, {9, 0, 0}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewLine()
			var got []waited
			for _, o := range c.looks {
				for _, s := range l.look(o) {
					got = append(got, waited{s.Arrived.Sub(start).Seconds(), s.Wait.Seconds(), s.Ahead})
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestLineForgottenCall(t *testing.T) {
	l := NewLine()
	l.look(look{0, 0, 0})
	for s := 10.; s < 13*3600; s += 50 {
		l.look(look{s, 1, 5})
	}
	if got := l.look(look{13 * 3600, 0, 0}); got != nil {
		t.Errorf("a wait of 13 hours: %v", got)
	}
}

func TestLineSaid(t *testing.T) {
	short, long := domain.Range{Max: 60_000, HasMax: true}, domain.Range{Min: 60_000, HasMin: true}
	l := NewLine()
	l.look(look{0, 0, 0})
	l.Said(at(0), short)
	l.look(look{10, 1, 8})
	l.Said(at(10), long)
	l.look(look{20, 2, 8})
	l.Said(at(20), domain.Range{})
	got := slices.Concat(l.look(look{30, 1, 17}), l.look(look{40, 1, 35}), l.look(look{50, 0, 0}))
	for i, want := range []domain.Range{short, long, {}} {
		if len(got) != 3 || got[i].Said != want {
			t.Fatalf("sample %d of %+v: want %v", i, got, want)
		}
	}
}

func TestLineForgetsTheQueue(t *testing.T) {
	l := NewLine()
	for i := range 1000 {
		l.look(look{float64(i) * 10, 1 + i%2, float64(i)*10 - 15})
	}
	if n := len(l.queue); n > 10 {
		t.Errorf("%d changes are remembered for a wait of 15 s", n)
	}
}

// Whatever a source reports, a wait ends between two observations that have no break between them, and its caller arrived after the break.
func TestLineProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	samples := 0
	for range 300 {
		l := NewLine()
		now, arrived, broken := 0., 0., 0.
		for range 200 {
			last := now
			now += 20 * random.Float64()
			switch random.IntN(12) {
			case 0:
				l.Break(at(now))
				broken = now
				continue
			case 1:
				arrived = now * random.Float64() // also back
			case 2, 3, 4:
				arrived += (now - arrived) * random.Float64()
			}
			for _, s := range l.look(look{now, random.IntN(4), arrived}) {
				samples++
				if end := s.Arrived.Add(s.Wait); s.Arrived.Before(at(broken)) || s.Wait < 0 || s.Ahead < 0 || end.Before(at(last)) || end.After(at(now)) {
					t.Fatalf("%+v from %v, between %v and %v", s, at(broken), at(last), at(now))
				}
			}
		}
	}
	if samples < 1000 {
		t.Errorf("only %d samples were checked", samples)
	}
}
