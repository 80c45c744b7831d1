package pages

import (
	"cmp"
	"html/template"
	"net/url"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"

	"waitboard/handlers/respond"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/snippet"
)

// Embed sends the page of one widget for frames.
func (p *Pages) Embed(c echo.Context) error { return p.embed.send(c) }

// Share sends the page of one widget to share. It can't be framed.
func (p *Pages) Share(c echo.Context) error { return p.share.send(c) }

// widgetPages are the pages of single widgets by one template.
type widgetPages struct {
	pages    *Pages
	template func() *template.Template
	path     string // of the pages, up to the ID
	alone    bool   // a page to share
	rendered *lru.Cache[pageKey, *renderedPage]
}

// widgetPage is the data of templates.Embed and templates.Share.
type widgetPage struct {
	widgetBox

	Base                     string // path of the service; no trailing slash
	Stylesheet, Script       string
	Canonical, OEmbed, Image string // public addresses
	Description, Theme       string
	Origins                  string // sites that may frame it; empty: any
	RefreshAfter             int    // seconds
	Chart                    *chartFigure
}

// A pageKey is what a rendered page depends on, in addition to the snapshot.
type pageKey struct{ id, layout, theme, language, chart string }

type renderedPage struct {
	of     *publish.Page
	week   *publish.Week // nil without a chart
	policy []string      // Content-Security-Policy
	body   respond.Body
}

// maxRendered bounds the stored pages of one template, about 10 MB.
const maxRendered = 1024

// pagePolicy lets a page load only what the service serves. See withOrigin.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"

// policy returns the Content-Security-Policy of a widget's page. The sites whose scripts may read the widget may frame
// it, and so may the gallery. For an unrestricted widget the policy names no ancestors: * would exclude file: pages.
func (o *widgetPages) policy(w Offered) string {
	policy := o.pages.withOrigin(pagePolicy)
	switch {
	case o.alone:
		return policy + "; frame-ancestors 'none'"
	case w.Restricted():
		return policy + "; frame-ancestors 'self' " + strings.Join(w.Origins, " ")
	}
	return policy
}

// send sends the page. It renders the page if the widget has changed since the last request.
func (o *widgetPages) send(c echo.Context) error {
	p := o.pages
	page, ok := p.Publisher.Current(c.Param("id"))
	if !ok {
		if id, ok := p.nearMiss(c.Param("id")); ok {
			return p.redirect(c, o.path+id)
		}
		return p.sendMissing(c, o.alone)
	}
	h := c.Response().Header()
	query := c.QueryParams()
	language, _ := locale.Choose(query.Get("locale"))
	control := p.Caching.Page(page).Public
	switch {
	case language != "":
	case o.alone: // one language throughout: that of the company's texts
		language = page.Snapshot.Locale.Tag()
	default:
		respond.Vary(h, respond.VaryLanguage)
		control = p.Caching.Page(page).Private // some caches ignore Vary
		language = respond.Language(c.Request(), page.Snapshot.Locale.Tag())
	}
	key := pageKey{page.Snapshot.ID, layoutOf(query), themeOf(query), language, chartOf(query)}
	var week *publish.Week
	if key.chart != snippet.Charts[0] {
		week = p.Publisher.Week(key.id)
	}
	rendered, ok := o.rendered.Get(key)
	if !ok || rendered.of != page || rendered.week != week {
		data := p.widgetPage(key, page)
		if week != nil {
			data.Chart = newChartFigure(week.Chart("", key.chart == "week", p.Languages.Locale(key.language, page.Snapshot.Locale)), page.Snapshot.Locale)
		}
		body, err := render(o.template(), data)
		if err != nil {
			return err
		}
		rendered = &renderedPage{page, week, []string{o.policy(p.widgets[key.id])}, body}
		o.rendered.Add(key, rendered)
	}
	h["Content-Security-Policy"] = rendered.policy
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Embedder-Policy"] = requireCORP
	respond.Send(c, respond.TypeHTML, rendered.body, control)
	return nil
}

// widgetPage returns the data of a widget's page, in the language of the key.
func (p *Pages) widgetPage(key pageKey, page *publish.Page) widgetPage {
	own := page.Snapshot.Locale
	s := page.Snapshot.In(p.Languages.Locale(key.language, own))
	w, address := p.widgets[s.ID], snippet.Options{Base: p.PublicURL, Widget: s.ID}.Page()
	out := widgetPage{
		widgetBox: newWidgetBox(&s, own, key.layout),
		Base:      p.base, Stylesheet: assets()["embed.css"].hashed, Script: assets()["embed.js"].hashed,
		Canonical: address, OEmbed: p.PublicURL + "/oembed?format=json&url=" + url.QueryEscape(address), Image: p.PublicURL + previewPath(s.ID),
		Theme: key.theme, RefreshAfter: wholeSeconds(s.RefreshAfter),
	}
	if w.Restricted() {
		out.Origins = strings.Join(w.Origins, " ")
	}
	// Other sites store the description for days, so it holds labels rather than values.
	var labels []string
	for i := range s.Metrics {
		labels = append(labels, s.Metrics[i].Label)
	}
	out.Description = cmp.Or(s.Locale.Join(labels), out.Note)
	return out
}

// widgetPath returns the path of a widget in the API, below the public URL.
func widgetPath(id string) string { return "/v1/widgets/" + id }
