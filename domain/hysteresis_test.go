package domain

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

var place = Placement{"support", "m"}

// follows returns the next observation as the store would hold it after the last one.
func follows(m *WidgetMetric, before, next Observation, at time.Time) Observation {
	next.Changed, next.Held = at, map[Placement]Held{place: m.HeldAt(place, &before, at)}
	return next
}

// held returns the texts of minutes that arrive ten seconds apart.
func held(d Display, minutes ...float64) (texts []string) {
	w := widget(WidgetMetric{ID: "m", Display: duration(d)})
	var last Observation
	for i, m := range minutes {
		now, next := noon.Add(time.Duration(i)*10*time.Second), Observation{}
		if m >= 0 {
			next = observation(now, map[string]Reading{"": Line(time.Duration(m*float64(time.Minute)), 0, now)})
		}
		last = follows(&w.Metrics[0], last, next, now)
		s, _ := w.At(inputs(last), now)
		texts = append(texts, s.Metrics[0].Text)
	}
	return texts
}

func TestHold(t *testing.T) {
	const none = -1 // no reading
	share := Hold{Share: .25}
	least := Hold{Least: 30 * time.Second}
	tests := []struct {
		name    string
		display Display
		minutes []float64
		want    string
	}{
		{"no hold", Display{Round: minute}, []float64{4, 4.1, 4, 4.1}, "[4 min 5 min 4 min 5 min]"},
		{"noise at an edge", Display{Round: minute, Hold: share}, []float64{4, 4.1, 3.9, 4.2, 4}, "[4 min 4 min 4 min 4 min 4 min]"},
		{"beyond the share", Display{Round: minute, Hold: share}, []float64{4, 4.25, 4.1, 3.8, 3.75}, "[4 min 5 min 5 min 5 min 4 min]"},
		{"two steps at once", Display{Round: minute, Hold: share}, []float64{4, 5.1, 3.9}, "[4 min 6 min 4 min]"},
		{"rounded down", Display{Round: minute, Rounding: Down, Hold: share}, []float64{4, 3.9, 5, 5.25, 4.9}, "[4 min 4 min 4 min 5 min 5 min]"},
		{"rounded to the nearest", Display{Round: minute, Rounding: Nearest, Hold: share}, []float64{4, 4.6, 4.75, 4.4, 4.2}, "[4 min 4 min 5 min 5 min 4 min]"},
		{"not before its time", Display{Round: minute, Hold: least}, []float64{4, 4.9, 4.9, 4.9, 3.9, 3.9, 3.9}, "[4 min 4 min 4 min 5 min 5 min 5 min 4 min]"},
		{"two steps before its time", Display{Round: minute, Hold: least}, []float64{4, 5.5, 4.5}, "[4 min 6 min 6 min]"},
		{"floor", Display{Round: minute, Below: 2 * minute, Hold: share}, []float64{2.5, 1.9, 2, 1.4, 2.1, 2.3, 1.8}, "[3 min 3 min 3 min under 2 min under 2 min 3 min 3 min]"},
		{"ceiling", Display{Round: minute, Above: 10 * minute, Hold: share}, []float64{9.5, 10.2, 10.3, 9.8, 9.7}, "[10 min 10 min over 10 min over 10 min 10 min]"},
		{"buckets", Display{Buckets: []float64{2 * minute, 6 * minute}, Hold: share}, []float64{5, 6.9, 7, 5.2, 4.9, 1.6, 1.4}, "[2–6 min 2–6 min over 6 min over 6 min 2–6 min 2–6 min under 2 min]"},
		{"one edge", Display{Buckets: []float64{4 * minute}, Hold: share}, []float64{3, 4.9, 5, 3.1, 2.9}, "[under 4 min under 4 min over 4 min over 4 min under 4 min]"},
		{"nothing in between", Display{Round: minute, Hold: least}, []float64{4, none, 4.5}, "[4 min Not available 5 min]"},
		{"zero is hidden", Display{Round: minute, HideZero: true, Hold: least}, []float64{1, 0, .5}, "[1 min Not available 1 min]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := fmt.Sprint(held(test.display, test.minutes...)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A delayed change appears when its time is over, without new readings.
func TestHeldUntil(t *testing.T) {
	w := widget(WidgetMetric{ID: "m", Display: duration(Display{Round: minute, Hold: Hold{Least: 20 * time.Second}})})
	first := observation(noon, fourMinutes)
	now := noon.Add(5 * time.Second)
	in := inputs(follows(&w.Metrics[0], first, observation(now, map[string]Reading{"": Line(5*time.Minute, 0, noon)}), now))
	s, until := w.At(in, now)
	if want := noon.Add(20 * time.Second); s.Metrics[0].Text != "4 min" || !until.Equal(want) {
		t.Fatalf("%q until %v", s.Metrics[0].Text, until)
	}
	if s, _ := w.At(in, until); s.Metrics[0].Text != "5 min" {
		t.Errorf("then: %q", s.Metrics[0].Text)
	}
}

// The shown step is always the true step or a neighbor, and changes between neighbors only after the least time.
func TestHeldIsNeverWrongByMoreThanOneStep(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	delayed := 0
	for range testlevel.Pick(200, 1_000, 20_000) {
		d := duration(Display{Round: float64(1+random.IntN(5)) * minute, Rounding: Rounding(random.IntN(3)), Hold: Hold{
			Share: float64(random.IntN(51)) / 100, Least: time.Duration(random.IntN(60)) * time.Second,
		}})
		if random.IntN(2) == 0 {
			d.Below = 1 + float64(random.IntN(4*minute))
		}
		if random.IntN(2) == 0 {
			d.Above = d.Below + 1 + float64(random.IntN(20*minute))
		}
		if random.IntN(3) == 0 {
			d.Round, d.Below, d.Above = 0, 0, 0
			for edge := 0.; len(d.Buckets) < 1+random.IntN(4); {
				edge += 1 + float64(random.IntN(10*minute))
				d.Buckets = append(d.Buckets, edge)
			}
		}
		var h Held
		now, amount := noon, float64(random.IntN(30*minute))
		for range 50 {
			changed, was := h.Since, h.Amount
			shown, next, _ := d.steady(h, Value{Kind: Duration, Duration: time.Duration(amount) * time.Millisecond}, now)
			h = next
			shownStep, trueStep := d.step(shown.amount()), d.step(amount)
			if shownStep.high < trueStep.low-1e-6 || trueStep.high < shownStep.low-1e-6 {
				t.Fatalf("%+v: %v is shown as %v", d, amount, shown.amount())
			}
			if shownStep != trueStep {
				delayed++
			}
			if before := d.step(was); before != shownStep && before.meets(shownStep) && now.Before(changed.Add(d.Hold.Least)) {
				t.Fatalf("%+v: changed after %v", d, now.Sub(changed))
			}
			now = now.Add(time.Duration(random.IntN(20_000)) * time.Millisecond)
			amount = max(0, amount+math.Round(random.NormFloat64()*minute))
		}
	}
	if delayed < 1_000 {
		t.Errorf("only %d changes were delayed", delayed)
	}
}

// Values of one step look equal; values of different steps look different.
func TestStepsMatchTheDisplay(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	for range testlevel.Pick(1_000, 5_000, 100_000) {
		d := duration(Display{Round: float64(1 + random.IntN(300)), Rounding: Rounding(random.IntN(3))})
		if random.IntN(2) == 0 {
			d.Below = float64(1 + random.IntN(500))
		}
		if random.IntN(2) == 0 {
			d.Above = d.Below + float64(1+random.IntN(2000))
		}
		a := float64(random.IntN(3000))
		b := a + float64(random.IntN(300))
		valueA, rangeA := d.apply(Value{Kind: Duration, Duration: toDuration(a)})
		valueB, rangeB := d.apply(Value{Kind: Duration, Duration: toDuration(b)})
		stepA, stepB := d.step(a), d.step(b)
		if same := valueA == valueB && rangeA == rangeB; same != (stepA == stepB) {
			t.Fatalf("%+v: %v is in %+v and %v in %+v, but shown as %v %v and %v %v", d, a, stepA, b, stepB, valueA, rangeA, valueB, rangeB)
		}
		if a < stepA.low-1e-6 || a > stepA.high+1e-6 {
			t.Fatalf("%+v: %v is not in %+v", d, a, stepA)
		}
	}
}
