package handlers

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/labstack/echo/v4"

	"waitboard/handlers/pages"
	"waitboard/handlers/respond"
	"waitboard/web"
)

// A route is a public path and its handler, for GET and HEAD.
type route struct {
	path   string
	handle echo.HandlerFunc
}

// table lists all public routes. Echo matches the first one fastest.
func (p *public) table() []route {
	all := []route{
		{"/v1/widgets/:id", p.perSite(p.getWidget)},
		{"/v1/widgets", p.getWidgets},
		{"/v1/widgets/:id/text", p.perSite(p.getText)},
		{"/v1/widgets/:id/shields.json", p.perSite(p.getShields)},
		{"/v1/widgets/:id/typical", p.ofWidget(p.getTypical)},
		{"/v1/widgets/:id/chart", p.ofWidget(p.getChart)},
		{"/v1/widgets/:id/typical.svg", embeddable(p.perSite(p.getTypicalSVG))},
		{"/v1/widgets/:id/badge.svg", embeddable(p.perSite(p.getBadgeSVG))},
		{"/v1/widgets/:id/badge.png", embeddable(p.perSite(p.getBadgePNG))},
		{"/v1/widgets/:id/snippet", p.ofWidget(p.pages.Snippet)},
		{"/v1/widgets/:id/events", p.perSite(p.getEventsOfOne)},
		{"/v1/events", p.getEvents},

		{"/v1/widget.js", embeddable(pages.Script(web.Script.Body))},
		{"/v1/widget.live.js", embeddable(pages.Script(web.Live.Body))},
		{"/v1/widget.more.js", embeddable(pages.Script(web.More.Body))},
		{"/v1/widget.chart.js", embeddable(pages.Script(web.Chart.Body))},
		{"/v1/openapi.json", openAPI(p.PublicURL)},
		{"/v1/snapshot.schema.json", snapshotSchema(p.PublicURL)},

		{"/", p.pages.Gallery},
		{"/builder", p.pages.Builder},
		{"/w/:id", embeddable(p.ofWidget(p.pages.Share))},
		{"/preview/:id", embeddable(p.ofWidget(p.pages.Preview))},
		{"/embed/:id", embeddable(p.perFramingSite(p.ofWidget(p.pages.Embed)))},
		{"/oembed", p.pages.OEmbed},
		{"/assets/:name", embeddable(pages.Asset)},
		{"/favicon.ico", pages.Favicon},

		{"/healthz", p.getHealth},
		{"/readyz", p.getReady},
	}
	for path, script := range web.PinnedScripts() { // /v1/widget.{hash}.js, of this release and earlier ones
		all = append(all, route{path, embeddable(pages.PinnedScript(script))})
	}
	return all
}

func (p *public) routes() *echo.Echo {
	e := echo.New()
	e.HTTPErrorHandler = p.fail
	for _, each := range p.table() {
		handler := p.guard(each.path, each.handle, http.StatusOK, http.StatusNotModified)
		e.GET(each.path, handler)
		e.HEAD(each.path, handler)
	}
	e.RouteNotFound("/*", p.guard("none", func(echo.Context) error { return respond.ErrNoPage }, http.StatusNotFound))
	return e
}

var crossOriginResource = []string{"cross-origin"}

// embeddable lets pages of any site load the answer, also pages that are cross-origin isolated. Answers that only scripts
// read don't need it.
func embeddable(handler echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header()["Cross-Origin-Resource-Policy"] = crossOriginResource
		return handler(c)
	}
}

// guard turns a handler's panic into an error, and counts and times its answers. Usual are the statuses that are counted fastest.
// Echo's middleware would do the same, but Echo builds its chain for each request.
func (p *public) guard(route string, handler echo.HandlerFunc, usual ...int) echo.HandlerFunc {
	count, timed := p.counted.route(route, usual...), p.counted.timed(route)
	return func(c echo.Context) (err error) {
		began := p.Now()
		defer func() {
			switch problem := recover(); problem {
			case nil:
			case http.ErrAbortHandler: // net/http closes the connection
				panic(problem)
			default:
				p.Log.Error("request crashed, responding with an internal error", "route", route, "error", fmt.Sprint(problem), "stack", string(debug.Stack()))
				err = errInternal
			}
			if err != nil {
				p.fail(err, c)
				err = nil
			}
			count(c.Response().Status)
			timed(p.Now().Sub(began))
		}()
		return handler(c)
	}
}

// transportSecurity keeps browsers on TLS where the service ends it (RFC 6797). A month is long enough for visitors, and short enough for
// an operator who turns TLS off.
var transportSecurity = []string{"max-age=2592000"}

var allowed = []string{"GET, HEAD, OPTIONS"}

// filter answers OPTIONS, and rejects clients over the rate limit, other methods, and bodies. OPTIONS isn't limited: it
// costs no more than a rejection, and a script whose preflight fails can't see the reason.
func (p *public) filter(next http.Handler) http.Handler {
	count := p.counted.route("any", http.StatusNoContent, http.StatusTooManyRequests)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = respond.NoSniff
		if r.TLS != nil {
			h["Strict-Transport-Security"] = transportSecurity
		}
		if hasBody(r) && r.ProtoMajor == 1 {
			// Close rather than read. A proxy may see another end of the body, and so another request after it (RFC 9112,
			// section 6.1). HTTP/2 frames bodies, and shares its connections between requests.
			h["Connection"] = []string{"close"}
		}
		var problem *respond.Problem
		switch {
		case r.Method == http.MethodOptions && !hasBody(r):
			h["Allow"] = allowed
			w.WriteHeader(http.StatusNoContent)
			count(http.StatusNoContent)
			return
		case !p.limit.allows(h, r):
			problem = errRateLimited
		case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions:
			h["Allow"] = allowed
			problem = errMethod
		case hasBody(r):
			problem = errBody
		default:
			// Echo matches the path as sent. Decode it, because letters may be percent-encoded (RFC 3986, section 6.2.2.2).
			// An encoded slash stays, because it differs from a slash.
			if r.URL.RawPath != "" && strings.Count(r.URL.RawPath, "/") == strings.Count(r.URL.Path, "/") {
				r.URL.RawPath = ""
			}
			next.ServeHTTP(w, r)
			return
		}
		problem.Send(w, r)
		count(problem.Status)
	})
}

func hasBody(r *http.Request) bool { return r.ContentLength != 0 }
