package publish

import "waitboard/domain"

// An Exact is the private value of a widget's metric.
type Exact struct {
	Metric string // its ID
	Value  domain.Value
}

// Exact returns the private values of a widget's metrics at this instant, whatever policy, hours and notices hide. A value that is too old to
// show is None. It is for operators only.
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
		m := &s.widget.Metrics[i]
		v, confirmed := m.Private(&s.inputs.Observed[i], now)
		if !now.Before(confirmed.Add(s.widget.HideAfter)) {
			v = domain.Value{}
		}
		out = append(out, Exact{m.ID, v})
	}
	return out
}
