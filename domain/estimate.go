package domain

import "time"

// An Estimate is how a metric is estimated from a line of callers, in place of being read from a source.
type Estimate struct {
	Wait      Input   // a duration that runs while somebody waits: how long the first in line has waited
	Queue     Input   // how many callers wait
	Agents    Input   // how many agents are ready; its zero value: unknown
	Low, High float64 // the announced range is from this quantile of waits to that one, from 0 to 1
	Said      bool    // snapshots hold how true announced ranges were
}

// An Input is one value that an estimate is made from.
type Input struct {
	Ref        Ref
	Categories []string // nil: all
	Combine    Combine
}

// An Expectation is what callers wait, by how many were ahead of them, and how true that was. It is shared: nobody changes it.
type Expectation struct {
	Waits []WaitRange // by the number of callers ahead; the last one also counts for more. None: not enough is known
	Score Score
}

// A WaitRange is from the wait that is short for a caller to the wait that is long.
type WaitRange struct {
	Low, High time.Duration
}

// A Score is how true announced ranges were during 28 days.
type Score struct {
	Samples int          // inferred waits of callers to whom something was announced
	Covered int          // of them: waits in the announced range
	Longer  int          // of them: waits more than a minute longer than the upper end
	Ahead   []AheadScore // by the number of callers ahead, as in Expectation.Waits, for operators
}

// An AheadScore is the part of a Score for one number of callers ahead.
type AheadScore struct {
	Samples, Covered, Longer int
	Median                   time.Duration // of the waits
}

// Announced returns what visitors see of an estimate at t, in milliseconds; zero: nothing. "At once" is up to zero.
func (w *Widget) Announced(i int, in Inputs, t time.Time) Range {
	shown := w.showEstimate(i, in, t)
	if shown.Value.Kind == Duration {
		return Range{Max: shown.Value.amount(), HasMax: true}
	}
	return shown.Range
}
