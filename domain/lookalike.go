package domain

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Lookalike returns a form of a name that all names have in common which look the same: with composed letters (NFC), plain
// spaces and hyphens, one space in place of several, and without invisible characters.
func Lookalike(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.Is(unicode.Cf, r): // such as a zero-width space, a soft hyphen or a byte order mark
			return -1
		case r == '\u2010' || r == '\u2011':
			return '-'
		}
		return r
	}, name)
	return norm.NFC.String(strings.Join(strings.Fields(plain), " "))
}

// Chosen returns the sample of a category value that the configuration names, under its name upstream. If there is none, it
// looks for the only one whose name looks the same. ok is false if there is none, or several.
func (o *Observation) Chosen(category string) (name string, s Sample, ok bool) {
	if s, ok = o.Sample(category); ok {
		return category, s, true
	}
	form, found := Lookalike(category), 0
	for upstream := range o.Samples {
		if Lookalike(upstream) == form {
			name, s = upstream, o.Samples[upstream]
			found++
		}
	}
	if found != 1 {
		return category, Sample{}, false
	}
	return name, s, true
}
