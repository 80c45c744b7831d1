// Package templates holds the HTML that the server renders.
package templates

import (
	"embed"
	"html/template"
	"sync"
)

//go:embed *.html
var files embed.FS

// The pages, each parsed when it is first asked for: a start has no time for what may never be. Each is executed with the data type
// that its name in handlers says.
var (
	Index   = parsed("index.html", "builder.html", "cards.html", "box.html") // handlers.indexPage: every widget, and the HTML to paste
	Cards   = parsed("cards.html", "box.html")                               // handlers.widgetBox, several: the part of it that shows every widget
	Notice  = parsed("notice.html")                                          // handlers.noticeForm: the notice of one widget, for operators
	Admin   = parsed("admin.html")                                           // handlers.AdminStatus: the state of affairs, for operators
	Embed   = parsed("embed.html", "widget.html", "box.html")                // handlers.widgetPage: one widget, in an iframe
	Share   = parsed("share.html", "widget.html", "box.html")                // handlers.widgetPage: one widget, on a page of its own
	Missing = parsed("missing.html")                                         // handlers.missingPage: in place of these two, for a widget that there is not
)

// parsed is a template of several files, of which the first is executed.
func parsed(names ...string) func() *template.Template {
	return sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(files, names...)) })
}
