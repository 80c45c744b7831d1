package domain

import (
	"slices"

	"waitboard/locale"
)

// In returns the snapshot with waitboard's own texts in another locale. Titles, labels, links, notices and texts of the phone system stay as
// they are. It uses nothing but the snapshot.
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
		if m.Typical != (Typical{}) {
			m.Typical.Usual = l.Usually(m.wording.rangeText(l, m.Typical.Kind, m.Typical))
			m.Typical.Text = m.Compared.text(l, m.Typical.Usual)
			if !m.Present() {
				m.Text = m.Typical.Text
			}
		}
	}
	return out
}
