package simulator

import "time"

// The kinds of Value.
const (
	KindDuration = "duration"
	KindCount    = "count"
	KindBoolean  = "boolean"
	KindText     = "text"
)

// Value is the value of a metric at one instant. Kind selects the field.
type Value struct {
	Kind     string
	Duration time.Duration // durations and averages of durations; may be negative
	Count    int64
	Bool     bool
	Text     string // with the mark
}

// Truth returns the true value at an instant of Options.Now, whatever the fault
// is. The metric ID and the category value have the mark; category is empty for
// category type None. Truth initializes no value.
//
// ok is false without a value: absent, an average of nothing, a Percentage, or
// an unknown metric or category. It is also false for an instant out of reach:
// more than a minute after the clock, or before the remembered past, which is
// at least a minute and never before the start.
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
