package handlers

import (
	"cmp"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"

	"waitboard/domain"
	"waitboard/locale"
)

// widgetBox is the data of "box" in templates: what is seen of a widget without the element.
type widgetBox struct {
	ID, Title, Layout              string
	Lang, Dir, OwnLang             string // OwnLang is that of what the company wrote
	Notice, Note                   string
	OwnNote                        bool   // Note is the company's
	Lost                           string // said where it could not be kept up to date
	StaleAfter                     int    // seconds without an answer until then
	Observed                       string // empty: nothing is shown
	Clock, Zone                    string // of Observed; empty: what is before them is all
	AgeBefore, AgeMiddle, AgeAfter string // around the clock, and around its zone
	Stale                          bool
	Metrics                        []boxMetric
}

type boxMetric struct {
	Label, Text, Class string
	Duration           string // ISO 8601; empty: it is none, or a range
	Level, LevelWord   string
	LinkLabel          string
	LinkURL            template.URL // http, https, tel or mailto: the configuration lets no other through
	Leaves             bool         // the link is to another page
}

var stateNotes = map[domain.State]locale.Phrase{
	domain.Initializing: locale.NothingKnown,
	domain.Unavailable:  locale.Unavailable,
}

var levelPhrases = map[domain.Level]locale.Phrase{
	domain.Low: locale.LevelLow, domain.Moderate: locale.LevelModerate, domain.High: locale.LevelHigh,
}

// newWidgetBox is a widget in a layout; own is what the company writes in.
func newWidgetBox(s *domain.Snapshot, own *locale.Locale, layout string) widgetBox {
	l := s.Locale
	out := widgetBox{
		ID: s.ID, Title: s.Title, Layout: layout, Lang: l.Tag(), Dir: direction(l), OwnLang: own.Tag(),
		Notice: s.Notice, Note: cmp.Or(s.Message, l.Say(stateNotes[s.State])), OwnNote: s.Message != "" && s.Message == s.Notice, Stale: s.Stale,
		Lost: l.Say(locale.Unavailable), StaleAfter: wholeSeconds(s.StaleAfter),
	}
	if out.OwnNote { // closed by it
		out.Notice = ""
	}
	if !s.ObservedAt.IsZero() {
		out.age(l, s.ObservedAt)
	}
	if s.State != domain.Open { // the note says it all, as the element does
		return out
	}
	for i := range s.Metrics {
		m := newBoxMetric(l, &s.Metrics[i])
		if s.Stale && layout == "bare" { // there is no room for the time that they are of
			m.Text = l.NotUpToDate(m.Text)
		}
		out.Metrics = append(out.Metrics, m)
	}
	return out
}

func newBoxMetric(l *locale.Locale, m *domain.Shown) boxMetric {
	out := boxMetric{
		Label: m.Label, Text: m.Text, Class: "value", Level: string(m.Level), LevelWord: l.Say(levelPhrases[m.Level]),
		LinkLabel: m.Link.Label, LinkURL: template.URL(m.Link.URL), //nolint:gosec // see LinkURL
		Leaves: strings.HasPrefix(m.Link.URL, "http"),
	}
	if m.Value.Kind == domain.Text {
		out.Class += " text"
	}
	switch {
	case !m.Present():
		out.Class += " none"
	case m.Stale:
		out.Class += " old"
	}
	if m.Value.Kind == domain.Duration {
		out.Duration = "PT" + strconv.FormatFloat(m.Value.Duration.Seconds(), 'f', -1, 64) + "S"
	}
	return out
}

// age says when the oldest of what is shown was confirmed, in the widget's zone. The clock and its zone have elements of their own, in place
// of which the page's script puts the visitor's time of day, unless a phrase of the company's own has them in another order.
func (w *widgetBox) age(l *locale.Locale, observed time.Time) {
	w.Observed = observed.UTC().Format(time.RFC3339)
	text := l.AsOf(observed)
	if w.Stale {
		text = l.NotUpToDate(text)
	}
	clock, zone := l.Clock(observed), l.Zone(observed)
	before, after, _ := strings.Cut(text, clock)
	middle, after, found := strings.Cut(after, " "+zone)
	if !found {
		w.AgeBefore = text
		return
	}
	w.AgeBefore, w.Clock, w.AgeMiddle, w.Zone, w.AgeAfter = before, clock, middle, zone, after
}

func direction(l *locale.Locale) string {
	if l.RightToLeft() {
		return "rtl"
	}
	return "ltr"
}

func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
