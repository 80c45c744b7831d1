package respond

import (
	"cmp"
	"net/http"
	"strings"

	"waitboard/internal/lazy"
	"waitboard/locale"
)

// Languages returns the locale of a language, one of locale.Supported.
type Languages func(language string) *locale.Locale

// Catalogs are the languages with their built-in phrases.
var Catalogs Languages = lazy.ByKey(locale.Supported(), func(tag string) *locale.Locale {
	l, err := locale.New(tag, nil)
	if err != nil {
		panic(err) // the tag is supported
	}
	return l
})

// Locale returns the locale for a tag that locale.Choose or locale.Match returned. Own is the widget's locale. A tag of
// the same language uses it, because it may have the company's phrases and region.
func (all Languages) Locale(tag string, own *locale.Locale) *locale.Locale {
	l := own
	if language := locale.Language(tag); language != own.Language() {
		l = cmp.Or(all(language), own)
	}
	return l.Regional(tag)
}

// Language returns the tag that Accept-Language prefers, or fallback.
func Language(r *http.Request, fallback string) string {
	return locale.Match(strings.Join(r.Header["Accept-Language"], ","), fallback)
}
