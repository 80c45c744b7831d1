// Package badge draws a widget's snapshot as an image, for where scripts can't run: README pages, e-mail, shop systems,
// the inside of an element before its script has come. An image is an SVG, or a PNG of the same at twice the size.
//
// A [Card] is what is to be read on it. One layout (layout.go) places the texts of a card by the widths that real fonts
// give them (fonts.go), and both formats draw what it placed. An image's size depends on nothing but the number of
// metrics that the widget has, so that a page never jumps when its state changes.
package badge

import (
	"reflect"
	"strings"
	"unicode"

	"waitboard/domain"
	"waitboard/locale"
)

// A Card is what is to be read on an image: texts of a snapshot, ready to be shown. Cards that are equal make the same
// bytes.
type Card struct {
	ID       string // the widget's, in place of a title that can't be drawn
	Language string // a BCP 47 tag
	RTL      bool   // from right to left
	Title    string
	Text     string // all of it in a sentence, for those who don't see it
	Metrics  int    // how many the widget has, shown or not
	Rows     []Row
	Message  string // in place of rows: why there are none
	Notice   string // what the company has to say besides
	AsOf     string // from when the rows are, in words; empty without rows
	Clock    string // the time of day in AsOf and its zone, alone
	Stale    bool
}

// A Row is one metric on a card.
type Row struct {
	ID, Label, Value string
	Level            domain.Level
	LevelWord        string
	Faint            bool // there is no value, or an old one
	Words            bool // a value that may be cut short, because it holds no figure of ours
}

// Of makes the card of a snapshot of w. The sentence says all of the snapshot. Times are in the widget's zone, which is named.
func Of(w *domain.Widget, s *domain.Snapshot, sentence string) Card {
	l := s.Locale
	c := Card{
		ID: s.ID, Language: l.Tag(), RTL: l.RightToLeft(), Title: clean(s.Title), Metrics: len(w.Metrics),
		Notice: clean(s.Notice), Stale: s.Stale,
	}
	switch s.State {
	case domain.Closed:
		c.Message = clean(s.Message)
	case domain.Unavailable:
		c.Message = clean(l.Say(locale.Unavailable))
	case domain.Initializing:
		c.Message = clean(l.Say(locale.NothingKnown))
	default:
		for i := range s.Metrics {
			c.Rows = append(c.Rows, rowOf(l, &s.Metrics[i]))
		}
	}
	if c.Notice == c.Message {
		c.Notice = ""
	}
	if len(c.Rows) > 0 && !s.ObservedAt.IsZero() {
		c.AsOf, c.Clock = clean(l.AsOf(s.ObservedAt)), l.Clock(s.ObservedAt)+" "+l.Zone(s.ObservedAt) // without seconds: the image would be another one with every poll
		sentence = l.Join([]string{sentence, c.AsOf})
		if s.Stale {
			c.AsOf = clean(l.NotUpToDate(c.AsOf))
		}
	}
	c.Text = cleanTo(maxSentence, sentence)
	return c
}

func rowOf(l *locale.Locale, m *domain.Shown) Row {
	r := Row{ID: m.ID, Label: clean(m.Label), Value: clean(m.Text), Level: m.Level, Faint: m.Stale}
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

// Equal tells whether two cards make the same images.
func (c *Card) Equal(other *Card) bool { return reflect.DeepEqual(c, other) }

const (
	maxText     = 1_000  // characters: more than a card has room for, and few enough to be set at once
	maxSentence = 20_000 // of what is not drawn
	maxMarks    = 4      // above and below one letter; more would reach into other lines
)

// clean makes a text one line of what XML can hold. Characters that turn the direction of what follows them would turn
// figures around, and are dropped; what else cannot be seen is dropped too, but for the joiners that letters need.
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
		return r // what is no UTF-8 has become U+FFFD
	}, text)
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' }), " ")
}
