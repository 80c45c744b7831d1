// Package badge draws a widget's snapshot as an image, for places without scripts: README pages, e-mail, shop systems, an element before its
// script has loaded. An image is an SVG, or a PNG at twice the size.
//
// A [Card] holds the texts of an image. One layout (layout.go) places them by their widths in real fonts (fonts.go), and both formats draw
// that layout. The size of an image depends only on the widget's number of metrics, so a page never shifts when the state changes.
package badge

import (
	"reflect"
	"strings"
	"unicode"

	"waitboard/domain"
	"waitboard/locale"
)

// A Card holds the texts of an image, ready to show. Equal cards give the same bytes.
type Card struct {
	ID       string // of the widget; replaces a title that can't be drawn
	Language string // a BCP 47 tag
	RTL      bool   // right to left
	Title    string
	Text     string // the snapshot as a sentence, for screen readers
	Metrics  int    // number of the widget's metrics, shown or not
	Rows     []Row
	Message  string // replaces the rows: why there are none
	Notice   string // of the operator
	AsOf     string // time and date of the rows, in words; empty without rows
	Clock    string // the time of day in AsOf with its zone
	Date     string // clock and date alone, because others may store the image for days
	Short    string // Date, marked if stale: AsOf in fewer words
	Stale    bool
}

// A Row is one metric on a card.
type Row struct {
	ID, Label, Value string
	Typical, Usual   string // one of them is below the value, if it fits
	Level            domain.Level
	LevelWord        string
	Faint            bool // no value, or a stale one
	Words            bool // a text value, which may be truncated; numbers may not
}

// Of returns the card of a snapshot of w. Times are in the widget's zone and name it.
func Of(w *domain.Widget, s *domain.Snapshot, sentence string) Card {
	l := s.Locale
	c := Card{
		ID: s.ID, Language: l.Tag(), RTL: l.RightToLeft(), Title: clean(s.Title), Metrics: len(w.Metrics),
		Notice: clean(s.Notice), Stale: s.Stale,
	}
	switch s.State {
	case domain.Closed:
		c.Message = clean(s.Message)
	default:
		rows := s.Rows()
		for i := range rows {
			c.Rows = append(c.Rows, rowOf(l, &rows[i]))
		}
		switch {
		case len(rows) > 0:
		case s.State == domain.Initializing:
			c.Message = clean(l.Say(locale.NothingKnown))
		default:
			c.Message = clean(l.Say(locale.Unavailable))
		}
	}
	if c.Notice == c.Message {
		c.Notice = ""
	}
	if len(c.Rows) > 0 && !s.ObservedAt.IsZero() {
		c.Clock = l.Clock(s.ObservedAt) + " " + l.Zone(s.ObservedAt) // without seconds, so that polls don't change the image
		date := l.Date(s.ObservedAt)
		c.Date, c.AsOf = l.Join([]string{c.Clock, date}), clean(l.Join([]string{l.AsOf(s.ObservedAt), date}))
		c.Short = c.Date
		sentence = l.Join([]string{sentence, c.AsOf})
		if s.Stale {
			c.AsOf, c.Short = clean(l.NotUpToDate(c.AsOf)), clean(l.NotUpToDate(c.Short))
		}
	}
	c.Text = cleanTo(maxSentence, sentence)
	return c
}

// Preview returns the card of a widget for other sites' previews of its page. They store it for days, so it has no value, and changes only
// with the widget's texts.
func Preview(id, title string, labels []string, l *locale.Locale) Card {
	return Card{ID: id, Language: l.Tag(), RTL: l.RightToLeft(), Title: clean(title), Metrics: len(labels), Message: clean(l.Join(labels))}
}

func rowOf(l *locale.Locale, m *domain.Shown) Row {
	r := Row{ID: m.ID, Label: clean(m.Label), Value: clean(m.Text), Typical: clean(m.TypicalLine()), Usual: clean(m.Typical.Usual), Level: m.Level, Faint: m.Stale}
	switch m.Level {
	case domain.Low:
		r.LevelWord = clean(l.Say(locale.LevelLow))
	case domain.Moderate:
		r.LevelWord = clean(l.Say(locale.LevelModerate))
	case domain.High:
		r.LevelWord = clean(l.Say(locale.LevelHigh))
	}
	if !m.Present() {
		r.Faint, r.Words = true, true
	}
	if m.Kind == domain.Text || m.Kind == domain.Boolean {
		r.Words = true
	}
	return r
}

// Equal reports whether two cards give the same images.
func (c *Card) Equal(other *Card) bool { return reflect.DeepEqual(c, other) }

const (
	maxText     = 1_000  // characters; longer texts don't fit a card
	maxSentence = 20_000 // characters of Text, which is not drawn
	maxMarks    = 4      // combining marks on one letter; more would reach other lines
)

// clean returns a text as one line of valid XML characters. It drops characters that turn the direction of text, because they would reverse
// numbers, and other invisible characters except joiners.
func clean(text string) string { return cleanTo(maxText, text) }

func cleanTo(most int, text string) string {
	count, marks := 0, 0
	text = strings.Map(func(r rune) rune {
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		switch {
		case count == most, marks > maxMarks:
			return -1
		case unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f':
			r = ' '
		case r == '\u200c', r == '\u200d', r == '\u200e', r == '\u200f', r == '\u061c':
		case unicode.Is(unicode.C, r), r == '\ufffe', r == '\uffff':
			return -1
		}
		count++
		return r // invalid UTF-8 has become U+FFFD
	}, text)
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' }), " ")
}
