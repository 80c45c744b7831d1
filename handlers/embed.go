package handlers

import (
	"cmp"
	"html/template"
	"slices"
	"strings"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"

	"waitboard/board"
	"waitboard/locale"
	"waitboard/snippet"
)

// A widgetOutlet sends a page of one widget: the one for iframes, or the one to share.
type widgetOutlet struct {
	public   *public
	template *template.Template
	policies map[string][]string // Content-Security-Policy by widget
	rendered *lru.Cache[pageKey, *renderedPage]
}

// A pageKey is all that a rendered page depends on, besides what the board holds.
type pageKey struct{ id, layout, theme, language string }

type renderedPage struct {
	of            *board.Page
	plain, zipped board.Variant
}

// maxRendered is how many pages are kept, each with its widget, layout, theme and language: some ten megabytes of them.
const maxRendered = 1024

// pagePolicy lets a page load what is ours, and nothing else.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "

// newWidgetOutlet makes an outlet whose pages may be framed by those that ancestors names for a widget.
func (p *public) newWidgetOutlet(t *template.Template, ancestors func(Widget) string) *widgetOutlet {
	rendered, err := lru.New[pageKey, *renderedPage](maxRendered)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	o := &widgetOutlet{public: p, template: t, policies: map[string][]string{}, rendered: rendered}
	for id, w := range p.widgets {
		o.policies[id] = []string{pagePolicy + ancestors(w)}
	}
	return o
}

// embedders are the sites that may put a widget into a frame: those whose scripts may read it, and the page of all widgets.
func embedders(w Widget) string {
	if !w.restricted() {
		return "*"
	}
	return "'self' " + strings.Join(w.Origins, " ")
}

func nobody(Widget) string { return "'none'" }

// get sends the page. It is rendered when it is asked for and the widget has changed since.
func (o *widgetOutlet) get(c echo.Context) error {
	p := o.public
	page, ok := p.board.Page(c.Param("id"))
	if !ok {
		return errNoWidget
	}
	h := c.Response().Header()
	query := c.QueryParams()
	own := page.Snapshot.Locale
	language := locale.Match(query.Get("locale"), "")
	if language == "" {
		h.Add("Vary", "Accept-Language")
		language = locale.Match(strings.Join(c.Request().Header["Accept-Language"], ","), own.Language())
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
	h["Content-Security-Policy"] = o.policies[key.id]
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Embedder-Policy"] = requireCORP // without it, a page that asks for isolation may not frame this one
	send(c, htmlType, rendered.plain, rendered.zipped, page.CacheControl)
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

func (o *widgetOutlet) render(key pageKey, page *board.Page) (*renderedPage, error) {
	plain, zipped, err := execute(o.template, o.public.widgetPage(key, page))
	return &renderedPage{of: page, plain: plain, zipped: zipped}, err
}

// catalogs are the locales of those who have put nothing in place of the catalogs' phrases.
var catalogs = sync.OnceValue(func() map[string]*locale.Locale {
	all := map[string]*locale.Locale{}
	for _, tag := range locale.Supported() {
		l, err := locale.New(tag, nil)
		if err != nil {
			panic(err) // it is supported
		}
		all[tag] = l
	}
	return all
})

// localeOf is the locale for a language: the widget's own, which may be one of a region, if that is its language.
func (p *public) localeOf(language string, own *locale.Locale) *locale.Locale {
	if language == own.Language() {
		return own
	}
	return cmp.Or(p.locales[language], own)
}
