package domain

import (
	"math"
	"time"
)

// restart bounds how long a running duration is followed from the instant at which its line changed: after every such period, following
// starts again. So evaluating a line costs the same however old the line is.
const restart = 10 * time.Minute

// An evaluation is the value of a widget's metric, as it is shown from one instant to another.
//
// Its instant depends on the readings alone, never on the moment of evaluation: it is when the readings, the words, the level or the step of
// the display last changed. So everybody who has the same readings gets the same evaluation.
type evaluation struct {
	at    time.Time // when the evaluation became true
	until time.Time // when another one does; zero: never
	line  Reading   // what the readings amount to at that instant
	value Value     // of the line, then; of Kind None when there is none
	shown Value     // in place of value, as hysteresis demands
	held  Held
}

// evaluate returns the evaluation of the metric at t.
func (m *WidgetMetric) evaluate(p Placement, o *Observation, readings []Reading, t time.Time) evaluation {
	start, stop := o.ChangedAt(), time.Time{}
	if anyRunning(readings) {
		start = start.Add(max(t.Sub(start), 0) / restart * restart)
		stop = start.Add(restart)
	}
	e := m.evaluateAt(start, readings, o.Held[p])
	for !e.until.IsZero() && !e.until.After(t) {
		e = m.evaluateAt(e.until, readings, e.held)
	}
	e.until = soonest(e.until, stop)
	return e
}

// evaluateAt evaluates the metric at an instant, given what hysteresis held before.
func (m *WidgetMetric) evaluateAt(t time.Time, readings []Reading, before Held) evaluation {
	line, bends := m.Combine.Join(readings, t)
	e := evaluation{at: t, line: line}
	value, ok := line.At(t)
	if !ok {
		return e
	}
	e.value = value
	e.shown, e.held, e.until = m.Display.steady(before, value, t)
	if value.Kind != Duration {
		return e
	}
	e.until = soonest(soonest(e.until, bends), m.Levels.next(line, t))
	if !m.Display.hides() {
		e.until = soonest(e.until, nextWording(line, t))
		return e
	}
	e.until = soonest(e.until, m.Display.next(line, t))
	if e.shown != value {
		e.until = soonest(e.until, m.Display.released(e.held, line, t))
	}
	return e
}

// HeldAt returns what the metric's hysteresis holds at t, of an observation that was in the store until then.
func (m *WidgetMetric) HeldAt(p Placement, o *Observation, t time.Time) Held {
	readings, _, _ := o.selected(m.Categories)
	return m.evaluate(p, o, readings, t).held
}

// Holds reports whether what is shown of the metric depends on what was shown before.
func (m *WidgetMetric) Holds() bool { return m.Display.Hold != Hold{} }

func anyRunning(readings []Reading) bool {
	for _, r := range readings {
		if r.Kind == Duration && r.Rate != 0 {
			return true
		}
	}
	return false
}

// next returns when a line reaches another step of the display, or an earlier instant on the way; zero: never. A line that is so steep
// that it passes a step in less than a second is evaluated every second.
func (d *Display) next(line Reading, t time.Time) time.Time {
	value, _ := line.At(t)
	amount := value.amount()
	s := d.step(amount)
	width := s.high - s.low
	up := 0. // 1 where the high end of a step belongs to it, and the low end to the step below
	if d.Round > 0 && !math.IsInf(s.high, 0) {
		width = d.Round
		if d.Rounding == Up {
			up = 1
		}
	}
	switch {
	case line.Rate == 0, d.Kind != Duration, line.Rate > 0 && math.IsInf(s.high, 0), line.Rate < 0 && amount == 0:
		return time.Time{}
	case width < math.Abs(line.Rate)*1000:
		return t.Add(time.Second)
	case line.Rate > 0 && d.HideZero && amount == 0:
		return after(t, 1/line.Rate)
	case line.Rate > 0 && s.high == d.Above:
		return after(t, (s.high-amount)/line.Rate)
	case line.Rate > 0:
		return after(t, (s.high+up-amount)/line.Rate)
	case s.low == d.Below:
		return after(t, (amount-s.low+1)/-line.Rate)
	}
	return after(t, (amount-s.low+1-up)/-line.Rate)
}

// released returns when a line that is in the step next to the one held is so far in it that it is held no longer; zero: never.
func (d *Display) released(h Held, line Reading, t time.Time) time.Time {
	value, _ := line.At(t)
	amount, was := value.amount(), d.step(h.Amount)
	into := d.Hold.Share * d.step(amount).width(was)
	left := was.high + into - amount
	if line.Rate < 0 {
		left = amount - was.low + into
	}
	if left <= 0 || line.Rate == 0 { // then its least time is what holds it
		return time.Time{}
	}
	return after(t, left/math.Abs(line.Rate))
}
