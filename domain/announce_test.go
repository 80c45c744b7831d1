package domain

import (
	"math/rand/v2"
	"testing"
	"time"

	"waitboard/locale"
)

// A testLine is the inputs of an estimate. A nil Reading is none.
type testLine struct {
	wait   Reading
	queue  float64
	agents float64 // less than 0: the estimate doesn't use them
}

// learned is what callers wait by how many were ahead.
var learned = &Expectation{
	Waits: []WaitRange{{20 * time.Second, 100 * time.Second}, {50 * time.Second, 130 * time.Second}, {250 * time.Second, 400 * time.Second}},
	Score: Score{Samples: 400, Covered: 253, Longer: 22},
}

// estimating returns a widget with an estimate, and its inputs.
func estimating(l testLine, display Display) (*Widget, Inputs) {
	m := WidgetMetric{ID: "expected", Ref: Ref{"hq", "wait"}, Display: display, Estimate: &Estimate{
		Wait: Input{Ref: Ref{"hq", "wait"}}, Queue: Input{Ref: Ref{"hq", "queue"}, Combine: Sum}, Low: 0.1, High: 0.8,
	}}
	if l.agents >= 0 {
		m.Estimate.Agents = Input{Ref: Ref{"hq", "agents"}, Combine: Sum}
	}
	in := Inputs{Observed: make([]Observation, 1), Expected: []*Expectation{learned}}
	for n, r := range []Reading{l.wait, CountOf(l.queue), CountOf(l.agents)}[:len(m.Refs())] {
		in.Observe(0, n, observation(noon, map[string]Reading{"": r}))
	}
	return widget(m), in
}

func running(wait time.Duration) Reading { return Line(wait, 1, noon) }

func TestEstimate(t *testing.T) {
	nobody := Line(0, 0, noon)
	rounded := duration(Display{Round: 5 * minute})
	careful := duration(Display{Round: minute, Below: 2 * minute, Above: 5 * minute})
	spans := duration(Display{Buckets: []float64{2 * minute, 5 * minute}})
	for _, c := range []struct {
		name    string
		line    testLine
		display Display
		public  string // in milliseconds
		text    string
	}{
		{"outwards to the minute", testLine{running(0), 2, -1}, Display{}, "240000..420000", "4–7 min"},
		{"a longer line", testLine{running(0), 9, -1}, Display{}, "240000..420000", "4–7 min"},
		{"a short low end", testLine{running(0), 1, -1}, Display{}, "..180000", "under 3 min"},
		{"the first has waited longer", testLine{running(421 * time.Second), 1, -1}, Display{}, "..480000", "under 8 min"},
		{"the first has waited as long", testLine{running(420 * time.Second), 2, -1}, Display{}, "240000..420000", "4–7 min"},
		{"nobody waits, agents unknown", testLine{nobody, 0, -1}, Display{}, "..120000", "under 2 min"},
		{"nobody waits, no agent ready", testLine{nobody, 0, 0}, Display{}, "..120000", "under 2 min"},
		{"nobody waits, an agent ready", testLine{nobody, 0, 1}, Display{}, "0", "Answered at once"},
		{"nobody waits, no wait at all", testLine{Reading{}, 0, 1}, Display{}, "0", "Answered at once"},
		{"the first waits, not counted yet", testLine{running(time.Second), 0, 1}, Display{}, "..180000", "under 3 min"},
		{"callers wait, an agent ready", testLine{running(0), 2, 3}, Display{}, "240000..420000", "4–7 min"},
		{"a wait that stands still is over", testLine{Line(10*time.Minute, 0, noon), 0, -1}, Display{}, "..120000", "under 2 min"},
		{"fewer than none wait", testLine{nobody, -1, 1}, Display{}, "0", "Answered at once"},
		{"a part of a caller", testLine{nobody, 0.2, 1}, Display{}, "..180000", "under 3 min"},
		{"more callers than there can be", testLine{nobody, 1e300, 1}, Display{}, "240000..420000", "4–7 min"},
		{"rounded", testLine{running(0), 2, -1}, rounded, "..600000", "under 10 min"},
		{"seconds", testLine{running(0), 1, -1}, duration(Display{Round: 30_000}), "30000..150000", "30 s–2 min 30 s"},
		{"both ends under the floor", testLine{nobody, 0, -1}, careful, "..120000", "under 2 min"},
		{"at once under the floor", testLine{nobody, 0, 1}, careful, "..120000", "under 2 min"},
		{"the upper end over the ceiling", testLine{running(0), 2, -1}, careful, "240000..", "over 4 min"},
		{"both ends over the ceiling", testLine{running(0), 2, -1}, duration(Display{Above: 3 * minute}), "180000..", "over 3 min"},
		{"within a span", testLine{running(0), 1, -1}, duration(Display{Buckets: []float64{5 * minute}}), "..300000", "under 5 min"},
		{"over two spans", testLine{running(0), 2, -1}, spans, "120000..", "over 2 min"},
		{"over all spans", testLine{running(6 * time.Minute), 1, -1}, spans, "null", na},
		{"zero is hidden", testLine{nobody, 0, 1}, duration(Display{HideZero: true}), "null", na},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, in := estimating(c.line, c.display)
			s, _ := w.At(in, noon)
			m := s.Metrics[0]
			if got := published(m); got != c.public || m.Text != c.text {
				t.Errorf("%s, %q; want %s, %q", got, m.Text, c.public, c.text)
			}
			if live := m.Basis == Live; live != (c.public != "null") || m.Kind != Duration || m.Rate != 0 {
				t.Errorf("basis %s, a %s with rate %v", m.Basis, m.Kind, m.Rate)
			}
			in.Expected = nil
			s, _ = w.At(in, noon)
			if m := s.Metrics[0]; published(m) != "null" || m.Basis != Insufficient || m.Text != "Not enough data yet" {
				t.Errorf("nothing learned: %+v", m)
			}
		})
	}
}

// Inputs that aren't those of a line of callers at this moment make no estimate.
func TestEstimateUnknown(t *testing.T) {
	line := testLine{running(time.Minute), 2, 1}
	for _, c := range []struct {
		name   string
		change func(w *Widget, in *Inputs)
		after  time.Duration
		stale  bool
		unfit  Unfit
	}{
		{"stale", func(*Widget, *Inputs) {}, 45 * time.Second, true, ""},
		{"one input stale", func(_ *Widget, in *Inputs) { in.Observe(0, 2, observation(noon.Add(-time.Minute), threeCalls)) }, 0, true, ""},
		{"too old", func(*Widget, *Inputs) {}, 5 * time.Minute, false, ""},
		{"one input never confirmed", func(_ *Widget, in *Inputs) { in.Observe(0, 1, Observation{}) }, 0, false, ""},
		{"one input without a value", func(_ *Widget, in *Inputs) { in.Observe(0, 1, observation(noon, map[string]Reading{"": {}})) }, 0, false, ""},
		{"callers without a wait", func(_ *Widget, in *Inputs) { in.Observe(0, 0, observation(noon, map[string]Reading{"": {}})) }, 0, false, ""},
		{"a category value is gone", func(w *Widget, _ *Inputs) { w.Metrics[0].Estimate.Queue.Categories = []string{"Support"} }, 0, false, ""},
		{"a sum of waits", func(_ *Widget, in *Inputs) {
			in.Observe(0, 0, observation(noon, map[string]Reading{"": Line(time.Minute, 2, noon)}))
		}, 0, false, NotHeadOfLine},
		{"an average of waits", func(_ *Widget, in *Inputs) {
			in.Observe(0, 0, observation(noon, map[string]Reading{"a": running(0), "b": Line(time.Minute, 0.5, noon)}))
		}, 0, false, NotHeadOfLine},
		{"a count of waits", func(_ *Widget, in *Inputs) { in.Observe(0, 0, observation(noon, threeCalls)) }, 0, false, NotHeadOfLine},
		{"agents that are a duration", func(_ *Widget, in *Inputs) { in.Observe(0, 2, observation(noon, fourMinutes)) }, 0, false, NotANumber},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, in := estimating(line, Display{})
			w.Metrics[0].Levels = Levels{Kind: Duration, High: minute}
			c.change(w, &in)
			at := noon.Add(c.after)
			s, _ := w.At(in, at)
			if m := s.Metrics[0]; published(m) != "null" || m.Basis != Insufficient || m.Text != na || m.Level != "" || m.Stale != c.stale {
				t.Errorf("%s %+v", published(m), m)
			}
			if _, ok, _ := w.Line(0, in, at); ok {
				t.Error("a line is known")
			}
			if got := w.Metrics[0].Unfit(in, 0, at); got != c.unfit {
				t.Errorf("unfit %q, want %q", got, c.unfit)
			}
		})
	}
}

func TestLine(t *testing.T) {
	w, in := estimating(testLine{running(time.Minute), 2, 1}, Display{})
	in.Observe(0, 0, observation(noon, map[string]Reading{"a": running(time.Minute), "b": running(90 * time.Second), "c": Line(time.Hour, 0, noon)}))
	in.Observe(0, 1, observation(noon, map[string]Reading{"a": CountOf(1), "b": CountOf(4)}))
	at := noon.Add(10 * time.Second)
	l, ok, until := w.Line(0, in, at)
	if want := (LineState{Wait: 100 * time.Second, Waiting: true, Queue: 5, Ready: 1}); !ok || l != want || !until.Equal(noon.Add(w.StaleAfter)) {
		t.Errorf("%+v, %v until %v; want %+v", l, ok, until, want)
	}
	in.Notice = Notice{Text: "Closed.", Closed: true, Until: noon.Add(20 * time.Second)}
	if _, ok, until := w.Line(0, in, at); ok || !until.Equal(in.Notice.Until) {
		t.Errorf("closed by a notice: %v until %v", ok, until)
	}
	in.Notice, w.Hours = Notice{}, &Hours{Zone: time.UTC}
	if _, ok, _ := w.Line(0, in, at); ok {
		t.Error("a line is known outside the hours")
	}
}

// Said is public only where the company wants it.
func TestSaid(t *testing.T) {
	w, in := estimating(testLine{running(0), 2, -1}, Display{})
	said := func() Said {
		s, _ := w.At(in, noon)
		return s.Metrics[0].Said
	}
	if got := said(); got != (Said{}) {
		t.Errorf("not wanted: %+v", got)
	}
	w.Metrics[0].Estimate.Said = true
	if got, want := said(), (Said{true, 400, 0.633, 0.055}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	in.Expected = nil
	if got, want := said(), (Said{Public: true}); got != want {
		t.Errorf("nothing learned: %+v, want %+v", got, want)
	}
}

// An estimate is the same until the time that it names, holds what the first in line has waited, and is never more exact than the display.
func TestEstimateTurnsOnTime(t *testing.T) {
	random := rand.New(rand.NewPCG(19, 1))
	displays := []Display{
		{}, duration(Display{Round: 5 * minute}), duration(Display{Round: 30_000}), duration(Display{Below: 2 * minute, Above: 6 * minute}),
		duration(Display{Buckets: []float64{90_000, 3 * minute, 7 * minute}}),
	}
	for range 300 {
		display := displays[random.IntN(len(displays))]
		w, in := estimating(testLine{running(time.Duration(random.IntN(400_000)) * time.Millisecond), float64(random.IntN(4)), -1}, display)
		w.StaleAfter, w.HideAfter = time.Hour, time.Hour
		w.Metrics[0].Levels = Levels{Kind: Duration, Moderate: 3 * minute, High: 250_000}
		before, until := w.At(in, noon)
		for step := range 20 {
			at := noon.Add(time.Duration(1+step*19_997) * time.Millisecond)
			for !until.After(at) {
				before, until = w.At(in, until)
			}
			now, _ := w.At(in, at)
			if !now.Same(&before) {
				t.Fatalf("%+v at %v: %+v before %v, then %+v", display, at.Sub(noon), before.Metrics[0], until, now.Metrics[0])
			}
			line, _, _ := w.Line(0, in, at)
			if r := now.Metrics[0].Range; r.HasMax && r.Max < float64(line.Wait.Milliseconds()) {
				t.Fatalf("%+v: the first has waited %v", r, line.Wait)
			}
			for _, end := range []float64{now.Metrics[0].Range.Min, now.Metrics[0].Range.Max} {
				if shown := display.step(end); display.Round > 0 && display.Rounding.round(end, display.Round) != end || len(display.Buckets) > 0 && end != 0 && shown.low != end {
					t.Fatalf("%+v shows the end %v", display, end)
				}
			}
		}
	}
}

func TestEstimateInOtherLanguages(t *testing.T) {
	german, err := locale.New("de", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line testLine
		knew *Expectation
		text string
	}{
		{testLine{Reading{}, 0, 1}, learned, "Anruf wird sofort angenommen"},
		{testLine{running(0), 2, 1}, learned, "4–7 Min."},
		{testLine{running(0), 2, 1}, nil, "Noch nicht genügend Daten"},
	} {
		w, in := estimating(c.line, Display{})
		in.Expected = []*Expectation{c.knew}
		s, _ := w.At(in, noon)
		if other := s.In(german); other.Metrics[0].Text != c.text {
			t.Errorf("%q, want %q", other.Metrics[0].Text, c.text)
		}
	}
}

func TestEstimateLevel(t *testing.T) {
	link := Link{When: High, Label: "Call back", URL: "https://www.example.com"}
	for _, c := range []struct {
		name  string
		line  testLine
		level Level
	}{
		{"at once", testLine{Line(0, 0, noon), 0, 1}, Low},
		{"the upper end", testLine{running(0), 1, 1}, Moderate},
		{"what the first has waited", testLine{running(5 * time.Minute), 1, 1}, High},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, in := estimating(c.line, Display{})
			w.Metrics[0].Levels, w.Metrics[0].Link = Levels{Kind: Duration, Moderate: 130_000, High: 300_000}, link
			s, _ := w.At(in, noon)
			if m := s.Metrics[0]; m.Level != c.level || (m.Link == link) != (c.level == High) {
				t.Errorf("level %s, link %+v", m.Level, m.Link)
			}
		})
	}
}
