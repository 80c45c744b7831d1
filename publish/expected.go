package publish

import (
	v1 "waitboard/api/v1"
	"waitboard/domain"
)

// SetExpectation sets what is expected for a widget's metric, which need not exist yet; nil removes it.
func (p *Publisher) SetExpectation(at domain.Placement, e *domain.Expectation) {
	learn(p, p.expect, at, e)
}

// expectedOf returns what is expected for a widget's metrics; nil: nothing. The mutex must be held.
func (p *Publisher) expectedOf(w *domain.Widget) []*domain.Expectation {
	return learnedOf(p.expect, w, func(m *domain.WidgetMetric) bool { return m.Estimate != nil })
}

// learn sets something that is learned of a widget's metric, in one of the publisher's maps; nil removes it.
func learn[T any](p *Publisher, all map[domain.Placement]*T, at domain.Placement, value *T) {
	p.mu.Lock()
	if value == nil {
		delete(all, at)
	} else {
		all[at] = value
	}
	s := p.slots[at.Widget]
	if s == nil {
		p.mu.Unlock()
		return
	}
	s.mu.Lock()
	s.inputs.Typical, s.inputs.Expected, s.week = p.typicalOf(&s.widget), p.expectedOf(&s.widget), nil
	s.mu.Unlock()
	p.mu.Unlock()
	p.refresh(s)
}

// learnedOf returns what is learned of those of a widget's metrics that want it; nil: nothing. The publisher's mutex must be held.
func learnedOf[T any](all map[domain.Placement]*T, w *domain.Widget, wants func(*domain.WidgetMetric) bool) (of []*T) {
	for i := range w.Metrics {
		m := &w.Metrics[i]
		value := all[domain.Placement{Widget: w.ID, Metric: m.ID}]
		if value == nil || !wants(m) {
			continue
		}
		if of == nil {
			of = make([]*T, len(w.Metrics))
		}
		of[i] = value
	}
	return of
}

// Expectation returns what is expected for a widget's metric; nil: unknown.
func (p *Publisher) Expectation(at domain.Placement) *domain.Expectation {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.expect[at]
}

// Unfit returns why the inputs of a widget's estimates can't be used, by the IDs of the metrics. It is for operators.
func (p *Publisher) Unfit(id string) (unfit map[string]domain.Unfit) {
	p.mu.RLock()
	s := p.slots[id]
	p.mu.RUnlock()
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.widget.Metrics {
		m := &s.widget.Metrics[i]
		if m.Estimate == nil {
			continue
		}
		if reason := m.Unfit(s.inputs, i, p.now()); reason != "" {
			if unfit == nil {
				unfit = map[string]domain.Unfit{}
			}
			unfit[m.ID] = reason
		}
	}
	return unfit
}

// estimates returns the estimates of a widget. They are without hours, and come last, because clients show a chart of the first metric.
func estimates(w *domain.Widget, expected []*domain.Expectation) (all []v1.TypicalMetric) {
	for i := range w.Metrics {
		m := &w.Metrics[i]
		if m.Estimate == nil {
			continue
		}
		var e *domain.Expectation
		if i < len(expected) {
			e = expected[i]
		}
		all = append(all, v1.TypicalMetric{
			ID: m.ID, Label: m.Label, Unit: "s", Hours: []v1.TypicalHour{}, Estimate: renderSaid(domain.SaidOf(e)),
			Quietest: v1.Quietest{Today: []v1.QuietHour{}, Week: []v1.QuietHour{}},
		})
	}
	return all
}

// renderSaid returns how true an estimate was as partners see it.
func renderSaid(s domain.Said) *v1.Estimate {
	if s.Samples == 0 {
		return &v1.Estimate{}
	}
	return &v1.Estimate{Covered: &s.Covered, LongerThanSaid: &s.Longer, Samples: s.Samples}
}
