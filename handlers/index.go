package handlers

import (
	"bytes"
	"html/template"

	"github.com/labstack/echo/v4"

	"waitboard/board"
	"waitboard/snippet"
	"waitboard/templates"
)

// indexPage is the data of templates.Index.
type indexPage struct {
	Stylesheet, Script string
	RefreshAfter       int           // seconds; for visitors without scripts
	Cards              template.HTML // made by templates.Cards
	Builder            *builder      // nil: there is no widget
}

// renderedIndex is the page as it is at one version of the board, before anyone has chosen anything.
type renderedIndex struct {
	version       uint64
	data          indexPage
	plain, zipped board.Variant
}

const indexPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// chooserRefresh is how seldom the page is loaded anew without scripts, in seconds: that takes back what is chosen and not sent yet.
const chooserRefresh = 60

var (
	indexControl   = []string{"public, max-age=1"}
	chooserControl = []string{"private, no-cache"} // there are more choices than a cache should keep
)

// getIndex sends a page with every listed widget, and the HTML to paste. It is rendered when it is asked for and the board has
// changed since. Where something is chosen, that part is made anew for each request and kept nowhere.
func (p *public) getIndex(c echo.Context) error {
	if !p.gallery {
		return p.sendMissing(c, true)
	}
	index, err := p.currentIndex()
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h["Content-Security-Policy"] = []string{indexPolicy}
	h["Referrer-Policy"] = noReferrer
	if c.Request().URL.RawQuery == "" {
		send(c, htmlType, index.plain, index.zipped, indexControl)
		return nil
	}
	data := index.data
	data.Builder = p.builder(c.QueryParams())
	plain, zipped, err := execute(templates.Index(), data)
	if err != nil {
		return err
	}
	send(c, htmlType, plain, zipped, chooserControl)
	return nil
}

func (p *public) currentIndex() (*renderedIndex, error) {
	version := p.board.Version()
	if last := p.index.Load(); last != nil && last.version == version {
		return last, nil
	}
	index := &renderedIndex{version: version}
	var err error
	if index.data, err = p.indexPage(); err != nil {
		return nil, err
	}
	if index.plain, index.zipped, err = execute(templates.Index(), index.data); err != nil {
		return nil, err
	}
	p.index.Store(index)
	return index, nil
}

func (p *public) indexPage() (indexPage, error) {
	out := indexPage{
		Stylesheet: assets()["gallery.css"].hashed, Script: assets()["gallery.js"].hashed,
		RefreshAfter: chooserRefresh, Builder: p.builder(nil),
	}
	var widgets []widgetBox
	for _, id := range p.listed {
		page, ok := p.board.Page(id)
		if !ok { // not there yet, or no longer
			continue
		}
		widgets = append(widgets, newWidgetBox(&page.Snapshot, page.Snapshot.Locale, snippet.Layouts[0]))
	}
	var cards bytes.Buffer
	err := templates.Cards().Execute(&cards, widgets)
	out.Cards = template.HTML(bytes.TrimSpace(cards.Bytes())) //nolint:gosec // a template has made it
	return out, err
}

// execute is a page that a template makes of some data, plain and compressed.
func execute(t *template.Template, data any) (plain, zipped board.Variant, err error) {
	var body bytes.Buffer
	if err := t.Execute(&body, data); err != nil {
		return plain, zipped, err
	}
	plain, zipped = variants(body.Bytes(), compress)
	return plain, zipped, nil
}
