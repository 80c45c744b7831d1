package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"waitboard/handlers/respond"
)

// nearMiss returns the widget that an address means whose ID is almost right: in capital letters, with a slash at the end,
// or with the punctuation of the text that it was copied from.
func (p *Pages) nearMiss(id string) (found string, ok bool) {
	if plain, err := url.PathUnescape(id); err == nil { // Echo keeps an encoded slash
		id = plain
	}
	lower := strings.ToLower(id)
	for _, guess := range []string{lower, strings.TrimFunc(lower, notInID)} {
		if _, ok := p.Publisher.Page(guess); ok {
			return guess, true
		}
	}
	return "", false
}

// notInID reports whether an ID can neither start nor end with a letter.
func notInID(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }

// redirect sends a visitor to another address of this service, with the same query. The path is encoded, so the visitor's
// address adds nothing to it.
func (p *Pages) redirect(c echo.Context, path string) error {
	to := url.URL{Path: p.base + path, RawQuery: c.Request().URL.RawQuery}
	h := c.Response().Header()
	h["Location"] = []string{to.String()}
	h["Cache-Control"] = respond.FiveMinutes // a widget of the wrong ID may come
	c.Response().WriteHeader(http.StatusPermanentRedirect)
	return nil
}
