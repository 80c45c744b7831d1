// Package templates holds the HTML that the server renders.
package templates

import (
	"embed"
	"html/template"
	"sync"
)

//go:embed *.html
var files embed.FS

// The pages. Each is parsed on first use, and executed with the type that its comment names.
var (
	Index   = parsed("index.html", "builder.html", "cards.html", "box.html") // pages.galleryPage: all listed widgets, and the builder
	Cards   = parsed("cards.html", "box.html")                               // a slice of pages.widgetBox: the widgets of the gallery
	Notice  = parsed("notice.html", "operators.html")                        // admin.noticeForm: the notice of one widget, for operators
	Admin   = parsed("admin.html", "operators.html")                         // admin.dashboard: the dashboard, for operators
	Embed   = parsed("embed.html", "widget.html", "box.html", "chart.html")  // pages.widgetPage: one widget, in an iframe
	Share   = parsed("share.html", "widget.html", "box.html", "chart.html")  // pages.widgetPage: one widget, on a page to share
	Missing = parsed("missing.html")                                         // pages.missingPage: in place of the two, for a missing widget
)

// parsed returns a template of several files. Executing it renders the first.
func parsed(names ...string) func() *template.Template {
	return sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(files, names...)) })
}
