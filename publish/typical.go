package publish

import (
	v1 "waitboard/api/v1"
	"waitboard/domain"
)

// SetTypical sets what is typical of a widget's metric, which need not exist yet; nil removes it.
func (p *Publisher) SetTypical(at domain.Placement, week *domain.TypicalWeek) {
	p.mu.Lock()
	if week == nil {
		delete(p.typical, at)
	} else {
		p.typical[at] = week
	}
	s := p.slots[at.Widget]
	if s == nil {
		p.mu.Unlock()
		return
	}
	s.mu.Lock()
	s.inputs.Typical = p.typicalOf(&s.widget)
	s.mu.Unlock()
	p.mu.Unlock()
	p.refresh(s)
}

// typicalOf returns what is typical of a widget's metrics; nil: nothing is known. The mutex must be held.
func (p *Publisher) typicalOf(w *domain.Widget) (weeks []*domain.TypicalWeek) {
	for i := range w.Metrics {
		week := p.typical[domain.Placement{Widget: w.ID, Metric: w.Metrics[i].ID}]
		if week != nil && weeks == nil {
			weeks = make([]*domain.TypicalWeek, len(w.Metrics))
		}
		if week != nil && w.Metrics[i].History.Keep > 0 {
			weeks[i] = week
		}
	}
	return weeks
}

// Typical returns what is typical of a widget's metric; nil: unknown.
func (p *Publisher) Typical(at domain.Placement) *domain.TypicalWeek {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.typical[at]
}

// RenderTypical returns a typical range as partners see it.
func RenderTypical(t domain.Typical) *v1.Typical {
	unit := 1.
	out := &v1.Typical{Weeks: t.Weeks, Text: t.Text}
	if t.Kind == domain.Duration {
		out.Unit, unit = "s", 1000 // milliseconds in a second
	}
	out.Low = t.Low / unit
	if !t.Open {
		high := t.High / unit
		out.High = &high
	}
	return out
}
