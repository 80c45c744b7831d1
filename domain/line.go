package domain

import (
	"math"
	"time"
)

// A LineState is a line of callers at an instant.
type LineState struct {
	Wait    time.Duration // how long the first in line has waited
	Waiting bool          // somebody waits
	Queue   int           // how many wait
	Ready   int           // how many agents are ready; -1: unknown
}

// Unfit is why readings can't be those of a line of callers; empty: they can.
type Unfit string

// The reasons, in a word for Prometheus.
const (
	NotHeadOfLine Unfit = "not_head_of_line" // the wait doesn't run as that of one caller: it is a sum, an average, or no duration
	NotANumber    Unfit = "not_a_number"     // the queue or the agents aren't a number
)

// Refs returns the upstream metrics that a metric is made of: of an estimate the wait, the queue and, if it has them, the agents.
func (m *WidgetMetric) Refs() []Ref {
	switch e := m.Estimate; {
	case e == nil:
		return []Ref{m.Ref}
	case e.Agents.Ref == Ref{}:
		return []Ref{e.Wait.Ref, e.Queue.Ref}
	default:
		return []Ref{e.Wait.Ref, e.Queue.Ref, e.Agents.Ref}
	}
}

// Observe sets the observation of upstream metric n, as Refs counts them, of the widget's metric i.
func (in *Inputs) Observe(i, n int, o Observation) {
	if n == 0 {
		in.Observed[i] = o
		return
	}
	if in.Lines == nil {
		in.Lines = make([][2]Observation, len(in.Observed))
	}
	in.Lines[i][n-1] = o
}

// Line returns the line of callers of an estimate at t, and until when that is known without new readings; zero: until they arrive. Of a closed
// widget, and with inputs that are missing, stale or unfit, ok is false.
func (w *Widget) Line(i int, in Inputs, t time.Time) (l LineState, ok bool, until time.Time) {
	open := true
	if w.Hours != nil {
		open, until = w.Hours.At(t)
	}
	if in.Notice.Closed {
		open, until = open && !in.Notice.At(t), soonest(until, in.Notice.turn(t))
	}
	of := w.Metrics[i].line(in, i, t)
	visible, stale, ages := w.judge(of.confirmed, t)
	return of.LineState, open && of.known && visible && !stale, soonest(until, ages)
}

// Unfit returns why the inputs of an estimate can't be those of a line of callers.
func (m *WidgetMetric) Unfit(in Inputs, i int, t time.Time) Unfit { return m.line(in, i, t).unfit }

// An observedLine is a LineState as observed.
type observedLine struct {
	LineState
	known     bool
	unfit     Unfit
	wait      Reading   // of the first in line
	bends     time.Time // when another caller becomes the first in line; zero: never
	confirmed time.Time // of the oldest input; zero: one has not been confirmed yet
}

// line returns the line of metric i, an estimate.
func (m *WidgetMetric) line(in Inputs, i int, t time.Time) (l observedLine) {
	e, rest := m.Estimate, [2]Observation{}
	if i < len(in.Lines) {
		rest = in.Lines[i]
	}
	wait, queue, agents := &in.Observed[i], &rest[0], &rest[1]
	readings, confirmed, missing := wait.selected(e.Wait.Categories)
	var running []Reading
	for _, r := range readings {
		if r.Kind != None && (r.Kind != Duration || !ofOne(r.Rate)) {
			l.unfit = NotHeadOfLine
		}
		if r.Rate != 0 || r.Unclear {
			running = append(running, r)
		}
	}
	l.confirmed, l.known = confirmed, !missing && l.unfit == ""
	if running != nil {
		readings = running // a wait that stands still is over, however long it was
	}
	l.wait, l.bends = e.Wait.Combine.Join(readings, t)
	value, ok := l.wait.At(t)
	if l.Waiting = running != nil; l.Waiting {
		l.Wait = value.Duration
	}
	l.Queue, l.Ready = l.number(queue, e.Queue, t), -1
	if e.Agents.Ref != (Ref{}) {
		l.Ready = l.number(agents, e.Agents, t)
	}
	if l.Waiting {
		l.Queue = max(l.Queue, 1) // it may be counted a moment later
	}
	l.known = l.known && !l.confirmed.IsZero() && (ok || l.Queue == 0) // without a caller there need be no wait
	return l
}

// number returns an input that is a number.
func (l *observedLine) number(o *Observation, input Input, t time.Time) int {
	readings, confirmed, missing := o.selected(input.Categories)
	l.confirmed = earlier(l.confirmed, confirmed)
	for _, r := range readings {
		if r.Kind != None && r.Kind != Count && input.Combine != Number && l.unfit == "" {
			l.unfit = NotANumber
		}
	}
	joined, _ := input.Combine.Join(readings, t)
	if joined.Kind != Count || missing && input.Combine != Number {
		l.known = false
		return 0
	}
	return int(math.Ceil(min(max(joined.Base, 0), mostCallers))) // a mean of less than one is somebody
}

const mostCallers = 1e6 // more are as many

// ofOne reports whether a wait that runs at a rate can be that of one caller, or of nobody.
func ofOne(rate float64) bool {
	const digits = 1e-6 // as in snapshots
	return math.Abs(rate) < digits || math.Abs(rate-1) < digits
}
