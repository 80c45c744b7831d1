// Package snippet owns the HTML that a company pastes into its pages: a piece for each kind of embed, and what may be
// chosen for it.
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

// The kinds, those that do most first.
const (
	Element Kind = "element" // <wait-time> where it shall stand, and the script
	Script  Kind = "script"  // the script alone, in one line
	IFrame  Kind = "iframe"  // for sites that take no script
	Image   Kind = "image"   // for sites that take no frame either
	Link    Kind = "link"    // to the widget's own page
	Address Kind = "address" // of that page, which WordPress and others turn into a frame by oEmbed
)

// Kinds are all there are.
var Kinds = []Kind{Element, Script, IFrame, Image, Link, Address}

// Layouts and Themes are what may be chosen. The first of each is what is meant where none is.
var (
	Layouts = []string{"card", "line", "compact", "bare"}
	Themes  = []string{"auto", "light", "dark"}
)

// Options say what to embed. Base, Widget and Title are required, Hash and Integrity for Pin; whatever else is empty
// is left to its default.
type Options struct {
	Base   string // where the public reaches the service, without a slash at its end
	Widget string // its ID
	Title  string // what it is, for those who can't see it
	Metric string // the ID of the only metric to show; an iframe shows all
	Layout string // one of Layouts
	Theme  string // one of Themes
	Locale string // a language tag

	Rows   int    // how many metrics it shows, for the height of iframes and images
	Extras int    // how many of them have levels or a link
	Notice string // what it says besides, which needs room too; of an operator's nobody knows in advance

	Plain bool // without styles, for pages whose policy forbids them

	Live bool // whether it follows the service's events; not in an iframe

	// Pin is for pages that want to be sure which script they load: its address is then widget.HASH.js. Hash and Integrity are
	// those of the script that there is, of the kind that Live asks for; Integrity is ready for the attribute of that name.
	Pin             bool
	Hash, Integrity string
}

// HTML is what to paste. It begins and ends without a line break.
func HTML(kind Kind, o Options) string {
	switch kind {
	case Element:
		return tag("wait-time", "widget", o.Widget, "metric", o.Metric, "layout", chosen(o.Layout, Layouts), "theme", chosen(o.Theme, Themes), "locale", o.Locale, "live", o.live()) +
			o.Fallback() + "</wait-time>\n" + o.script()
	case Script: // the style keeps the room for the element, which the script hands over to it
		return o.script("style", o.styled(o.reservation()), "data-widget", o.Widget, "data-metric", o.Metric, "data-layout", chosen(o.Layout, Layouts), "data-theme", chosen(o.Theme, Themes), "data-locale", o.Locale, "data-live", o.live())
	case IFrame: // the width is the page's, up to what is comfortable; where it forbids styles, all there is
		return tag("iframe", "src", o.Frame(), "title", o.Title, "width", "100%", "height", fmt.Sprint(o.Height()), "loading", "lazy",
			"style", o.styled(fmt.Sprintf("border:0;max-width:%dpx%s", Width, o.scheme()))) + "</iframe>"
	case Image:
		return o.link(o.badge(badge.Width, o.imageHeight(), "style", o.styled("max-width:100%;height:auto")))
	case Link:
		return o.link(html.EscapeString(o.Title))
	default:
		return o.Page()
	}
}

// Frame is an iframe in a box of fixed size, in pixels, with no more than what a site leaves in it that trusts nobody: WordPress
// keeps src, width, height, frameborder, marginwidth, marginheight, scrolling and title.
func Frame(o Options, width, height int) string {
	return tag("iframe", "src", o.Frame(), "title", o.Title, "width", fmt.Sprint(width), "height", fmt.Sprint(height), "frameborder", "0") + "</iframe>"
}

// Page is the address of the widget's own page, with what was chosen.
func (o Options) Page() string { return o.Base + "/w/" + o.Widget + o.query() }

// Frame is the address of the page for an iframe, with what was chosen.
func (o Options) Frame() string { return o.Base + "/embed/" + o.Widget + o.query() }

func (o Options) query() string {
	query := url.Values{}
	for _, choice := range [...][2]string{{"layout", chosen(o.Layout, Layouts)}, {"theme", chosen(o.Theme, Themes)}, {"locale", o.Locale}} {
		if choice[1] != "" {
			query.Set(choice[0], choice[1])
		}
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

// chosen is a choice that differs from the default, which needs no word.
func chosen(choice string, all []string) string {
	if choice == all[0] || !slices.Contains(all, choice) {
		return ""
	}
	return choice
}

// scheme tells a frame its theme, so that browsers give it no ground of its own (docs/frames.md). One without goes with the page around it.
func (o Options) scheme() string {
	theme := chosen(o.Theme, Themes)
	if theme == "" {
		return ""
	}
	return ";color-scheme:" + theme
}

// live is the value of an attribute whose being there is all.
func (o Options) live() string {
	if !o.Live {
		return ""
	}
	return "1"
}

// script is the script with more attributes, which come in pairs.
func (o Options) script(attributes ...string) string {
	name, integrity, crossorigin := "widget.js", "", ""
	if o.Live {
		name = "widget.live.js"
	}
	if o.Pin { // browsers check only what they may read
		name, integrity, crossorigin = "widget."+o.Hash+".js", o.Integrity, "anonymous"
	}
	more := append([]string{"src", o.Base + "/v1/" + name, "integrity", integrity, "crossorigin", crossorigin}, attributes...)
	return strings.Replace(tag("script", more...), "<script", "<script async", 1) + "</script>"
}

// Fallback is what stands in the element until its script runs, and where none does. It keeps the room that the element
// needs. In place of a bare value, among text, there is no room for an image that tells its time.
func (o Options) Fallback() string {
	if o.Layout == "bare" {
		o.Layout = ""
		return o.link(html.EscapeString(o.Title))
	}
	return o.badge(o.reserved())
}

// link is a link to the widget's own page.
func (o Options) link(inside string) string { return tag("a", "href", o.Page()) + inside + "</a>" }

// styled is a style, where there may be any.
func (o Options) styled(style string) string {
	if o.Plain {
		return ""
	}
	return style
}

// badge is the image of the widget: of the small layouts, a strip.
func (o Options) badge(width, height int, more ...string) string {
	query := url.Values{}
	if o.strip() {
		query.Set("layout", o.Layout)
	}
	if theme := chosen(o.Theme, Themes); theme != "" {
		query.Set("theme", theme)
	}
	src := o.Base + "/v1/widgets/" + o.Widget + "/badge.svg"
	if len(query) > 0 {
		src += "?" + query.Encode()
	}
	return tag("img", append([]string{"src", src, "width", strconv.Itoa(width), "height", strconv.Itoa(height), "alt", o.Title}, more...)...)
}

func (o Options) strip() bool { return o.Layout == "line" || o.Layout == "compact" }

// tag is an opening tag. Attributes come in pairs; those without a value are left out, but for the text that stands for an
// image.
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
