package simulator

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/internal/testlevel"
)

// openDesk returns a call center without a server.
func openDesk(t *testing.T, o Options, at time.Time) *desk {
	t.Helper()
	o.Now = func() time.Time { return at }
	o, err := o.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return newDesk(o)
}

func TestQueuesAreBusyAndBounded(t *testing.T) {
	for _, tc := range []struct {
		name  string
		hour  int
		speed float64
	}{
		{"morning", 10, 1},
		{"night", 3, 1},
		{"morning, ten times faster", 10, 10},
		{"night, slower than life", 3, 0.5},
	} {
		for seed := range testlevel.Pick[uint64](1, 2, 5) {
			t.Run(fmt.Sprintf("%s, seed %d", tc.name, seed), func(t *testing.T) {
				at := time.Date(2026, 11, 23, tc.hour, 0, 0, 0, zone)
				d := openDesk(t, Options{Seed: seed, Speed: tc.speed}, at)
				support := d.center.queues[0]

				const looks = 400
				busy, longest, crowd := 0, time.Duration(0), 0
				for range looks {
					at = at.Add(d.center.dice.scale(30 * time.Second))
					d.advance(at)
					for _, q := range d.center.queues {
						crowd = max(crowd, len(q.waiting))
						if len(q.waiting) > 0 {
							longest = max(longest, at.Sub(q.waiting[0].began))
						}
					}
					if len(support.waiting) > 0 {
						busy++
					}
				}
				if busy < looks*85/100 {
					t.Errorf("callers waited for Support at %d of %d instants, want nearly all", busy, looks)
				}
				if most := d.center.dice.scale(patienceMax); longest > most || longest < most/3 {
					t.Errorf("longest wait %v, want several minutes of life and at most %v", longest, most)
				}
				if crowd > maxWaiting {
					t.Errorf("%d callers in one queue, want at most %d", crowd, maxWaiting)
				}
				if n := len(d.center.events); n > 500 {
					t.Errorf("%d events scheduled, want few", n)
				}
			})
		}
	}
}

func TestSameSeedSameCalls(t *testing.T) {
	often := openDesk(t, Options{Seed: 7}, morning)
	seldom := openDesk(t, Options{Seed: 7}, morning)
	other := openDesk(t, Options{Seed: 8}, morning)
	end := morning.Add(time.Hour)
	for at := morning; at.Before(end); at = at.Add(777 * time.Millisecond) {
		often.lines("K0FLAEB6", at)
	}
	all := func(d *desk) (out []string) {
		for _, m := range d.metrics {
			for _, l := range d.lines(m.ID, end) {
				out = append(out, fmt.Sprintf("%s %s %+v", m.Name, l.category, l.line))
			}
		}
		return out
	}
	want := all(often)
	if diff := cmp.Diff(want, all(seldom)); diff != "" {
		t.Errorf("frequent requests change the calls (-often +seldom):\n%s", diff)
	}
	if cmp.Equal(want, all(other)) {
		t.Error("the calls don't depend on the seed")
	}
}

// A published line equals the center's values until the next line begins.
func TestLinesMatchTheCenter(t *testing.T) {
	d := openDesk(t, Options{Seed: 3}, morning)
	kinds := map[string]int{}
	for at := morning.Truncate(time.Millisecond); at.Before(morning.Add(30 * time.Minute)); at = at.Add(1234 * time.Millisecond) {
		d.advance(at)
		for id, all := range d.series {
			for _, s := range all {
				want := s.read()
				want.updated = at
				got, ok := s.history.at(at)
				if !ok || !got.continues(want) {
					t.Fatalf("%s %s at %v: line %+v, center %+v", id, s.category, at, got, want)
				}
				kinds[fmt.Sprintf("%s, several up: %v, down: %v", got.kind, got.up > 1, got.down > 0)]++
			}
		}
	}
	for _, want := range []string{
		"BOOLEAN, several up: false, down: false", "COUNT, several up: false, down: false", "STRING, several up: false, down: false", "PERCENTAGE, several up: false, down: false", "ABSENT, several up: false, down: false",
		"DURATION, several up: true, down: false", "DURATION, several up: true, down: true", "DURATION, several up: false, down: true", "AVERAGE_DURATION, several up: true, down: false",
	} {
		if kinds[want] == 0 {
			t.Errorf("no value of kind %s in half an hour", want)
		}
	}
}

// Values begin on whole milliseconds, the resolution of the API.
func TestLinesAreWholeMilliseconds(t *testing.T) {
	d := openDesk(t, Options{Seed: 1, Speed: 7}, morning)
	d.advance(morning.Add(time.Hour))
	for id, all := range d.series {
		for _, s := range all {
			for _, l := range s.history {
				if !l.updated.Equal(l.updated.Truncate(time.Millisecond)) || l.sum%time.Millisecond != 0 {
					t.Errorf("%s %s: %+v", id, s.category, l)
				}
			}
		}
	}
}

func TestHistoryIsBounded(t *testing.T) {
	d := openDesk(t, Options{Seed: 1, Speed: 20}, morning)
	for i := range 600 {
		at := morning.Add(time.Duration(i) * time.Second)
		d.advance(at)
		for id, all := range d.series {
			for _, s := range all {
				if len(s.history) > 1 && s.history[1].updated.Before(at.Add(-remembered)) {
					t.Fatalf("%s %s: remembers a line that ended at %v", id, s.category, s.history[1].updated)
				}
			}
		}
	}
}

func TestClockThatJumps(t *testing.T) {
	for name, jump := range map[string]time.Duration{
		"an hour ahead": time.Hour, "a year ahead": 365 * 24 * time.Hour,
		"a second back": -time.Second, "a year back": -365 * 24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t, Options{Seed: 1}, morning)
			at := morning.Add(jump)
			if got := d.lines("K0FLAEB6", at); len(got) != 1 || got[0].line.kind != Count {
				t.Errorf("got %+v, want one count", got)
			}
			if jump > 0 && len(d.center.queues[0].waiting) == 0 {
				t.Error("nobody waits after the clock jumped")
			}
		})
	}
}

func TestArrivalRate(t *testing.T) {
	least, most := 10.0, 0.0
	for minute := range 24 * 60 {
		rate := rateAt(morning.Add(time.Duration(minute) * time.Minute))
		least, most = min(least, rate), max(most, rate)
	}
	if least < 0.7 || most > peakRate || most < least*1.4 {
		t.Errorf("rates from %v to %v", least, most)
	}
}
