package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rs/cors"
)

// crossOrigin answers the question whose scripts may read an answer. Each widget has its own origins; whatever else
// there is may be read by any.
//
// It keeps honest scripts of other sites out, as browsers do; it is no access control.
type crossOrigin struct {
	any     *originPolicy
	mixed   *originPolicy            // answers that hold several widgets, some of them restricted
	widgets map[string]*originPolicy // the restricted ones
}

// exposed are the headers that scripts may read. A visitor's clock may be wrong: Date and Age tell the server's time.
var exposed = []string{"Date", "Age", "ETag", "Retry-After", "RateLimit", "RateLimit-Policy"}

func newCrossOrigin(widgets []Widget, next http.Handler) *crossOrigin {
	options := cors.Options{
		AllowedMethods:     []string{http.MethodGet, http.MethodHead},
		AllowedHeaders:     []string{"*"},
		ExposedHeaders:     exposed,
		MaxAge:             24 * 60 * 60, // seconds that a preflight is remembered; browsers cut it further
		OptionsPassthrough: true,         // OPTIONS is answered by what comes next, with Allow
	}
	c := &crossOrigin{widgets: map[string]*originPolicy{}}
	anyOptions := options
	anyOptions.AllowedOrigins = []string{"*"}
	c.any = newOriginPolicy(anyOptions, true, next)
	for _, w := range widgets {
		if w.restricted() {
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
	if origins := r.Header["Origin"]; len(origins) > 1 { // no browser sends several, of which rs/cors would look at one and allow all
		r.Header["Origin"] = origins[:1]
	}
	if origins := r.Header["Origin"]; len(origins) == 1 && !isOrigin(origins[0]) {
		r.Header["Origin"] = opaqueOrigin
	}
	c.policy(r).ServeHTTP(w, r)
}

var opaqueOrigin = []string{"null"}

// isOrigin tells whether a text has the form of an origin: a scheme, a host and perhaps a port, and nothing else (RFC 6454, section 6.2).
// rs/cors compares no more than the beginning and the end with a pattern such as https://*.example.com.
func isOrigin(text string) bool {
	_, host, found := strings.Cut(text, "://")
	return found && host != "" && host[0] != '.' && !strings.ContainsFunc(host, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`/?#@\`, c) })
}

const widgetsPath = "/v1/widgets"

// policy picks the rules for a request by its path.
func (c *crossOrigin) policy(r *http.Request) *originPolicy {
	path := r.URL.Path
	for _, prefix := range [...]string{widgetsPath + "/", "/embed/", "/w/"} {
		rest, of := strings.CutPrefix(path, prefix)
		if !of {
			continue
		}
		id, _, _ := strings.Cut(rest, "/")
		if own := c.widgets[id]; own != nil {
			return own
		}
		return c.any
	}
	if path == "/" || path == oembedPath || (path == widgetsPath || path == eventsPath) && c.anyRestricted(queryIDs(r)) {
		return c.mixed
	}
	return c.any
}

// anyRestricted tells whether one of the widgets asked for (none: all) is restricted.
func (c *crossOrigin) anyRestricted(ids []string) bool {
	return len(ids) == 0 || slices.ContainsFunc(ids, func(id string) bool { return c.widgets[id] != nil })
}

// allowsMixed: several widgets at once are cut to what the origin may read (see readable), so that may be read anywhere.
// The page with all of them may be read where each of them may.
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

// readable tells whether a widget may be part of what the request's origin reads; a request without one is no script's.
func (c *crossOrigin) readable(id string, r *http.Request) bool {
	own := c.widgets[id]
	return own == nil || r.Header.Get("Origin") == "" || own.cors.OriginAllowed(r)
}

func queryIDs(r *http.Request) []string {
	if r.URL.RawQuery == "" {
		return nil
	}
	query, _ := url.ParseQuery(r.URL.RawQuery)
	return query["id"]
}

// An originPolicy is one set of cross-origin rules around what comes next.
type originPolicy struct {
	cors    *cors.Cors
	any     bool
	handler http.Handler // within the rules of rs/cors
	next    http.Handler
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

// ServeHTTP leaves to rs/cors whatever depends on the request. Where any origin may read, nothing does but a preflight: each answer says
// so, also to a request without an Origin, and does not vary by it, so that a shared cache may keep one answer for all.
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

// complete adds to what rs/cors does: an answer to any origin's OPTIONS, and to errors that rs/cors passes over (those of a method
// that is not allowed), the permission to read them.
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
