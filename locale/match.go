package locale

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
)

var matcher = sync.OnceValue(func() language.Matcher {
	tags := make([]language.Tag, len(supported))
	for i, name := range supported {
		tags[i] = language.MustParse(name)
	}
	return language.NewMatcher(tags)
})

// find returns the catalog for a tag, or nil. Unlike the matcher, which offers Spanish to Basques, it requires the same language and a script
// that its readers read. For traditional Chinese it returns simplified Chinese, which is not exact.
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

// maxTag is in bytes. RFC 5646, section 4.4.1, has tags of up to 35.
const maxTag = 64

// Read parses a language tag in any case, with _ for -, and with the encoding or modifier of a POSIX locale. It drops unknown subtags at the
// end. It returns false if the language is unknown.
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

// maxAcceptLanguage bounds the work for one request, in bytes. Browsers send less than half of it.
const maxAcceptLanguage = 512

// Match returns the first supported language of an Accept-Language header, with the region if the header names one, as in "de" or "pt-PT". It
// returns fallback if there is none or the header is malformed.
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

// Choose returns the language for a single tag, such as the lang of a page, in the form of Match. For traditional Chinese it returns
// simplified Chinese, and exact is false. It returns "" for an unsupported language.
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

// regional reduces a tag to the catalog's language and a region, which bounds the number of different tags.
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

// Language returns the one of Supported that a result of Match or Choose belongs to.
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
