// Package locale owns everything that waitboard says to visitors: the phrases, and how numbers, durations and opening
// times are put, in each supported language.
//
// The phrases are in catalog/, a file for each language, and a company may put others in place of them. cldr/forms.json has how clocks,
// time zones and dates are written in each language and its regional forms; a test makes it of CLDR, as Node has it. In the catalogs,
// names of months and weekdays, unit patterns and range patterns are those of CLDR 48.2 (units: the short ones), except
// that English says h and s instead of hr and sec, French has a no-break space before every unit, and Hebrew gives two
// hours a number too, so that a word may stand before it. Plural rules and number formats are those of golang.org/x/text,
// which is at CLDR 32; number.go says where those are brought up to what browsers do.
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

// A Locale says things in one language. It never changes, and any number of goroutines may use it.
type Locale struct {
	tag      string
	numbers  string
	language *catalog
	printer  *message.Printer
	zero     rune // the digit 0
	ungroup  bool // four digits stand without a separator, as in "1000" and "10.000"
	messages map[string]Message
	phrases  map[string]*phrase
	units    [3]*phrase // by unit

	form      *form
	overrides map[string]Message // that messages has
	instead   string             // see Instead
}

// New is the locale of a language tag, which Read reads: any tag whose language is supported, as "pt", "de-AT" or "zh_CN" are. Clock,
// dates and numbers are formatted as in the tag's region. For traditional Chinese it is the locale of simplified Chinese; see Instead.
// overrides stand in place of phrases of the catalog, by key; what is wrong with them, all of it, is told by an error of type PhraseErrors.
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

// newLocale is the locale of a tag whose catalog is c. The overrides are checked.
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
	// A company that has words of its own for the weekday on which it opens goes on with them if it has none for today and tomorrow.
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

// Regional is the locale in another regional form of its language: the same words and overrides, the clock, dates and numbers of the tag's
// region. It is l itself for a tag without a region or of another language, and where the form makes no difference.
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

// CountsLike tells whether two locales of one language write all numbers alike.
func (l *Locale) CountsLike(other *Locale) bool {
	return l.language == other.language && l.zero == other.zero && l.ungroup == other.ungroup && l.Number(12345.5, 1) == other.Number(12345.5, 1)
}

// English is the locale of those who have chosen none.
var English = sync.OnceValue(func() *Locale {
	l, err := New("en", nil)
	if err != nil {
		panic(err) // its catalog is part of the program
	}
	return l
})

// Tag is the tag that New was given, in its canonical form.
func (l *Locale) Tag() string { return l.tag }

// Numbers is the tag by which every browser formats numbers as the locale does. In Arabic it names the digits: browsers, and versions
// of one browser, differ in those of the tag alone.
func (l *Locale) Numbers() string { return l.numbers }

// Instead is the tag of the language that was asked for, if another is spoken in its place. It is empty otherwise.
func (l *Locale) Instead() string { return l.instead }

// Language is the tag of the catalog, one of Supported.
func (l *Locale) Language() string { return l.language.name }

// Equal tells whether two locales say the same.
func (l *Locale) Equal(other *Locale) bool {
	return l == other || l != nil && other != nil && l.tag == other.tag && reflect.DeepEqual(l.messages, other.messages)
}

// RightToLeft tells whether the language is written from right to left.
func (l *Locale) RightToLeft() bool { return l.language.name == "ar" || l.language.name == "he" }

// Phrases are all phrases by key, as they are said, for those who fill them in elsewhere. The map is the caller's. A
// phrase that depends on a number has Forms, and "other" stands for each category that is not among them.
func (l *Locale) Phrases() map[string]Message {
	out := make(map[string]Message, len(l.messages))
	for key, m := range l.messages {
		out[key] = m.clone()
	}
	return out
}
