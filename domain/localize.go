package domain

import (
	"slices"

	"waitboard/locale"
)

// In is the snapshot with all that waitboard says put in another locale. What the company wrote stays as it is: titles,
// labels, links, notices and texts of the phone system. Nothing else is told: it is made of what the snapshot tells.
func (s *Snapshot) In(l *locale.Locale) Snapshot {
	out := *s
	out.Locale = l
	if s.closing != notClosed {
		out.Message = s.closing.text(l, s.OpensAt)
	}
	out.Metrics = slices.Clone(s.Metrics)
	for i := range out.Metrics {
		m := &out.Metrics[i]
		m.Text = m.wording.text(l, m.Kind, m.Value, m.Range)
	}
	return out
}
