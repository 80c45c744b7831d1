package doctor

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// cached matches the address of a script that an optimizer moved to the cache of the page's own site. web/src/element.ts decides in the same way.
var cached = regexp.MustCompile(`\w/cache\b`)

// placed checks that a script runs where it can draw its widget, and that an element knows its service.
func (v *visit) placed(e embed) {
	services := map[string]bool{}
	for _, other := range v.found.embeds {
		if other.kind == script && !other.inert {
			services[other.base] = true
		}
	}
	const exclude = "exclude /v1/widget. from the site's optimizer, or add api=… to the element, as waitboard snippet prints it"
	switch {
	case e.kind == script && e.widget != "" && e.head:
		v.report.add(Stops, "put <wait-time widget="+e.widget+"></wait-time> where the widget belongs, or move the script there", "%s: it is in the head, where browsers draw nothing", e)
	case e.kind == script && e.inert:
		v.report.add(Note, "nothing, if a consent manager or an optimizer activates it; otherwise remove its type", "%s: browsers don't run it, because of its type", e)
	case e.bare && cached.MatchString(e.base):
		v.report.add(Stops, exclude, "%s: its script comes from a cache, not from the service", e)
	case e.bare && len(services) > 1:
		v.report.add(Stops, "add api="+e.base+" to the element, or the address of the other service", "%s: the page has scripts of several services, and the element names none", e)
	}
}

// inHead reports whether a node is in the head. A script before all content is, too.
func inHead(n *html.Node) bool {
	for parent := range n.Ancestors() {
		if parent.Data == "head" {
			return true
		}
	}
	return false
}

// isJavaScript reports whether browsers run a script of a type.
func isJavaScript(kind string) bool {
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "", "module", "text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript", "application/ecmascript":
		return true
	}
	return false
}
