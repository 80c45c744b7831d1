package estimate

import (
	"math"
	"testing"

	"waitboard/internal/testlevel"
)

// The calls are the same each time, so these tests fail only when the estimate becomes worse.
func TestBars(t *testing.T) {
	testlevel.Short(t)
	views := testlevel.Pick(nil, []view{{spacing: 10}}, []view{{spacing: 10}, {spacing: 1}, {spacing: pushes}})
	for _, w := range worlds() {
		usual := w.name == "heavy abandonment" || w.name == "calls double in week nine"
		if !testlevel.Pick(false, usual, true) {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			w.bar *= 0.95
			r := w.measure(seed, views...)
			if err := r.missed(); err != nil {
				r.print(t.Output())
				t.Error(err)
			}
		})
	}
}

// The truth of a caller who was answered is the wait, and callers who gave up have one, too.
func TestTruths(t *testing.T) {
	for _, w := range worlds() {
		r := w.record(seed, 3)
		truths := map[float64]float64{}
		for _, truth := range r.truths {
			truths[truth.arrived] = truth.lasts
		}
		waited := 0
		for _, a := range r.answered {
			if truths[a.arrived] != a.lasts {
				t.Fatalf("%s: a caller waited %f s, the truth is %f s", w.name, a.lasts, truths[a.arrived])
			}
			if a.lasts > 0 {
				waited++
			}
		}
		if waited < 100 || len(truths) < waited*21/20 {
			t.Errorf("%s: %d callers waited, %d have a truth", w.name, waited, len(truths))
		}
	}
}

// Without giving up, theory knows the wait of callers who meet busy agents: a call's length, divided by how many agents are more than enough.
func TestTheory(t *testing.T) {
	w := worlds()[0]
	w.patience = math.Inf(1)
	w.calls = steadily(84) // seven agents' work for ten agents
	sum, n := 0., 0.
	for _, truth := range w.record(seed, 300).truths {
		if math.Mod(truth.arrived, day) > opens+3*3600 { // the morning begins with nobody in line
			sum += truth.lasts
			n++
		}
	}
	if mean := sum / n; math.Abs(mean-callLasts/3) > 4 {
		t.Errorf("%.0f callers waited %.0f s on average, not %.0f s", n, mean, callLasts/3)
	}
}
