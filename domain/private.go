package domain

import "time"

// Private returns the value of a metric at t before the policy treats it, and when the source confirmed it (zero: never). It is for
// operators, and must not become public.
func (m *WidgetMetric) Private(o *Observation, t time.Time) (v Value, confirmed time.Time) {
	readings, confirmed, missing := o.selected(m.Categories)
	if confirmed.IsZero() || missing && m.Combine != Number {
		return Value{}, confirmed
	}
	line, _ := m.Combine.Join(readings, t)
	v, _ = line.At(t)
	return v, confirmed
}
