package domain

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/internal/testlevel"
)

// A treated duration changes at the instant at which its line reaches another step, upward or downward.
func TestTreatedLineTurnsOnTime(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name    string
		display Display
		base    time.Duration
		rate    float64
		after   time.Duration
		texts   [2]string // before and at the change
	}{
		{"round up, rising", Display{Round: 5 * minute}, 4 * time.Minute, 1, time.Minute + ms, [2]string{"5 min", "10 min"}},
		{"round up from zero", Display{Round: 5 * minute}, 0, 1, ms, [2]string{"0 min", "5 min"}},
		{"round up, falling", Display{Round: 5 * minute}, 6 * time.Minute, -1, time.Minute, [2]string{"10 min", "5 min"}},
		{"round down, rising", Display{Round: 5 * minute, Rounding: Down}, 4 * time.Minute, 1, time.Minute, [2]string{"0 min", "5 min"}},
		{"round down, falling", Display{Round: 5 * minute, Rounding: Down}, 6 * time.Minute, -1, time.Minute + ms, [2]string{"5 min", "0 min"}},
		{"round to the nearest, rising", Display{Round: 2 * minute, Rounding: Nearest}, 150 * time.Second, 1, 30 * time.Second, [2]string{"2 min", "4 min"}},
		{"floor, rising", Display{Below: 5 * minute}, 4 * time.Minute, 1, time.Minute, [2]string{"under 5 min", "5 min"}},
		{"ceiling, rising", Display{Round: minute, Above: 5 * minute}, 270 * time.Second, 1, 30 * time.Second, [2]string{"5 min", "over 5 min"}},
		{"ceiling alone, falling", Display{Above: 5 * minute}, 6 * time.Minute, -1, time.Minute + ms, [2]string{"over 5 min", "5 min"}},
		{"buckets, rising", Display{Buckets: []float64{minute, 5 * minute}}, 4 * time.Minute, 2, 30 * time.Second, [2]string{"1–5 min", "over 5 min"}},
		{"buckets, falling", Display{Buckets: []float64{minute, 5 * minute}}, 2 * time.Minute, -1, time.Minute + ms, [2]string{"1–5 min", "under 1 min"}},
		{"hidden zero", Display{Buckets: []float64{minute}, HideZero: true}, 0, 1, ms, [2]string{na, "under 1 min"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := widget(WidgetMetric{ID: "m", Display: duration(test.display)})
			w.StaleAfter, w.HideAfter = time.Hour, time.Hour
			in := inputs(observation(noon, map[string]Reading{"": Line(test.base, test.rate, noon)}))
			then := noon.Add(test.after)
			before, _ := w.At(in, then.Add(-ms))
			after, _ := w.At(in, then)
			if got := [2]string{before.Metrics[0].Text, after.Metrics[0].Text}; got != test.texts {
				t.Errorf("got %q, want %q", got, test.texts)
			}
			for at := noon; at.Before(then); { // follow each change
				_, until := w.At(in, at)
				if !until.After(at) || until.After(then) {
					t.Fatalf("at %v: until %v", at, until)
				}
				at = until
			}
			if m := after.Metrics[0]; m.Rate != 0 || !m.AsOf.IsZero() {
				t.Errorf("treated, but with rate %v as of %v", m.Rate, m.AsOf)
			}
		})
	}
}

// Equal readings give equal snapshots, whether a caller evaluates each change or only the end. A snapshot
// stays the same until its end.
func TestSnapshotDependsOnReadingsAlone(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 16))
	for range testlevel.Pick(300, 1_000, 20_000) {
		m := WidgetMetric{ID: "m", Combine: Combine(random.IntN(int(Number) + 1)), Display: randomDisplay(random)}
		if random.IntN(2) == 0 {
			m.Levels = Levels{Kind: Duration, Moderate: 3 * minute, High: 6 * minute}
		}
		w := widget(m)
		w.StaleAfter, w.HideAfter = time.Hour, time.Hour
		samples := map[string]Reading{}
		for _, category := range []string{"a", "b", "c"}[:1+random.IntN(3)] {
			samples[category] = Line(time.Duration(random.IntN(600_000))*time.Millisecond, float64(random.IntN(9)-3)/2, noon.Add(-time.Second))
		}
		o := observation(noon, samples)
		o.Changed = noon.Add(200 * time.Millisecond)
		if m.Holds() {
			o.Held = map[Placement]Held{place: {float64(random.IntN(600_000)), noon.Add(-10 * time.Second)}}
		}
		end := noon.Add(time.Duration(1+random.IntN(1500)) * time.Second)
		last, until := w.At(inputs(o), noon)
		for steps := 0; !until.IsZero() && !until.After(end); steps++ {
			if steps > 10_000 {
				t.Fatalf("%+v, %+v: more than 10,000 changes", m, samples)
			}
			last, until = w.At(inputs(o), until)
		}
		now, _ := w.At(inputs(o), end)
		if diff := cmp.Diff(last, now, public); diff != "" {
			t.Fatalf("%+v, %+v, after %v: (-each change +only the end):\n%s", m, samples, end.Sub(noon), diff)
		}
	}
}

// A treated running duration shows the step of the present instant.
func TestTreatedLineShowsThePresentStep(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 18))
	for range testlevel.Pick(500, 2_000, 50_000) {
		m := WidgetMetric{ID: "m", Display: randomDisplay(random)}
		m.Display.Hold = Hold{}
		w := widget(m)
		w.StaleAfter, w.HideAfter = time.Hour, time.Hour
		line := Line(time.Duration(random.IntN(600_000))*time.Millisecond, float64(random.IntN(5)-2)/2, noon)
		after := time.Duration(random.IntN(1_500_000)) * time.Millisecond
		s, _ := w.At(inputs(observation(noon, map[string]Reading{"": line})), noon.Add(after))
		value, _ := line.At(noon.Add(after))
		shown, span := m.Display.apply(value)
		if want := m.Display.wording(true).text(w.Locale, Duration, shown, span); s.Metrics[0].Text != want {
			t.Fatalf("%+v, %+v after %v: shown as %q, is %q", m.Display, line, after, s.Metrics[0].Text, want)
		}
	}
}

// randomDisplay draws a policy with steps of at least two seconds; one in four is empty.
func randomDisplay(random *rand.Rand) Display {
	d := duration(Display{})
	amount := func(most int) float64 { return float64(2000 + 1000*random.IntN(most)) }
	switch random.IntN(4) {
	case 0:
		d.Round, d.Rounding = amount(120), Rounding(random.IntN(3))
	case 1:
		d.Below, d.Round = amount(120), amount(60)
		d.Above = d.Below + amount(300)
	case 2:
		for edge := 0.; len(d.Buckets) < 1+random.IntN(5); d.Buckets = append(d.Buckets, edge) {
			edge += amount(120)
		}
	}
	if (d.Round > 0 || d.Buckets != nil) && random.IntN(2) == 0 {
		d.Hold = Hold{Share: float64(random.IntN(50)) / 100, Least: time.Duration(random.IntN(30)) * time.Second}
	}
	return d
}
