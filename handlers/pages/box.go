package pages

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

// widgetBox is the data of the template "box": a widget as visitors see it before the script runs.
type widgetBox struct {
	ID, Title, Layout              string
	Lang, Dir, OwnLang             string // OwnLang is the language of the company's texts
	Notice, Note                   string
	OwnNote                        bool   // Note is the company's text
	Lost                           string // what the script shows after StaleAfter without an update
	StaleAfter                     int    // seconds
	Observed                       string // empty without values
	Clock, Zone                    string // of Observed; empty: AgeBefore is the whole text
	AgeBefore, AgeMiddle, AgeAfter string // texts around Clock and Zone
	Stale                          bool
	Metrics                        []boxMetric
}

type boxMetric struct {
	Label, Text, Class string
	Typical            string // below the value; empty: none, or in its place
	Duration           string // ISO 8601; empty for ranges and other types
	Level, LevelWord   string
	LinkLabel          string
	LinkURL            template.URL // http, https, tel or mailto; the configuration rejects other schemes
	Leaves             bool         // the link leads to another page
}

var stateNotes = map[domain.State]locale.Phrase{
	domain.Initializing: locale.NothingKnown,
	domain.Unavailable:  locale.Unavailable,
}

var levelPhrases = map[domain.Level]locale.Phrase{
	domain.Low: locale.LevelLow, domain.Moderate: locale.LevelModerate, domain.High: locale.LevelHigh,
}

// newWidgetBox returns a widget in a layout. Own is the locale of the company's texts.
func newWidgetBox(s *domain.Snapshot, own *locale.Locale, layout string) widgetBox {
	l := s.Locale
	out := widgetBox{
		ID: s.ID, Title: s.Title, Layout: layout, Lang: l.Tag(), Dir: direction(l), OwnLang: own.Tag(),
		Notice: s.Notice, Note: cmp.Or(s.Message, l.Say(stateNotes[s.State])), OwnNote: s.Message != "" && s.Message == s.Notice, Stale: s.Stale,
		Lost: l.Say(locale.Unavailable), StaleAfter: wholeSeconds(s.StaleAfter),
	}
	if out.OwnNote { // a notice closed the widget
		out.Notice = ""
	}
	if !s.ObservedAt.IsZero() {
		out.age(l, s.ObservedAt)
	}
	rows := s.Rows()
	if len(rows) > 0 { // otherwise the note replaces them, as in the element
		out.Note = ""
	}
	for i := range rows {
		m := newBoxMetric(l, &rows[i])
		if s.Stale && layout == "bare" { // this layout has no line for the age
			m.Text = l.NotUpToDate(m.Text)
		}
		out.Metrics = append(out.Metrics, m)
	}
	return out
}

func newBoxMetric(l *locale.Locale, m *domain.Shown) boxMetric {
	out := boxMetric{
		Label: m.Label, Text: m.Text, Typical: m.TypicalLine(), Class: "value", Level: string(m.Level), LevelWord: l.Say(levelPhrases[m.Level]),
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

// age sets the time of the oldest value, in the widget's zone. The script replaces clock and zone by the visitor's time,
// so they are separate elements, unless the company's phrase has them in another order.
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
