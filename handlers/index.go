package handlers

import (
	"bytes"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"waitboard/publish"
	"waitboard/snippet"
	"waitboard/templates"
)

// indexPage is the data of templates.Index.
type indexPage struct {
	Stylesheet, Script string
	RefreshAfter       int           // seconds; for visitors without scripts
	Cards              template.HTML // made by templates.Cards
	Pages              pages
	Builder            *builder // nil: there is no widget
}

// pages say which of the listed widgets the page shows.
type pages struct {
	Query            string       // what is searched for; empty: nothing
	Number, Of       int          // from 1
	Before, After    template.URL // the queries of the pages before and after; empty: there are none
	Matching, Listed int          // how many widgets
}

// Searchable reports whether there are more widgets than fit on one page.
func (p pages) Searchable() bool { return p.Listed > perPage }

// perPage is how many widgets one page shows: few enough to load fast, and a multiple of 2, 3 and 4 columns.
const perPage = 24

// renderedIndex is the page as it is at one version of the board, before anyone has chosen anything.
type renderedIndex struct {
	version       uint64
	data          indexPage
	plain, zipped publish.Variant
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
	data, query := index.data, c.QueryParams()
	data.Builder = p.builder(query)
	if query.Has("q") || query.Has("page") {
		number, _ := strconv.Atoi(query.Get("page"))
		if data.Cards, data.Pages, err = p.cards(query.Get("q"), number); err != nil {
			return err
		}
	}
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
	var err error
	out.Cards, out.Pages, err = p.cards("", 1)
	return out, err
}

// cards renders one page of the listed widgets whose title, ID or labels hold a text. A number that no page has is taken for the nearest that
// one has.
func (p *public) cards(query string, number int) (cards template.HTML, shown pages, err error) {
	var matching []*publish.Page
	wanted := strings.ToLower(strings.TrimSpace(query))
	for _, id := range p.listed {
		page, ok := p.board.Page(id)
		if !ok { // not there yet, or no longer
			continue
		}
		shown.Listed++
		if p.matches(id, page, wanted) {
			matching = append(matching, page)
		}
	}
	shown.Query, shown.Matching, shown.Of = query, len(matching), max((len(matching)+perPage-1)/perPage, 1)
	shown.Number = min(max(number, 1), shown.Of)
	if shown.Number > 1 {
		shown.Before = pageQuery(query, shown.Number-1)
	}
	if shown.Number < shown.Of {
		shown.After = pageQuery(query, shown.Number+1)
	}
	from := (shown.Number - 1) * perPage
	var boxes []widgetBox
	for _, page := range matching[from:min(from+perPage, len(matching))] {
		boxes = append(boxes, newWidgetBox(&page.Snapshot, page.Snapshot.Locale, snippet.Layouts[0]))
	}
	var body bytes.Buffer
	err = templates.Cards().Execute(&body, boxes)
	return template.HTML(bytes.TrimSpace(body.Bytes())), shown, err //nolint:gosec // a template has made it
}

// matches reports whether a widget is one that is searched for, by a text in lower case.
func (p *public) matches(id string, page *publish.Page, wanted string) bool {
	texts := []string{id, page.Snapshot.Title}
	for _, m := range p.widgets[id].Metrics {
		texts = append(texts, m.Label)
	}
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), wanted) })
}

func pageQuery(query string, number int) template.URL {
	values := url.Values{"page": {strconv.Itoa(number)}}
	if query != "" {
		values.Set("q", query)
	}
	return template.URL(values.Encode()) //nolint:gosec // it is escaped
}

// execute is a page that a template makes of some data, plain and compressed.
func execute(t *template.Template, data any) (plain, zipped publish.Variant, err error) {
	var body bytes.Buffer
	if err := t.Execute(&body, data); err != nil {
		return plain, zipped, err
	}
	plain, zipped = variants(body.Bytes(), publish.Compress)
	return plain, zipped, nil
}
