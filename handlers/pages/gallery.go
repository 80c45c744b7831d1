package pages

import (
	"bytes"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"waitboard/handlers/respond"
	"waitboard/publish"
	"waitboard/snippet"
	"waitboard/templates"
)

// galleryPage is the data of templates.Index.
type galleryPage struct {
	Stylesheet, Script string
	RefreshAfter       int           // seconds; for visitors without scripts
	Cards              template.HTML // by templates.Cards
	Pages              pagination
	Builder            *builder // nil without widgets
	Alone              bool     // the builder's own page, without cards
}

// pagination says which of the listed widgets the gallery shows.
type pagination struct {
	Query         string       // the search text
	Number, Of    int          // from 1
	Before, After template.URL // queries of the neighboring pages; empty: no such page
	Listed        int          // number of widgets, whether or not they match
}

// Searchable reports whether the widgets need several pages.
func (p pagination) Searchable() bool { return p.Listed > perPage }

// perPage is how many widgets one page shows: few enough to load fast, and a multiple of 2, 3 and 4 columns.
const perPage = 24

// renderedGallery is the gallery without choices, for one version of the publisher.
type renderedGallery struct {
	version uint64
	data    galleryPage
	body    respond.Body
}

const galleryPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// galleryRefresh is how often the page reloads without scripts, in seconds. A reload discards choices that aren't sent yet.
const galleryRefresh = 60

var (
	galleryControl = []string{"public, max-age=1"}
	chosenControl  = []string{"private, no-cache"} // too many combinations for a shared cache
)

// Gallery sends a page with the listed widgets and a builder of the HTML to paste. It renders the page if the publisher
// has changed since the last request. Choices are rendered for each request, and stored nowhere.
func (p *Pages) Gallery(c echo.Context) error {
	if p.NoGallery {
		return p.sendMissing(c, true)
	}
	gallery, err := p.currentGallery()
	if err != nil {
		return err
	}
	if c.Request().URL.RawQuery == "" {
		setGalleryHeaders(c)
		respond.Send(c, respond.TypeHTML, gallery.body, galleryControl)
		return nil
	}
	data, query := gallery.data, c.QueryParams()
	data.Builder = p.builder(query)
	if query.Has("q") || query.Has("page") {
		number, _ := strconv.Atoi(query.Get("page"))
		if data.Cards, data.Pages, err = p.cards(query.Get("q"), number); err != nil {
			return err
		}
	}
	return sendChosen(c, data)
}

// Builder sends the builder on a page without cards.
func (p *Pages) Builder(c echo.Context) error {
	if p.NoGallery {
		return p.sendMissing(c, true)
	}
	gallery, err := p.currentGallery()
	if err != nil {
		return err
	}
	data := gallery.data
	data.Builder = p.builder(c.QueryParams())
	if data.Builder != nil {
		data.Cards, data.Alone, data.Builder.Samples = "", true, nil
	}
	return sendChosen(c, data)
}

// sendChosen renders a page for one visitor.
func sendChosen(c echo.Context, data galleryPage) error {
	body, err := render(templates.Index(), data)
	if err != nil {
		return err
	}
	setGalleryHeaders(c)
	respond.Send(c, respond.TypeHTML, body, chosenControl)
	return nil
}

func setGalleryHeaders(c echo.Context) {
	h := c.Response().Header()
	h["Content-Security-Policy"] = []string{galleryPolicy}
	h["Referrer-Policy"] = noReferrer
}

func (p *Pages) currentGallery() (*renderedGallery, error) {
	version := p.Publisher.Version()
	if last := p.gallery.Load(); last != nil && last.version == version {
		return last, nil
	}
	made := &renderedGallery{version: version, data: galleryPage{
		Stylesheet: assets()["gallery.css"].hashed, Script: assets()["gallery.js"].hashed,
		RefreshAfter: galleryRefresh, Builder: p.builder(nil),
	}}
	var err error
	if made.data.Cards, made.data.Pages, err = p.cards("", 1); err != nil {
		return nil, err
	}
	if made.body, err = render(templates.Index(), made.data); err != nil {
		return nil, err
	}
	p.gallery.Store(made)
	return made, nil
}

// cards renders one page of the listed widgets that match a search text. A number out of range means the nearest page.
func (p *Pages) cards(query string, number int) (cards template.HTML, shown pagination, err error) {
	var matching []*publish.Page
	text := strings.ToLower(strings.TrimSpace(query))
	for _, id := range p.listed {
		page, ok := p.Publisher.Page(id)
		if !ok { // a reload is adding or removing the widget
			continue
		}
		shown.Listed++
		if p.matches(id, page, text) {
			matching = append(matching, page)
		}
	}
	shown.Query, shown.Of = query, max((len(matching)+perPage-1)/perPage, 1)
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
	return template.HTML(bytes.TrimSpace(body.Bytes())), shown, err //nolint:gosec // a template escaped it
}

// matches reports whether a widget's ID, title or labels contain a text in lower case.
func (p *Pages) matches(id string, page *publish.Page, text string) bool {
	texts := []string{id, page.Snapshot.Title}
	for _, m := range p.widgets[id].Metrics {
		texts = append(texts, m.Label)
	}
	return slices.ContainsFunc(texts, func(each string) bool { return strings.Contains(strings.ToLower(each), text) })
}

func pageQuery(query string, number int) template.URL {
	values := url.Values{"page": {strconv.Itoa(number)}}
	if query != "" {
		values.Set("q", query)
	}
	return template.URL(values.Encode()) //nolint:gosec // Encode escapes
}
