package domain

import (
	"math"
	"time"

	"waitboard/locale"
)

// Basis is what an estimate is based on.
type Basis string

// The bases of an estimate.
const (
	Live         Basis = "live"         // the line of this moment
	Insufficient Basis = "insufficient" // too little is known to say anything
)

// Said is how true announced ranges were during 28 days. The zero Said isn't public.
type Said struct {
	Public  bool
	Samples int     // waits
	Covered float64 // the share of them in the announced range; 0 without samples
	Longer  float64 // the share that was more than a minute longer than the upper end
}

// SaidOf returns what the public may know of how true ranges were; e may be nil.
func SaidOf(e *Expectation) Said {
	if e == nil || e.Score.Samples == 0 {
		return Said{Public: true}
	}
	share := func(n int) float64 { return math.Round(1000*float64(n)/float64(e.Score.Samples)) / 1000 }
	return Said{true, e.Score.Samples, share(e.Score.Covered), share(e.Score.Longer)}
}

// showEstimate shows an estimate. It shows no range that is based on stale inputs.
func (w *Widget) showEstimate(i int, in Inputs, t time.Time) judged {
	m := &w.Metrics[i]
	line := m.line(in, i, t)
	out := judged{Shown: Shown{
		ID: m.ID, Label: m.Label, Kind: Duration, Basis: Insufficient, Text: w.Locale.Say(locale.NotAvailable), wording: m.Display.wording(true),
	}, confirmed: line.confirmed}
	var expected *Expectation
	if i < len(in.Expected) {
		expected = in.Expected[i]
	}
	if m.Estimate.Said {
		out.Said = SaidOf(expected)
	}
	if line.confirmed.IsZero() {
		return out
	}
	if out.visible, out.Stale, out.ages = w.judge(line.confirmed, t); out.visible {
		out.until = out.ages
	}
	if out.visible && !out.Stale && line.known {
		m.announce(&out, &line, expected, t)
		out.Text = out.wording.text(w.Locale, out.Kind, out.Value, out.Range)
	}
	return out
}

// announce sets what visitors see of what is expected.
func (m *WidgetMetric) announce(out *judged, line *observedLine, expected *Expectation, t time.Time) {
	r, ok := expected.Expect(line.Queue, line.Wait, line.Ready)
	if !ok {
		out.wording.instead = locale.TooLittleData
		return
	}
	if line.Ready > 0 && line.Queue == 0 {
		r.High = 0
		out.Value, out.Range = m.Display.apply(Value{Kind: Duration})
		if out.Value.Kind != None {
			out.wording.instead = locale.AnsweredAtOnce
		}
	} else {
		out.Range = m.Display.Outwards(r)
	}
	if out.Present() { // the display can hide both ends
		out.Basis = Live
		out.Level = m.Levels.of(Value{Kind: Duration, Duration: r.High})
		out.Link = m.Link.at(out.Level)
	}
	if line.wait.Rate == 0 {
		return
	}
	out.until = soonest(soonest(out.until, line.bends), m.Levels.next(line.wait, t))
	if out.Range.HasMax { // what the first in line has waited exceeds it then
		out.until = soonest(out.until, after(t, out.Range.Max-float64(line.Wait.Milliseconds())))
	}
}

// Outwards returns the span of what is shown that holds a range, in milliseconds: its lower end rounded down, its upper end up. Without a step of the display, the
// step is a minute.
func (d *Display) Outwards(r WaitRange) (shown Range) {
	down, up := *d, *d
	if d.Round == 0 {
		down.Round, up.Round = minuteStep, minuteStep
	}
	down.Rounding, up.Rounding, down.HideZero, up.HideZero = Down, Up, false, false
	low, _, _ := down.bounds(Duration, float64(r.Low.Milliseconds()))
	_, high, open := up.bounds(Duration, float64(r.High.Milliseconds()))
	if high <= low && !open {
		_, high, open = up.bounds(Duration, low+1)
	}
	return Range{Min: low, HasMin: low > 0, Max: high, HasMax: !open}
}

// minuteStep is a minute in the units of a Display.
const minuteStep = float64(time.Minute / time.Millisecond)
