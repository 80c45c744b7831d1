package browser

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// withHarness adds a page at /harness that shows the pages of its query in iframes. It has the origin of the service, so tests can read the
// frames. Without script, pages stay as the server rendered them.
func withHarness(s *site, script bool) {
	s.breakBy(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.Path == "/harness":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, `<!doctype html><html lang="en"><title>Support</title><link rel="icon" href="data:,">
				<style>body{background:#8884}p{display:inline-block;width:320px;margin:8px;font:11px monospace;vertical-align:top}iframe{display:block;border:0}</style>
				<main><h1>Support</h1>`)
			for _, page := range r.URL.Query()["page"] {
				name := template.HTMLEscapeString(page)
				fmt.Fprintf(w, `<p>%s<iframe src="%s%s" title="%s" width="320" height="200"></iframe></p>`, name, mount, name, name)
			}
			fmt.Fprint(w, `</main></html>`)
			return true
		case !script && strings.HasSuffix(r.URL.Path, ".js"):
			http.NotFound(w, r)
			return true
		}
		return false
	})
}

// harness returns the address of the harness for some pages of the service.
func (s *site) harness(pages ...string) string {
	return s.api + "/harness?" + url.Values{"page": pages}.Encode()
}

// framedAll is true when all frames of a page show a widget, with or without the script.
const framedAll = `Array.from(frames).every(f => f.document.readyState == 'complete' && (!f.customElements.get('wait-time') || f.document.querySelector('wait-time').shadowRoot.querySelector('.box')))`
