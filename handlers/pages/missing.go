package pages

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"waitboard/handlers/respond"
	"waitboard/locale"
	"waitboard/templates"
)

// missingPage is the data of templates.Missing. It repeats nothing of the request.
type missingPage struct {
	Lang, Dir, Text  string
	Layout, Theme    string
	Alone            bool // a page to share, or the gallery
	Base, Stylesheet string
}

// missingPolicy lets any site frame the page.
const missingPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"

// SendMissing answers 404 with a page for visitors, in their language.
func (p *Pages) SendMissing(c echo.Context) error { return p.sendMissing(c, true) }

// sendMissing answers 404 where there is no such widget, no gallery, or nothing at all.
func (p *Pages) sendMissing(c echo.Context, alone bool) error {
	query := c.QueryParams()
	language, _ := locale.Choose(query.Get("locale"))
	if language == "" {
		language = respond.Language(c.Request(), "en")
	}
	l := p.Languages.Locale(language, p.Languages("en"))
	var body bytes.Buffer
	err := templates.Missing().Execute(&body, missingPage{
		Lang: l.Tag(), Dir: direction(l), Text: l.Say(locale.PageNotFound), Layout: layoutOf(query), Theme: themeOf(query),
		Alone: alone, Base: p.base, Stylesheet: assets()["embed.css"].hashed,
	})
	if err != nil {
		return err
	}
	w := c.Response()
	h := w.Header()
	h["Content-Type"] = respond.TypeHTML
	h["Content-Length"] = []string{strconv.Itoa(body.Len())}
	h["Content-Security-Policy"] = []string{p.withOrigin(missingPolicy)}
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Embedder-Policy"] = requireCORP
	h["Cache-Control"] = respond.NoStore
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(body.Bytes()) // fails if the client has gone; net/http drops the body of an answer to HEAD
	return nil
}
