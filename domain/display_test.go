package domain

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/internal/testlevel"
)

const minute = 60_000. // milliseconds

func duration(amounts Display) Display { amounts.Kind = Duration; return amounts }

func counting(amounts Display) Display { amounts.Kind = Count; return amounts }

func TestDisplay(t *testing.T) {
	one := 1
	wait := func(d time.Duration) Reading { return Line(d, 0, noon) }
	buckets := duration(Display{Buckets: []float64{2 * minute, 5 * minute, 10 * minute}})
	policy := duration(Display{Round: minute, Below: minute, Above: 30 * minute})
	tests := []struct {
		name    string
		display Display
		reading Reading
		text    string
		value   any // time.Duration, float64, or nil
		span    Range
	}{
		{"nothing is hidden", Display{}, wait(61 * time.Second), "2 min", 61 * time.Second, Range{}},
		{"rounded up", policy, wait(4*time.Minute + time.Millisecond), "5 min", 5 * time.Minute, Range{}},
		{"a multiple stays", policy, wait(5 * time.Minute), "5 min", 5 * time.Minute, Range{}},
		{"below", policy, wait(time.Minute - time.Millisecond), "under 1 min", nil, Range{Max: minute, HasMax: true}},
		{"just not below", policy, wait(time.Minute), "1 min", time.Minute, Range{}},
		{"above", policy, wait(30 * time.Minute), "over 30 min", nil, Range{Min: 30 * minute, HasMin: true}},
		{"just not above", policy, wait(30*time.Minute - time.Millisecond), "30 min", 30 * time.Minute, Range{}},
		{"rounded down", duration(Display{Round: 5 * minute, Rounding: Down}), wait(9 * time.Minute), "5 min", 5 * time.Minute, Range{}},
		{"rounded to the nearest", duration(Display{Round: 5 * minute, Rounding: Nearest}), wait(8 * time.Minute), "10 min", 10 * time.Minute, Range{}},
		{"rounded to half a minute", duration(Display{Round: minute / 2}), wait(61 * time.Second), "1 min 30 s", 90 * time.Second, Range{}},
		{"under some seconds", duration(Display{Below: minute / 2}), wait(time.Second), "under 30 s", nil, Range{Max: minute / 2, HasMax: true}},
		{"over hours", duration(Display{Above: 90 * minute}), wait(2 * time.Hour), "over 1 h 30 min", nil, Range{Min: 90 * minute, HasMin: true}},
		{"over one and a half seconds", duration(Display{Above: 1500}), wait(2 * time.Second), "over 1.5 s", nil, Range{Min: 1500, HasMin: true}},
		{"a bucket with hours", duration(Display{Buckets: []float64{30 * minute, 90 * minute}}), wait(time.Hour), "30 min–1 h 30 min", nil, Range{30 * minute, 90 * minute, true, true}},
		{"a bucket up to an hour", duration(Display{Buckets: []float64{30 * minute, 60 * minute}}), wait(45 * time.Minute), "30 min–1 h", nil, Range{30 * minute, 60 * minute, true, true}},
		{"first bucket", buckets, wait(0), "under 2 min", nil, Range{Max: 2 * minute, HasMax: true}},
		{"a bucket begins with its lower end", buckets, wait(5 * time.Minute), "5–10 min", nil, Range{5 * minute, 10 * minute, true, true}},
		{"a bucket ends before its upper end", buckets, wait(5*time.Minute - time.Millisecond), "2–5 min", nil, Range{2 * minute, 5 * minute, true, true}},
		{"last bucket", buckets, wait(10 * time.Minute), "over 10 min", nil, Range{Min: 10 * minute, HasMin: true}},
		{"zero is hidden", Display{HideZero: true}, wait(0), na, nil, Range{}},
		{"more than zero is shown", Display{HideZero: true}, wait(time.Millisecond), "1 min", time.Millisecond, Range{}},

		{"many calls", counting(Display{Above: 20}), CountOf(20), "20+", nil, Range{Min: 20, HasMin: true}},
		{"below many", counting(Display{Above: 20}), CountOf(19), "19", 19., Range{}},
		{"few calls", counting(Display{Below: 3}), CountOf(2), "fewer than 3", nil, Range{Max: 3, HasMax: true}},
		{"calls in a bucket", counting(Display{Buckets: []float64{5, 10, 11}}), CountOf(7), "5–9", nil, Range{5, 10, true, true}},
		{"a bucket of one", counting(Display{Buckets: []float64{5, 10, 11}}), CountOf(10), "10", nil, Range{10, 11, true, true}},
		{"calls rounded up", counting(Display{Round: 5}), CountOf(6), "10", 10., Range{}},
		{"a bucket of fractions", counting(Display{Buckets: []float64{2.5, 5.5}}), CountOf(5), "2.5–5.5", nil, Range{2.5, 5.5, true, true}},
		{"amounts have all digits", counting(Display{Below: 2.25, Decimals: &one}), CountOf(2), "fewer than 2.25", nil, Range{Max: 2.25, HasMax: true}},
		{"a binary fraction does not round up", counting(Display{Round: 0.1}), CountOf(3. / 10), "0.3", 0.3, Range{}},
		{"a binary fraction does not round down", counting(Display{Round: 0.1, Rounding: Down}), CountOf(3. / 10), "0.3", 0.3, Range{}},
		{"rounded down to zero", counting(Display{Round: 5, Rounding: Down, HideZero: true}), CountOf(3), na, nil, Range{}},
		{"one digit", Display{Decimals: &one}, CountOf(2.26), "2.3", 2.3, Range{}},
		{"no calls are hidden", Display{HideZero: true}, CountOf(0), na, nil, Range{}},

		{"amounts of another kind hide a count", policy, CountOf(3), na, nil, Range{}},
		{"amounts hide a text", policy, TextOf("secret"), na, nil, Range{}},
		{"zero is not false", Display{HideZero: true}, BooleanOf(false), "No", false, Range{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, _ := widget(WidgetMetric{ID: "m", Display: test.display}).At(inputs(observation(noon, map[string]Reading{"": test.reading})), noon)
			got := s.Metrics[0]
			var value any
			switch got.Value.Kind {
			case Duration:
				value = got.Value.Duration
			case Count:
				value = got.Value.Number
			case Boolean:
				value = got.Value.Flag
			}
			if got.Text != test.text || value != test.value || got.Range != test.span {
				t.Errorf("got %q, %v, %+v", got.Text, value, got.Range)
			}
			if got.Kind != test.reading.Kind {
				t.Errorf("kind %v", got.Kind)
			}
		})
	}
}

// A mean has fractions, so the text of its bucket can't end with the last whole number.
func TestBucketOfMeans(t *testing.T) {
	m := WidgetMetric{Combine: Mean, Display: counting(Display{Buckets: []float64{2, 5}})}
	s, _ := widget(m).At(inputs(observation(noon, map[string]Reading{"a": CountOf(4), "b": CountOf(5)})), noon)
	if got := s.Metrics[0].Text; got != "2–5" {
		t.Errorf("got %q", got)
	}
}

func TestLevelsAndLink(t *testing.T) {
	levels := Levels{Kind: Duration, Moderate: 5 * minute, High: 15 * minute}
	callback := Link{When: High, Label: "Request a callback", URL: "https://www.example.com/callback"}
	always := Link{When: Low, Label: "Chat", URL: "https://www.example.com/chat"}
	tests := []struct {
		name    string
		metric  WidgetMetric
		reading Reading
		level   Level
		link    Link
	}{
		{"low", WidgetMetric{Levels: levels, Link: callback}, Line(5*time.Minute-time.Millisecond, 0, noon), Low, Link{}},
		{"moderate", WidgetMetric{Levels: levels, Link: callback}, Line(5*time.Minute, 0, noon), Moderate, Link{}},
		{"high", WidgetMetric{Levels: levels, Link: callback}, Line(15*time.Minute, 0, noon), High, callback},
		{"no moderate", WidgetMetric{Levels: Levels{Kind: Duration, High: 15 * minute}}, Line(14*time.Minute, 0, noon), Low, Link{}},
		{"judged on the true value", WidgetMetric{Levels: levels, Display: duration(Display{Round: 10 * minute})}, Line(4*time.Minute, 0, noon), Low, Link{}},
		{"always a link", WidgetMetric{Link: always}, CountOf(0), "", always},
		{"but not without a value", WidgetMetric{Link: always, Levels: levels}, Reading{}, "", Link{}},
		{"levels of another kind", WidgetMetric{Levels: levels, Link: callback}, CountOf(99), "", Link{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, _ := widget(test.metric).At(inputs(observation(noon, map[string]Reading{"": test.reading})), noon)
			if got := s.Metrics[0]; got.Level != test.level || got.Link != test.link {
				t.Errorf("got %q, %+v", got.Level, got.Link)
			}
		})
	}
}

// A visible level changes at the instant at which its line crosses the threshold.
func TestLevelTurnsOnTime(t *testing.T) {
	w := widget(WidgetMetric{Levels: Levels{Kind: Duration, High: 90_000}})
	for name, line := range map[string]Reading{"rising": Line(85*time.Second, 1, noon), "falling": Line(95*time.Second, -1, noon)} {
		observed := []Observation{observation(noon, map[string]Reading{"": line})}
		first, until := w.At(inputs(observed...), noon)
		before, _ := w.At(inputs(observed...), until.Add(-time.Millisecond))
		then, _ := w.At(inputs(observed...), until)
		if a, b, c := first.Metrics[0].Level, before.Metrics[0].Level, then.Metrics[0].Level; a != b || b == c {
			t.Errorf("%s: %q, just before %v %q, then %q", name, a, until, b, c)
		}
	}
}

// Two lines that are equal under the policy look the same.
func TestWhatIsHiddenStaysHidden(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	displays := []Display{
		duration(Display{Round: 5 * minute}), duration(Display{Round: minute, Below: 2 * minute, Above: 10 * minute}),
		duration(Display{Buckets: []float64{minute, 5 * minute, 20 * minute}}), duration(Display{Round: 5 * minute, Rounding: Nearest}),
	}
	equal := 0
	tries := testlevel.Pick(2_000, 5_000, 100_000)
	for range tries {
		w := widget(WidgetMetric{ID: "m", Display: displays[random.IntN(len(displays))]})
		var shown [2]Snapshot
		for i := range shown {
			line := Line(time.Duration(random.IntN(25*60_000))*time.Millisecond, float64(1+random.IntN(3)), noon)
			shown[i], _ = w.At(inputs(observation(noon, map[string]Reading{"": line})), noon)
		}
		if shown[0].Metrics[0].Text != shown[1].Metrics[0].Text {
			continue
		}
		equal++
		if diff := cmp.Diff(shown[0], shown[1], public); diff != "" {
			t.Fatalf("%+v: the snapshots differ:\n%s", w.Metrics[0].Display, diff)
		}
	}
	if equal < tries/20 {
		t.Errorf("only %d pairs were equal", equal)
	}
}
