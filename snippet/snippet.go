// Package snippet owns the HTML that a company pastes into its pages: one snippet for each kind of embed, and their options.
package snippet

import (
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waitboard/badge"
)

// A Kind is a way to put a widget into a page.
type Kind string

// The kinds, from the most to the least capable.
const (
	Element Kind = "element" // <wait-time> in its place, and the script
	Script  Kind = "script"  // the script alone, in one line
	IFrame  Kind = "iframe"  // for sites that do not allow scripts
	Image   Kind = "image"   // for sites that do not allow frames either
	Link    Kind = "link"    // to the widget's own page
	Address Kind = "address" // the address of that page, which WordPress and others turn into a frame by oEmbed
	Email   Kind = "email"   // an image that mail programs show, linked to the page
	React   Kind = "react"   // the element in JSX, and the script for the page around the app
)

// Kinds lists all kinds.
var Kinds = []Kind{Element, Script, IFrame, Image, Link, Address, Email, React}

// Layouts, Themes and Charts list the choices. The first of each is the default.
var (
	Layouts = []string{"card", "line", "compact", "bare"}
	Themes  = []string{"auto", "light", "dark"}
	Charts  = []string{"none", "day", "week"}
)

// Options choose what to embed. Base, Widget and Title are required; Pin also requires Hash and Integrity. Other empty fields mean the
// default.
type Options struct {
	Base   string // where the public reaches the service, without a slash at its end
	Widget string // its ID
	Title  string // describes it to people who can't see it
	Metric string // the ID of the only metric to show; an iframe shows all
	Layout string // one of Layouts
	Theme  string // one of Themes
	Locale string // a language tag

	Rows   int    // how many metrics it shows, for the height of iframes and images
	Extras int    // how many lines they have for levels, links and what is typical
	Notice string // the configured notice, which needs space too

	Plain bool // without styles, for pages whose policy forbids them

	Chart      string // one of Charts: what is typical, below the widget
	ChartTitle string // describes an image of the chart to people who can't see it

	Live bool // whether it opens an event stream; not in an iframe

	// Pin fixes the version of the script: its address is then widget.HASH.js. Hash and Integrity belong to the present script, the live one
	// with Live. Integrity is the value of the attribute.
	Pin             bool
	Hash, Integrity string
}

// HTML returns the snippet, without a line break at its start or end.
func HTML(kind Kind, o Options) string {
	switch kind {
	case Element: // with its service, since a page may have widgets of several
		return o.element() + o.Fallback() + "</wait-time>\n" + o.script()
	case Script: // the style reserves the space of the element
		return o.script("style", o.styled(o.reservation()), "data-widget", o.Widget, "data-metric", o.Metric, "data-layout", chosen(o.Layout, Layouts), "data-theme", chosen(o.Theme, Themes), "data-locale", o.Locale, "data-chart", o.ElementChart(), "data-live", o.live())
	case IFrame: // as wide as the page, up to Width; without styles as wide as the page
		return tag("iframe", "src", o.Frame(), "title", o.Title, "width", "100%", "height", fmt.Sprint(o.Height()), "loading", "lazy",
			"style", o.styled(fmt.Sprintf("border:0;max-width:%dpx%s", Width, o.scheme()))) + "</iframe>"
	case Image:
		return o.link(o.badge(badge.Width, o.imageHeight(), "style", o.styled("max-width:100%;height:auto")) + o.chart())
	case Email:
		return o.link(tag("img", "src", o.image("badge.png", url.Values{}), "width", strconv.Itoa(badge.Width), "height", strconv.Itoa(badge.Height(max(o.Rows, 1))), "alt", o.Title,
			"style", o.styled("max-width:100%;height:auto")))
	case React:
		return o.script() + "\n" + o.element() + "</wait-time>"
	case Link:
		return o.link(html.EscapeString(o.Title))
	default:
		return o.Page()
	}
}

// element returns the opening tag of the element.
func (o Options) element() string {
	return tag("wait-time", "widget", o.Widget, "api", o.Base, "metric", o.Metric, "layout", chosen(o.Layout, Layouts), "theme", chosen(o.Theme, Themes), "locale", o.Locale, "chart", o.ElementChart(), "live", o.live())
}

// chart returns the image of the chart, in a line of its own, or "" without a chart. Mail programs don't show SVG.
func (o Options) chart() string {
	kind := chosen(o.Chart, Charts)
	if kind == "" {
		return ""
	}
	query := url.Values{}
	if kind == "week" {
		query.Set("range", kind)
	}
	return "<br>" + tag("img", "src", o.image("typical.svg", query), "width", strconv.Itoa(badge.Width), "height", strconv.Itoa(badge.ChartHeight(kind == "week")),
		"alt", o.ChartTitle, "style", o.styled("max-width:100%;height:auto"))
}

// image returns the address of an image in the chosen theme.
func (o Options) image(name string, query url.Values) string {
	if theme := chosen(o.Theme, Themes); theme != "" {
		query.Set("theme", theme)
	}
	src := o.Base + "/v1/widgets/" + o.Widget + "/" + name
	if len(query) > 0 {
		src += "?" + query.Encode()
	}
	return src
}

// Frame returns an iframe of fixed size, in pixels, with attributes that strict sites allow: WordPress allows src, width, height,
// frameborder, marginwidth, marginheight, scrolling and title.
func Frame(o Options, width, height int) string {
	return tag("iframe", "src", o.Frame(), "title", o.Title, "width", fmt.Sprint(width), "height", fmt.Sprint(height), "frameborder", "0") + "</iframe>"
}

// Page returns the address of the widget's own page, with the options.
func (o Options) Page() string { return o.Base + "/w/" + o.Widget + o.query() }

// Frame returns the address of the page for an iframe, with the options.
func (o Options) Frame() string { return o.Base + "/embed/" + o.Widget + o.query() }

func (o Options) query() string {
	query := url.Values{}
	for _, choice := range [...][2]string{{"layout", chosen(o.Layout, Layouts)}, {"theme", chosen(o.Theme, Themes)}, {"locale", o.Locale}, {"chart", chosen(o.Chart, Charts)}} {
		if choice[1] != "" {
			query.Set(choice[0], choice[1])
		}
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

// chosen returns a choice, or "" for the default and for an unknown one.
func chosen(choice string, all []string) string {
	if choice == all[0] || !slices.Contains(all, choice) {
		return ""
	}
	return choice
}

// scheme returns the style that gives a frame its theme, so that browsers do not paint a background (docs/frames.md). Without a theme, the
// frame adapts to the page around it.
func (o Options) scheme() string {
	theme := chosen(o.Theme, Themes)
	if theme == "" {
		return ""
	}
	return ";color-scheme:" + theme
}

// ElementChart returns the value of the attribute chart, "" to leave it out. Only a card has a chart.
func (o Options) ElementChart() string {
	if chosen(o.Layout, Layouts) != "" {
		return ""
	}
	return chosen(o.Chart, Charts)
}

// live returns the value of the attribute live, "" to leave it out.
func (o Options) live() string {
	if !o.Live {
		return ""
	}
	return "1"
}

// script returns the script tag with further attributes, in pairs.
func (o Options) script(attributes ...string) string {
	name, integrity, crossorigin := "widget.js", "", ""
	if o.Live {
		name = "widget.live.js"
	}
	if o.Pin { // browsers check only scripts that they may read
		name, integrity, crossorigin = "widget."+o.Hash+".js", o.Integrity, "anonymous"
	}
	more := append([]string{"src", o.Base + "/v1/" + name, "integrity", integrity, "crossorigin", crossorigin}, attributes...)
	return strings.Replace(tag("script", more...), "<script", "<script async", 1) + "</script>"
}

// Fallback returns the content of the element until its script runs, or without scripts. It reserves the space of the element. A bare value,
// among text, leaves no space for an image with its time.
func (o Options) Fallback() string {
	if o.Layout == "bare" {
		o.Layout = ""
		return o.link(html.EscapeString(o.Title))
	}
	return o.badge(o.reserved())
}

// link returns a link to the widget's own page.
func (o Options) link(inside string) string { return tag("a", "href", o.Page()) + inside + "</a>" }

// styled returns a style, or "" with Plain.
func (o Options) styled(style string) string {
	if o.Plain {
		return ""
	}
	return style
}

// badge returns the image of the widget. Small layouts have a strip.
func (o Options) badge(width, height int, more ...string) string {
	query := url.Values{}
	if o.strip() {
		query.Set("layout", o.Layout)
	}
	return tag("img", append([]string{"src", o.image("badge.svg", query), "width", strconv.Itoa(width), "height", strconv.Itoa(height), "alt", o.Title}, more...)...)
}

func (o Options) strip() bool { return o.Layout == "line" || o.Layout == "compact" }

// tag returns an opening tag. Attributes come in pairs. It leaves out those without a value, except alt.
func tag(name string, attributes ...string) string {
	var b strings.Builder
	b.WriteString("<" + name)
	for i := 0; i < len(attributes); i += 2 {
		if attributes[i+1] != "" || attributes[i] == "alt" {
			b.WriteString(" " + attributes[i] + `="` + html.EscapeString(attributes[i+1]) + `"`)
		}
	}
	return b.String() + ">"
}
