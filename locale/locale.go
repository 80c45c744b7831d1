// Package locale owns every text that visitors read: the phrases, and the formats of numbers, durations and opening times, in each supported
// language.
//
// The phrases are in catalog/, one file for each language. A company may override them. cldr/forms.json has the formats of clocks, time
// zones and dates in each language and its regional forms; a test generates it from Node's CLDR.
//
// Names of months and weekdays, unit patterns and range patterns come from CLDR 48.2 (short units), with three exceptions: English has h and
// s instead of hr and sec, French has a no-break space before every unit, and Hebrew writes two hours with a number, so that a word can
// precede it. Plural rules and number formats come from golang.org/x/text, which has CLDR 32. number.go adapts them to browsers.
package locale

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// A Locale formats texts in one language. It is immutable and safe for concurrent use.
type Locale struct {
	tag      string
	numbers  string
	language *catalog
	printer  *message.Printer
	zero     rune // the digit 0
	ungroup  bool // four digits have no separator, as in "1000" and "10.000"
	messages map[string]Message
	phrases  map[string]*phrase
	units    [3]*phrase // by unit

	form      *form
	overrides map[string]Message // part of messages
	instead   string             // see Instead
}

// New returns the locale of a language tag in the syntax of Read, such as "pt", "de-AT" or "zh_CN". Clock, dates and numbers have the format
// of the tag's region. For traditional Chinese it returns simplified Chinese; see Instead. overrides replace phrases of the catalog, by key.
// An error of type PhraseErrors lists all their problems.
func New(tag string, overrides map[string]Message) (*Locale, error) {
	parsed, ok := Read(tag)
	if !ok {
		return nil, fmt.Errorf("%q is not a language tag; use one of %s", tag, strings.Join(supported, ", "))
	}
	c, exact := find(parsed)
	if c == nil {
		return nil, fmt.Errorf("language %q is not supported; use one of %s", tag, strings.Join(supported, ", "))
	}
	if problems := c.checkAll(overrides); len(problems) > 0 {
		return nil, problems
	}
	instead := ""
	if !exact {
		instead, parsed = parsed.String(), c.tag
	}
	l := newLocale(parsed, c, overrides)
	l.instead = instead
	return l, nil
}

// newLocale returns the locale of a tag with catalog c and valid overrides.
func newLocale(tag language.Tag, c *catalog, overrides map[string]Message) *Locale {
	numbers := withDigits(tag)
	l := &Locale{
		tag: tag.String(), numbers: numbers.String(), language: c, printer: message.NewPrinter(numbers), ungroup: ungroups(tag),
		form: forms().find(tag), overrides: overrides,
	}
	l.zero = []rune(l.printer.Sprint(number.Decimal(0)))[0]
	l.messages, l.phrases = l.form.in(c)
	if len(overrides) > 0 {
		l.messages, l.phrases = maps.Clone(l.messages), maps.Clone(l.phrases)
	}
	for key, m := range overrides {
		m = m.clone()
		if c.messages[key].Forms != nil && m.Forms == nil {
			m = Message{Forms: map[string]string{"other": m.Text}}
		}
		l.messages[key], l.phrases[key] = m, compile(m)
	}
	// A company's own phrase for the opening weekday also replaces the catalog's phrases for today and tomorrow.
	if day, ok := overrides["closed_until_day"]; ok {
		for _, key := range [...]string{"closed_until_today", "closed_until_tomorrow"} {
			if _, own := overrides[key]; !own {
				l.messages[key], l.phrases[key] = day.clone(), l.phrases["closed_until_day"]
			}
		}
	}
	l.units = [3]*phrase{hour: l.phrases["hour"], minute: l.phrases["minute"], second: l.phrases["second"]}
	return l
}

// Regional returns the locale with the clock, dates and numbers of the tag's region, and the same phrases and overrides. It returns l for a
// tag without a region, for another language, and if the form makes no difference.
func (l *Locale) Regional(tag string) *Locale {
	parsed, ok := Read(tag)
	if !ok {
		return l
	}
	c, exact := find(parsed)
	if _, _, region := parsed.Raw(); c != l.language || !exact || !region.IsCountry() && !region.IsGroup() {
		return l
	}
	other := newLocale(parsed, c, l.overrides)
	if other.form == l.form && other.CountsLike(l) {
		return l
	}
	return other
}

// CountsLike reports whether two locales of one language format all numbers alike.
func (l *Locale) CountsLike(other *Locale) bool {
	return l.language == other.language && l.zero == other.zero && l.ungroup == other.ungroup && l.Number(12345.5, 1) == other.Number(12345.5, 1)
}

// English returns the default locale.
var English = sync.OnceValue(func() *Locale {
	l, err := New("en", nil)
	if err != nil {
		panic(err) // its catalog is embedded
	}
	return l
})

// Tag returns the tag passed to New, in its canonical form.
func (l *Locale) Tag() string { return l.tag }

// Numbers returns the tag with which every browser formats numbers as the locale does. In Arabic it names the digits, because browsers
// differ in their defaults.
func (l *Locale) Numbers() string { return l.numbers }

// Instead returns the tag of the requested language if the locale replaces it by another, and "" otherwise.
func (l *Locale) Instead() string { return l.instead }

// Language returns the tag of the catalog, one of Supported.
func (l *Locale) Language() string { return l.language.name }

// Equal reports whether two locales produce the same texts.
func (l *Locale) Equal(other *Locale) bool {
	return l == other || l != nil && other != nil && l.tag == other.tag && reflect.DeepEqual(l.messages, other.messages)
}

// RightToLeft reports whether the language is written from right to left.
func (l *Locale) RightToLeft() bool { return l.language.name == "ar" || l.language.name == "he" }

// Phrases returns all phrases by key, for scripts that fill them in. The caller owns the map. A phrase that depends on a number has Forms;
// "other" stands for each missing category.
func (l *Locale) Phrases() map[string]Message {
	out := make(map[string]Message, len(l.messages))
	for key, m := range l.messages {
		out[key] = m.clone()
	}
	return out
}
