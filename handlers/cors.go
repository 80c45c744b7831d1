package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rs/cors"

	"waitboard/handlers/pages"
)

// crossOrigin decides which sites' scripts may read an answer. Each widget has its own origins; everything else may be
// read by any site. Browsers enforce it for honest sites. It isn't access control.
type crossOrigin struct {
	any     *originPolicy
	mixed   *originPolicy            // answers with several widgets, some of them restricted
	widgets map[string]*originPolicy // restricted ones
}

// exposed are the headers that scripts may read. Date and Age give the server's time, because a visitor's clock may be
// wrong.
var exposed = []string{"Date", "Age", "ETag", "Retry-After", "RateLimit", "RateLimit-Policy"}

func newCrossOrigin(widgets []pages.Offered, next http.Handler) *crossOrigin {
	options := cors.Options{
		AllowedMethods:     []string{http.MethodGet, http.MethodHead},
		AllowedHeaders:     []string{"*"},
		ExposedHeaders:     exposed,
		MaxAge:             24 * 60 * 60, // seconds that browsers cache a preflight; they may shorten it
		OptionsPassthrough: true,         // filter answers OPTIONS, with Allow
	}
	c := &crossOrigin{widgets: map[string]*originPolicy{}}
	anyOptions := options
	anyOptions.AllowedOrigins = []string{"*"}
	c.any = newOriginPolicy(anyOptions, true, next)
	for _, w := range widgets {
		if w.Restricted() {
			own := options
			own.AllowedOrigins = w.Origins
			c.widgets[w.ID] = newOriginPolicy(own, false, next)
		}
	}
	mixed := options
	mixed.AllowOriginVaryRequestFunc = func(r *http.Request, _ string) (bool, []string) { return c.allowsMixed(r), nil }
	c.mixed = newOriginPolicy(mixed, false, next)
	return c
}

func (c *crossOrigin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if len(c.widgets) == 0 {
		c.any.ServeHTTP(w, r)
		return
	}
	if origins := r.Header["Origin"]; len(origins) > 1 { // rs/cors would check one and allow all; no browser sends several
		r.Header["Origin"] = origins[:1]
	}
	if origins := r.Header["Origin"]; len(origins) == 1 && !isOrigin(origins[0]) {
		r.Header["Origin"] = opaqueOrigin
	}
	c.policy(r).ServeHTTP(w, r)
}

var opaqueOrigin = []string{"null"}

// isOrigin reports whether a text is a scheme, a host and an optional port (RFC 6454, section 6.2). For a pattern such as
// https://*.example.com, rs/cors compares only prefix and suffix.
func isOrigin(text string) bool {
	_, host, found := strings.Cut(text, "://")
	return found && host != "" && host[0] != '.' && !strings.ContainsFunc(host, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`/?#@\`, c) })
}

// policy returns the rules for a request's path.
func (c *crossOrigin) policy(r *http.Request) *originPolicy {
	path := r.URL.Path
	for _, prefix := range [...]string{"/v1/widgets/", "/embed/", "/w/"} {
		rest, found := strings.CutPrefix(path, prefix)
		if !found {
			continue
		}
		id, _, _ := strings.Cut(rest, "/")
		if own := c.widgets[id]; own != nil {
			return own
		}
		return c.any
	}
	if path == "/" || path == "/oembed" || (path == "/v1/widgets" || path == "/v1/events") && c.anyRestricted(queryIDs(r)) {
		return c.mixed
	}
	return c.any
}

// anyRestricted reports whether any of some widgets is restricted. Without IDs, the request is for all widgets.
func (c *crossOrigin) anyRestricted(ids []string) bool {
	return len(ids) == 0 || slices.ContainsFunc(ids, func(id string) bool { return c.widgets[id] != nil })
}

// allowsMixed reports whether the origin may read an answer with several widgets. A list leaves out what the origin may
// not read, so any origin may read the list. The gallery shows all widgets, so the origin must be allowed for each.
func (c *crossOrigin) allowsMixed(r *http.Request) bool {
	if r.URL.Path != "/" {
		return true
	}
	for id := range c.widgets {
		if !c.readable(id, r) {
			return false
		}
	}
	return true
}

// readable reports whether the request's origin may read a widget. A request without Origin isn't from a script.
func (c *crossOrigin) readable(id string, r *http.Request) bool {
	own := c.widgets[id]
	return own == nil || r.Header.Get("Origin") == "" || own.cors.OriginAllowed(r)
}

func queryIDs(r *http.Request) []string {
	if r.URL.RawQuery == "" {
		return nil
	}
	query, _ := url.ParseQuery(r.URL.RawQuery)
	ids, _ := namedIDs(query)
	return ids
}

// An originPolicy wraps a handler in one set of cross-origin rules.
type originPolicy struct {
	cors    *cors.Cors
	any     bool
	handler http.Handler // with rs/cors
	next    http.Handler // without
}

func newOriginPolicy(o cors.Options, anyone bool, next http.Handler) *originPolicy {
	p := &originPolicy{cors: cors.New(o), any: anyone, next: next}
	p.handler = p.cors.Handler(p.complete(next))
	return p
}

var (
	anyOrigin     = []string{"*"}
	exposedJoined = []string{strings.Join(exposed, ", ")}
)

// ServeHTTP uses rs/cors for what depends on the request. Where any origin may read, that is only preflights: all other
// answers, also those without Origin, are the same for everyone, so a shared cache can store one for all.
func (p *originPolicy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.any || r.Method == http.MethodOptions {
		p.handler.ServeHTTP(w, r)
		return
	}
	h := w.Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Expose-Headers"] = exposedJoined
	p.next.ServeHTTP(w, r)
}

// complete adds Access-Control-Allow-Origin where rs/cors leaves it out: to OPTIONS that isn't a preflight, and to errors
// about a forbidden method.
func (p *originPolicy) complete(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		switch {
		case p.any:
			h["Access-Control-Allow-Origin"] = anyOrigin
		case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions:
			if r.Header.Get("Origin") != "" && p.cors.OriginAllowed(r) {
				h["Access-Control-Allow-Origin"] = r.Header["Origin"]
			}
		}
		next.ServeHTTP(w, r)
	})
}
