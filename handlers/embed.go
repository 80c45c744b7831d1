package handlers

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"

	"waitboard/internal/lazy"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/snippet"
)

// A widgetOutlet sends a page of one widget: the one for iframes, or the one to share.
type widgetOutlet struct {
	public   *public
	template func() *template.Template
	alone    bool // the page is the one to share, which nobody may frame
	rendered *lru.Cache[pageKey, *renderedPage]
}

// widgetPage is the data of templates.Embed and templates.Share.
type widgetPage struct {
	widgetBox

	Base                     string // path that the service is mounted at; no slash at its end
	Stylesheet, Script       string
	Canonical, OEmbed, Image string // public addresses
	Description, Theme       string
	Origins                  string // whose pages may frame it; empty: any
	RefreshAfter             int    // seconds
}

// A pageKey is all that a rendered page depends on, besides what the board holds.
type pageKey struct{ id, layout, theme, language string }

type renderedPage struct {
	of            *publish.Page
	policy        []string // Content-Security-Policy
	plain, zipped publish.Variant
}

// maxRendered is how many pages are kept, each with its widget, layout, theme and language: some ten megabytes of them.
const maxRendered = 1024

// pagePolicy lets a page load what is ours, and nothing else. It needs the service's origin: see withOrigin.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"

// newWidgetOutlet makes an outlet of the pages that the template makes: those to share, which stand alone, or those for frames.
func (p *public) newWidgetOutlet(t func() *template.Template, alone bool) *widgetOutlet {
	return &widgetOutlet{public: p, template: t, alone: alone, rendered: newCache[pageKey, *renderedPage](maxRendered)}
}

// policy is that of a widget's page, with those who may put it into a frame: the sites whose scripts may read the widget, and the page of all
// widgets. Where any may, none are named: * would keep out a page that is opened as a file.
func (o *widgetOutlet) policy(w Widget) string {
	policy := o.public.withOrigin(pagePolicy)
	switch {
	case o.alone:
		return policy + "; frame-ancestors 'none'"
	case w.restricted():
		return policy + "; frame-ancestors 'self' " + strings.Join(w.Origins, " ")
	}
	return policy
}

// withOrigin is a policy with the service's origin beside each 'self'. In a sandbox a page is of no origin, and WebKit takes 'self' for that: it would
// load no stylesheet and no script.
func (p *public) withOrigin(policy string) string {
	return strings.ReplaceAll(policy, "'self'", "'self' "+p.origin)
}

// get sends the page. It is rendered when it is asked for and the widget has changed since.
func (o *widgetOutlet) get(c echo.Context) error {
	p := o.public
	page, ok := p.board.Page(c.Param("id"))
	if !ok {
		return p.sendMissing(c, o.alone)
	}
	h := c.Response().Header()
	query := c.QueryParams()
	own := page.Snapshot.Locale
	language, _ := locale.Choose(query.Get("locale"))
	control := p.cacheControl(page).public
	if language == "" {
		vary(h, varyLanguage)
		control = p.cacheControl(page).private // there are caches that pass over Vary
		language = locale.Match(strings.Join(c.Request().Header["Accept-Language"], ","), own.Tag())
	}
	key := pageKey{page.Snapshot.ID, oneOf(query.Get("layout"), snippet.Layouts), oneOf(query.Get("theme"), snippet.Themes), language}
	rendered, ok := o.rendered.Get(key)
	if !ok || rendered.of != page {
		var err error
		if rendered, err = o.render(key, page); err != nil {
			return err
		}
		o.rendered.Add(key, rendered)
	}
	h["Content-Security-Policy"] = rendered.policy
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Embedder-Policy"] = requireCORP // without it, a page that asks for isolation may not frame this one
	send(c, htmlType, rendered.plain, rendered.zipped, control)
	return nil
}

var (
	noReferrer  = []string{"no-referrer"}
	requireCORP = []string{"require-corp"}
)

// oneOf is a choice of the query, or the default, which is the first: a frame must not break for a word.
func oneOf(choice string, all []string) string {
	if slices.Contains(all, choice) {
		return choice
	}
	return all[0]
}

// widgetPage is a page of one widget, in the language of its key.
func (p *public) widgetPage(key pageKey, page *publish.Page) widgetPage {
	own := page.Snapshot.Locale
	s := page.Snapshot.In(p.localeOf(key.language, own))
	w, address := p.widgets[s.ID], snippet.Options{Base: p.url, Widget: s.ID}.Page()
	out := widgetPage{
		widgetBox: newWidgetBox(&s, own, key.layout),
		Base:      p.base, Stylesheet: assets()["embed.css"].hashed, Script: assets()["embed.js"].hashed,
		Canonical: address, OEmbed: p.url + oembedPath + "?format=json&url=" + url.QueryEscape(address), Image: p.url + widgetsPath + "/" + s.ID + "/badge.png",
		Theme: key.theme, RefreshAfter: wholeSeconds(s.RefreshAfter),
	}
	if w.restricted() {
		out.Origins = strings.Join(w.Origins, " ")
	}
	// What others keep of a page for days must not be a number.
	var labels []string
	for i := range s.Metrics {
		labels = append(labels, s.Metrics[i].Label)
	}
	out.Description = cmp.Or(s.Locale.Join(labels), out.Note)
	return out
}

func (o *widgetOutlet) render(key pageKey, page *publish.Page) (*renderedPage, error) {
	policy := []string{o.policy(o.public.widgets[key.id])}
	plain, zipped, err := execute(o.template(), o.public.widgetPage(key, page))
	return &renderedPage{of: page, policy: policy, plain: plain, zipped: zipped}, err
}

// catalogs are the locales of those who have put nothing in place of the catalogs' phrases.
var catalogs = lazy.ByKey(locale.Supported(), func(tag string) *locale.Locale {
	l, err := locale.New(tag, nil)
	if err != nil {
		panic(err) // it is supported
	}
	return l
})

// localeOf is the locale for a tag that locale.Match or locale.Choose has given. If that is the widget's language without a region, it is the
// widget's own locale, which may be one of a region.
func (p *public) localeOf(tag string, own *locale.Locale) *locale.Locale {
	l := own
	if language := locale.Language(tag); language != own.Language() {
		l = cmp.Or(p.locales(language), own)
	}
	return l.Regional(tag)
}
