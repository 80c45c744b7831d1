package locale

import (
	"slices"
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

// find is the catalog for a tag. It must be of the very language, in a script that its readers read: the matcher would
// also offer Spanish to Basques and simplified characters to Taiwan.
func find(tag language.Tag) (*catalog, bool) {
	if c := catalogOf(tag.String()); c != nil {
		return c, true
	}
	_, i, confidence := matcher().Match(tag)
	c := catalogOf(supported[i])
	asked, _, _ := tag.Raw()
	offered, _, _ := c.tag.Raw()
	return c, confidence >= language.High && asked == offered
}

// maxAcceptLanguage bounds the work that a visitor can make, in bytes; browsers send less than half of it.
const maxAcceptLanguage = 512

// Match is the one of Supported that the first language to have one, in the order of an Accept-Language header, is
// answered in; fallback where there is none, or the header is malformed.
func Match(acceptLanguage, fallback string) string {
	if len(acceptLanguage) > maxAcceptLanguage {
		return fallback
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return fallback
	}
	for _, tag := range tags {
		if canonical, err := language.All.Canonicalize(tag); err == nil {
			tag = canonical
		}
		if c, ok := find(tag); ok {
			return c.name
		}
	}
	return fallback
}
