package publish

import "waitboard/domain"

// An Exact is the private value of a widget's metric.
type Exact struct {
	Metric string // its ID
	Value  domain.Value
}

// Exact returns the private values of a widget's metrics at this instant, as [domain.Widget.Exact] does. It is for operators only.
func (p *Publisher) Exact(id string) (out []Exact) {
	p.mu.RLock()
	s := p.slots[id]
	p.mu.RUnlock()
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := p.now()
	for i := range s.widget.Metrics {
		out = append(out, Exact{s.widget.Metrics[i].ID, s.widget.Exact(i, &s.inputs.Observed[i], now)})
	}
	return out
}
