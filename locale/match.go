package locale

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// supported are the tags of the catalogs. The first is the one that the others are translated from.
var supported = []string{"en", "es", "fr", "de", "pt-BR", "it", "nl", "pl", "ar", "he", "ja", "zh-Hans"}

// Supported are the tags of the languages that there are, English first. The slice is the caller's.
func Supported() []string { return slices.Clone(supported) }

var matcher = sync.OnceValue(func() language.Matcher {
	tags := make([]language.Tag, len(supported))
	for i, name := range supported {
		tags[i] = language.MustParse(name)
	}
	return language.NewMatcher(tags)
})

// find is the catalog for a tag; nil if there is none. It must be of the very language, in a script that its readers read: the matcher
// would also offer Spanish to Basques. For traditional Chinese there is simplified Chinese, which is not exact.
func find(tag language.Tag) (c *catalog, exact bool) {
	if c := catalogOf(tag.String()); c != nil {
		return c, true
	}
	_, i, confidence := matcher().Match(tag)
	c = catalogOf(supported[i])
	asked, _, _ := tag.Raw()
	offered, _, _ := c.tag.Raw()
	switch {
	case confidence >= language.High && asked == offered:
		return c, true
	case asked.String() == "zh":
		return catalogOf("zh-Hans"), false
	}
	return nil, false
}

// maxTag is in bytes: RFC 5646, section 4.4.1, has tags of 35 at most, and nobody writes longer ones.
const maxTag = 64

// Read reads a language tag as people and programs write it: in any case, with _ for -, with the encoding or the modifier of a POSIX locale
// behind it, and with subtags at the end that mean nothing, which are left out. ok is false if not even the language can be read.
func Read(text string) (tag language.Tag, ok bool) {
	if len(text) > maxTag {
		return tag, false
	}
	text = strings.ReplaceAll(strings.TrimSpace(text), "_", "-")
	if end := strings.IndexAny(text, ".@"); end >= 0 {
		text = text[:end]
	}
	for text != "" {
		if tag, err := language.All.Parse(text); err == nil {
			return tag, true
		}
		text = text[:max(0, strings.LastIndexByte(text, '-'))]
	}
	return tag, false
}

// maxAcceptLanguage bounds the work that a visitor can make, in bytes; browsers send less than half of it.
const maxAcceptLanguage = 512

// Match is what the first language that is supported, in the order of an Accept-Language header, is answered in: a language, with the
// region if the header names one, as in "de" or "pt-PT". It is fallback where there is none, or the header is malformed.
func Match(acceptLanguage, fallback string) string {
	if len(acceptLanguage) > maxAcceptLanguage {
		return fallback
	}
	tags, _, err := language.ParseAcceptLanguage(strings.ReplaceAll(acceptLanguage, "_", "-"))
	if err != nil {
		return fallback
	}
	for _, tag := range tags {
		if canonical, err := language.All.Canonicalize(tag); err == nil {
			tag = canonical
		}
		if c, exact := find(tag); exact {
			return c.regional(tag)
		}
	}
	return fallback
}

// Choose is what a single tag that somebody has chosen, such as the lang of a page, is answered in: as for Match, and simplified
// Chinese for traditional Chinese. exact tells whether it is the language that was asked for; empty: it is not supported.
func Choose(tag string) (chosen string, exact bool) {
	parsed, ok := Read(tag)
	if !ok {
		return "", false
	}
	c, exact := find(parsed)
	switch {
	case c == nil:
		return "", false
	case !exact:
		return c.name, false
	}
	return c.regional(parsed), true
}

// regional is a tag of the catalog's language as its language and region alone, so that there are only so many.
func (c *catalog) regional(tag language.Tag) string {
	base, script, _ := c.tag.Raw()
	parts := []any{base, script}
	if _, _, region := tag.Raw(); region.IsCountry() || region.IsGroup() {
		parts = append(parts, region)
	}
	composed, err := language.Compose(parts...)
	if err != nil {
		return c.name
	}
	return composed.String()
}

// Language is the one of Supported that a result of Match or Choose is a form of.
func Language(tag string) string {
	parsed, ok := Read(tag)
	if !ok {
		return ""
	}
	if c, _ := find(parsed); c != nil {
		return c.name
	}
	return ""
}
