// Package pages serves what people see and paste. It has the gallery with its builder, and the pages of one widget for
// frames and for sharing. It also has oEmbed, the HTML to paste, and the scripts and assets that pages load.
package pages

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	lru "github.com/hashicorp/golang-lru/v2"

	"waitboard/handlers/respond"
	"waitboard/publish"
	"waitboard/snippet"
	"waitboard/templates"
)

// Options make [Pages]. All but NoGallery and NoPublicURL are required.
type Options struct {
	Publisher *publish.Publisher
	Widgets   []Offered // the publisher's widgets, in display order
	PublicURL string    // without a trailing slash
	// NoPublicURL means that the configuration has no public_url, and PublicURL is that of the listener.
	NoPublicURL bool
	NoGallery   bool
	Languages   respond.Languages
	Caching     *respond.Caching
	Readable    func(id string, r *http.Request) bool // reports whether the request's origin may read a widget
}

// Offered is a widget as the configuration offers it to the public.
type Offered struct {
	ID       string
	Origins  []string // sites whose scripts may read it; empty: any
	Unlisted bool     // missing in the list of all widgets and in the gallery

	Metrics []OfferedMetric // in display order
	Extras  int             // how many lines the metrics have for levels, links and what is typical
	History bool            // some metric has history
}

// OfferedMetric is a metric of a widget as the configuration names it.
type OfferedMetric struct{ ID, Label string }

// Restricted reports whether only some origins may read the widget.
func (w Offered) Restricted() bool { return len(w.Origins) > 0 && w.Origins[0] != "*" }

// Pages has a handler for each page.
type Pages struct {
	Options
	widgets map[string]Offered
	listed  []string // IDs in display order
	base    string   // path of the public URL; no trailing slash
	origin  string   // scheme and host of the public URL

	embed, share *widgetPages
	previews     *lru.Cache[string, respond.Body] // by the texts in them
	gallery      atomic.Pointer[renderedGallery]  // the last one, without choices
}

// New returns the pages of some widgets.
func New(o Options) *Pages {
	p := &Pages{Options: o, widgets: map[string]Offered{}}
	if public, err := url.Parse(o.PublicURL); err == nil {
		p.base = strings.TrimSuffix(public.Path, "/")
		p.origin = public.Scheme + "://" + public.Host
	}
	for _, w := range o.Widgets {
		p.widgets[w.ID] = w
		if !w.Unlisted {
			p.listed = append(p.listed, w.ID)
		}
	}
	p.embed, p.share = p.newWidgetPages(templates.Embed, embedPath, false), p.newWidgetPages(templates.Share, sharePath, true)
	p.previews, _ = lru.New[string, respond.Body](maxRendered) // fails unless the size is positive
	return p
}

// Paths of the pages of one widget, up to its ID.
const (
	embedPath = "/embed/"
	sharePath = "/w/"
)

func (p *Pages) newWidgetPages(t func() *template.Template, path string, alone bool) *widgetPages {
	rendered, _ := lru.New[pageKey, *renderedPage](maxRendered) // fails unless the size is positive
	return &widgetPages{pages: p, template: t, path: path, alone: alone, rendered: rendered}
}

// withOrigin adds the service's origin to each 'self' of a policy. A sandboxed page has no origin, so that WebKit would
// block its stylesheet and script.
func (p *Pages) withOrigin(policy string) string {
	return strings.ReplaceAll(policy, "'self'", "'self' "+p.origin)
}

var (
	noReferrer  = []string{"no-referrer"}
	requireCORP = []string{"require-corp"} // lets pages that are cross-origin isolated frame this one
)

// render executes a template, and compresses the result.
func render(t *template.Template, data any) (respond.Body, error) {
	var raw bytes.Buffer
	if err := t.Execute(&raw, data); err != nil {
		return respond.Body{}, err
	}
	return respond.NewBody(raw.Bytes(), publish.Compress), nil
}

// oneOf returns a choice, or the first of all if it isn't one of them: a typo must not break a page.
func oneOf[S ~string](choice S, all []S) S {
	if slices.Contains(all, choice) {
		return choice
	}
	return all[0]
}

func layoutOf(query url.Values) string { return oneOf(query.Get("layout"), snippet.Layouts) }
func chartOf(query url.Values) string  { return oneOf(query.Get("chart"), snippet.Charts) }
func themeOf(query url.Values) string  { return oneOf(query.Get("theme"), snippet.Themes) }
