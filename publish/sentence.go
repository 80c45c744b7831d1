package publish

import (
	"waitboard/domain"
	"waitboard/locale"
)

// sentence returns a snapshot as one line of text.
func sentence(s *domain.Snapshot) string {
	var parts []string
	for i := range s.Metrics {
		m := &s.Metrics[i]
		switch {
		case m.Present():
			parts = append(parts, s.Locale.Part(m.Label, m.Text))
		case m.Typical != (domain.Typical{}):
			parts = append(parts, s.Locale.Line(m.Label, m.Text))
		}
		if typical := m.TypicalLine(); typical != "" && !s.Stale { // a mark of stale values would seem to include it
			parts = append(parts, typical)
		}
	}
	return s.Locale.Line(s.Title, summary(s, parts))
}

// summary joins the parts, or says why there are none. The notice comes first.
func summary(s *domain.Snapshot, parts []string) string {
	text := s.Locale.Join(parts)
	switch {
	case s.State == domain.Closed:
		text = s.Message
	case text == "":
		text = s.Locale.Say(locale.NotAvailable)
	case s.Stale:
		text = s.Locale.NotUpToDate(text)
	}
	if s.Notice != "" && s.Notice != s.Message {
		text = s.Locale.Join([]string{s.Notice, text})
	}
	return text
}
