package handlers

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"waitboard/locale"
	"waitboard/snippet"
	"waitboard/templates"
)

// missingPage is the data of templates.Missing. Nothing in it is the request's own.
type missingPage struct {
	Lang, Dir, Text  string
	Layout, Theme    string
	Alone            bool // it is not made for a frame
	Base, Stylesheet string
}

// missingPolicy has no scripts, and lets any site frame the page: there is no widget whose origins could forbid it.
const missingPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"

// sendMissing answers for a widget that there is not, or a gallery that is turned off, with the status that programs look at and a page for
// people, who followed a link or see it in a frame.
func (p *public) sendMissing(c echo.Context, alone bool) error {
	query := c.QueryParams()
	language, _ := locale.Choose(query.Get("locale"))
	if language == "" {
		language = locale.Match(strings.Join(c.Request().Header["Accept-Language"], ","), "en")
	}
	l := p.localeOf(language, p.locales("en"))
	var body bytes.Buffer
	err := templates.Missing().Execute(&body, missingPage{
		Lang: l.Tag(), Dir: direction(l), Text: l.Say(locale.WaitNotAvailable),
		Layout: oneOf(query.Get("layout"), snippet.Layouts), Theme: oneOf(query.Get("theme"), snippet.Themes),
		Alone: alone, Base: p.base, Stylesheet: assets()["embed.css"].hashed,
	})
	if err != nil {
		return err
	}
	w := c.Response()
	h := w.Header()
	h["Content-Type"] = htmlType
	h["Content-Length"] = []string{strconv.Itoa(body.Len())}
	h["Content-Security-Policy"] = []string{p.withOrigin(missingPolicy)}
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Embedder-Policy"] = requireCORP
	h["Cache-Control"] = noStore
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(body.Bytes()) // the client may be gone; net/http drops the body of an answer to HEAD
	return nil
}
