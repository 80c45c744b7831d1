// Package handlers serves what the board holds: one file for each outlet, one place for cross-origin rules, one for
// errors. A handler waits for nothing and makes no snapshot; it picks ready bytes and the headers that go with them.
package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/locale"
	"waitboard/publish"
	"waitboard/templates"
	"waitboard/web"
)

// Options make the public handler. All but Locales, Events with their limits, RateLimit and TrustedProxies are required.
type Options struct {
	Publisher *publish.Publisher
	Widgets   []Widget    // those on the board, in their order
	PublicURL string      // where the public reaches this service; no slash at its end
	NoGallery bool        // whether there is no page of all listed widgets
	Ready     func() bool // whether the service is fit for traffic
	Metrics   prometheus.Registerer
	Log       *slog.Logger

	Locales func(language string) *locale.Locale // for visitors whose language, one of locale.Supported, is not the widget's; nil: the catalogs as they are

	Events      *Events // nil: none are offered
	EventLimits EventLimits

	RateLimit      RateLimit
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; without IPv4-mapped ranges
	Now            func() time.Time
}

// A Widget is how one of the board's widgets is offered.
type Widget struct {
	ID       string
	Origins  []string // whose scripts may read it; none: any
	Unlisted bool     // whether it is left out of the list and of the page of all

	Metrics []Metric // those it shows, in their order
	Extras  int      // how many of them have levels or a link
}

// A Metric is one of a widget's metrics, as the configuration names it.
type Metric struct{ ID, Label string }

func (w Widget) restricted() bool { return len(w.Origins) > 0 && w.Origins[0] != "*" }

// public is the handler of the public listener.
type public struct {
	board    *publish.Publisher
	cors     *crossOrigin
	listed   []string // the IDs of the widgets that are listed, in their configured order
	widgets  map[string]Widget
	locales  func(language string) *locale.Locale
	url      string
	base     string // its path; no slash at its end
	origin   string // its scheme and host
	ready    func() bool
	counted  *requestCounter
	clients  *clients
	limit    *rateLimiter // nil: no limit
	events   *Events      // nil: none
	spare    bool         // EventLimits.SparePrivate
	gallery  bool         // whether there is one
	log      *slog.Logger
	now      func() time.Time
	phrases  *lru.Cache[phrasesKey, []byte] // for browsers
	index    atomic.Pointer[renderedIndex]  // the last one made, as is
	last     [2]atomic.Pointer[several]     // without phrases, and with
	controls controls
}

// Public is everything that the public can reach. It takes GET, HEAD and OPTIONS without a body. Several made with the same
// Metrics count together, so that one can take another's place.
func Public(o Options) http.Handler {
	p := &public{
		board: o.Publisher, url: o.PublicURL, gallery: !o.NoGallery, ready: o.Ready, log: o.Log, now: o.Now,
		counted: newRequestCounter(o.Metrics), clients: &clients{trusted: o.TrustedProxies, log: o.Log}, locales: o.Locales, widgets: map[string]Widget{},
	}
	p.limit = newRateLimiter(o, p.clients)
	if p.locales == nil {
		p.locales = catalogs
	}
	p.phrases = newCache[phrasesKey, []byte](maxPhrases)
	if public, err := url.Parse(p.url); err == nil {
		p.base = strings.TrimSuffix(public.Path, "/")
		p.origin = public.Scheme + "://" + public.Host
	}
	for _, w := range o.Widgets {
		p.widgets[w.ID] = w
		if !w.Unlisted {
			p.listed = append(p.listed, w.ID)
		}
	}
	if o.Events != nil {
		o.Events.offer(p.widgets, o.EventLimits)
		if o.EventLimits.Total > 0 {
			p.events, p.spare = o.Events, o.EventLimits.SparePrivate
		}
	}
	p.cors = newCrossOrigin(o.Widgets, p.refuse(p.routes()))
	return p.cors
}

func newCache[K comparable, V any](size int) *lru.Cache[K, V] {
	cache, err := lru.New[K, V](size)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return cache
}

// routes is the table of all public addresses.
func (p *public) routes() *echo.Echo {
	e := echo.New()
	e.HTTPErrorHandler = p.fail
	add := func(path string, handler echo.HandlerFunc) {
		handler = p.guard(path, handler, http.StatusOK, http.StatusNotModified)
		e.GET(path, handler)
		e.HEAD(path, handler)
	}
	add(widgetsPath+"/:id", p.getWidget) // the first is the first that Echo looks at
	routes := map[string]echo.HandlerFunc{
		"/":         p.getIndex,
		healthPath:  p.getHealth,
		readyPath:   p.getReady,
		widgetsPath: p.getWidgets,
		openAPIPath: openAPI(p.url),
		schemaPath:  snapshotSchema(p.url),

		widgetsPath + "/:id/text":         p.getText,
		widgetsPath + "/:id/shields.json": p.getShields,
		widgetsPath + "/:id/snippet":      p.getSnippet,

		eventsPath:  p.getEvents,
		eventsOfOne: p.getEventsOfOne,

		oembedPath: p.getOEmbed,
	}
	parts := map[string]echo.HandlerFunc{ // of others' pages
		"/w/:id":                       p.newWidgetOutlet(templates.Share, true).get,
		"/assets/:name":                p.getAsset,
		"/embed/:id":                   p.newWidgetOutlet(templates.Embed, false).get,
		widgetsPath + "/:id/badge.svg": p.badgeSVG(),
		widgetsPath + "/:id/badge.png": p.badge(pngType, nil, (*publish.Badges).PNG),
		web.Script.Path:                getScript(web.Script.Body, scriptKept),
		web.Live.Path:                  getScript(web.Live.Body, scriptKept),
		web.More.Path:                  getScript(web.More.Body, scriptKept),
	}
	for path, script := range web.PinnedScripts() {
		parts[path] = getScript(script, scriptForever)
	}
	for path, handler := range parts {
		routes[path] = embeddable(handler)
	}
	for path, handler := range routes {
		add(path, handler)
	}
	e.RouteNotFound("/*", p.guard("none", func(echo.Context) error { return errNoPage }, http.StatusNotFound))
	return e
}

// embeddable lets pages that ask for isolation (Cross-Origin-Embedder-Policy) load it, whichever their site. What is read by scripts only
// has no need of it.
func embeddable(handler echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header()["Cross-Origin-Resource-Policy"] = crossSite
		return handler(c)
	}
}

// guard turns a handler's panic into an error, and counts its answers. It is put around each handler once, because
// Echo's own chain is built anew with every request.
func (p *public) guard(route string, handler echo.HandlerFunc, usual ...int) echo.HandlerFunc {
	count := p.counted.route(route, usual...)
	return func(c echo.Context) (err error) {
		defer func() {
			switch problem := recover(); problem {
			case nil:
			case http.ErrAbortHandler: // the connection is to be cut, which net/http does
				panic(problem)
			default:
				p.log.Error("a handler panicked", "route", route, "error", fmt.Sprint(problem), "stack", string(debug.Stack()))
				err = errInternal
			}
			if err != nil {
				p.fail(err, c)
				err = nil
			}
			count(c.Response().Status)
		}()
		return handler(c)
	}
}

// Ready header values. They are assigned rather than set, which spares an allocation each; nobody changes them.
var (
	nosniff      = []string{"nosniff"}
	crossSite    = []string{"cross-origin"}
	allowed      = []string{"GET, HEAD, OPTIONS"}
	noStore      = []string{"no-store"}
	gzipEncoding = []string{"gzip"}
	jsonType     = []string{"application/json"}
	schemaType   = []string{"application/schema+json"}
	htmlType     = []string{"text/html; charset=utf-8"}
	textType     = []string{"text/plain; charset=utf-8"}
	eventsType   = []string{"text/event-stream"}
	unbuffered   = []string{"no"}
	varyEncoding = []string{"Accept-Encoding"}
	varyAccept   = []string{"Accept, Accept-Encoding"}
	varyLanguage = []string{"Accept-Language"}
)

// refuse stops clients that are over the limit, and what no public address takes: other methods, and bodies. Plain OPTIONS
// and preflights are answered here. They are not limited: they cost no more than a refusal, and a script whose preflight is refused
// doesn't get to see why.
func (p *public) refuse(next http.Handler) http.Handler {
	count := p.counted.route("any", http.StatusNoContent, http.StatusTooManyRequests)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = nosniff
		if hasBody(r) && r.ProtoMajor == 1 {
			// Rather than read it. What follows in the connection may be another request to a proxy before us than it is to us
			// (RFC 9112, section 6.1). HTTP/2 knows where a body ends, and others' requests share its connections.
			h["Connection"] = []string{"close"}
		}
		var refusal *problem
		switch {
		case r.Method == http.MethodOptions && !hasBody(r):
			h["Allow"] = allowed
			w.WriteHeader(http.StatusNoContent)
			count(http.StatusNoContent)
			return
		case !p.limit.allows(h, r):
			refusal = errRateLimited
		case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions:
			h["Allow"] = allowed
			refusal = errMethod
		case hasBody(r):
			refusal = errBody
		default:
			// Letters may be percent-encoded that need not be (RFC 3986, section 6.2.2.2), and Echo goes by what was sent. A slash that is
			// encoded is another thing than a slash; in all else no address of ours has a character that must be.
			if r.URL.RawPath != "" && strings.Count(r.URL.RawPath, "/") == strings.Count(r.URL.Path, "/") {
				r.URL.RawPath = ""
			}
			next.ServeHTTP(w, r)
			return
		}
		refusal.write(w)
		count(refusal.status)
	})
}

func hasBody(r *http.Request) bool { return r.ContentLength != 0 }
