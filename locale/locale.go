// Package locale owns everything that waitboard says to visitors: the phrases, and how numbers, durations and opening
// times are put, in each supported language.
//
// The phrases are in catalog/, a file for each language, and a company may put others in place of them. In the catalogs,
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
}

// New is the locale of a BCP 47 tag: any tag whose language is supported in its script, as "pt", "de-AT" or "zh-CN" are and
// "zh-TW" is not. Numbers are formatted as in the tag's region. overrides stand in place of phrases of the catalog, by key;
// what is wrong with them, all of it, is told by an error of type PhraseErrors.
func New(tag string, overrides map[string]Message) (*Locale, error) {
	parsed, err := language.All.Parse(tag)
	if err != nil {
		return nil, fmt.Errorf("%q is not a language tag; use one of %s", tag, strings.Join(supported, ", "))
	}
	c, ok := find(parsed)
	if !ok {
		return nil, fmt.Errorf("language %q is not supported; use one of %s", tag, strings.Join(supported, ", "))
	}
	if problems := c.checkAll(overrides); len(problems) > 0 {
		return nil, problems
	}
	numbers := withDigits(parsed)
	l := &Locale{
		tag: parsed.String(), numbers: numbers.String(), language: c, printer: message.NewPrinter(numbers), ungroup: ungroups(parsed),
		messages: c.messages, phrases: c.phrases,
	}
	l.zero = []rune(l.printer.Sprint(number.Decimal(0)))[0]
	if len(overrides) > 0 {
		l.messages, l.phrases = maps.Clone(c.messages), maps.Clone(c.phrases)
	}
	for key, m := range overrides {
		m = m.clone()
		if c.messages[key].Forms != nil && m.Forms == nil {
			m = Message{Forms: map[string]string{"other": m.Text}}
		}
		l.messages[key], l.phrases[key] = m, compile(m)
	}
	l.units = [3]*phrase{hour: l.phrases["hour"], minute: l.phrases["minute"], second: l.phrases["second"]}
	return l, nil
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
