// Package templates holds the HTML that the server renders.
package templates

import (
	"embed"
	"html/template"
)

//go:embed *.html
var files embed.FS

// The pages. Each is executed with the data type that its name in handlers says.
var (
	Index  = template.Must(template.ParseFS(files, "index.html", "builder.html", "cards.html", "box.html")) // handlers.indexPage: every widget, and the HTML to paste
	Cards  = Index.Lookup("cards.html")                                                                     // handlers.widgetBox, several: the part of it that shows every widget
	Notice = template.Must(template.ParseFS(files, "notice.html"))                                          // handlers.noticeForm: the notice of one widget, for operators
	Admin  = template.Must(template.ParseFS(files, "admin.html"))                                           // handlers.AdminStatus: the state of affairs, for operators
	Embed  = template.Must(template.ParseFS(files, "embed.html", "widget.html", "box.html"))                // handlers.widgetPage: one widget, in an iframe
	Share  = template.Must(template.ParseFS(files, "share.html", "widget.html", "box.html"))                // handlers.widgetPage: one widget, on a page of its own
)
