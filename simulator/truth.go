package simulator

import "time"

// The kinds of Value.
const (
	KindDuration = "duration"
	KindCount    = "count"
	KindBoolean  = "boolean"
	KindText     = "text"
)

// Value is what a metric says at one instant. Kind says which of the other
// fields counts.
type Value struct {
	Kind     string
	Duration time.Duration // durations and averages of durations; may be negative
	Count    int64
	Bool     bool
	Text     string // with the mark
}

// Truth is what the call centre itself says at an instant of Options.Now,
// whatever fault the server pretends to have. The metric ID and the category
// value carry the mark; category is empty for category type None. Asking
// initialises nothing.
//
// ok is false when there is no value: absent, an average of nothing, a
// Percentage (which no Value can say), an unknown metric or category. It is
// also false when at is out of reach: more than a minute ahead of the clock,
// or further back than the centre remembers, which is a minute or more, or
// since the simulator started.
func (s *Simulator) Truth(metricID, category string, at time.Time) (v Value, ok bool) {
	l, ok := s.desk.lineAt(metricID, category, at)
	if !ok {
		return Value{}, false
	}
	switch l.kind {
	case Boolean:
		return Value{Kind: KindBoolean, Bool: l.yes}, true
	case Count:
		return Value{Kind: KindCount, Count: l.count}, true
	case String:
		return Value{Kind: KindText, Text: l.text}, true
	case Duration:
		return Value{Kind: KindDuration, Duration: l.sumAt(at)}, true
	case AverageDuration:
		if l.count == 0 {
			return Value{}, false
		}
		return Value{Kind: KindDuration, Duration: l.sumAt(at) / time.Duration(l.count)}, true
	default:
		return Value{}, false
	}
}
