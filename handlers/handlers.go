// Package handlers serves the public side: JSON, events, badges, text and documents, behind the rules for origins and
// the rate limit. Its subpackages serve the pages and the operators' side. A handler sends bytes that package publish
// has rendered; it waits for nothing.
package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/embeds"
	"waitboard/handlers/pages"
	"waitboard/handlers/respond"
	"waitboard/publish"
)

// Options make the public handler. NoPublicURL, NoGallery, Languages, Events, EventLimits, CatchUp, Problem, Embeds, RateLimit and TrustedProxies
// are optional.
type Options struct {
	Publisher *publish.Publisher
	Widgets   []pages.Offered // the publisher's widgets, in display order
	PublicURL string          // without a trailing slash
	// NoPublicURL means that the configuration has no public_url, and PublicURL is that of the listener.
	NoPublicURL bool
	NoGallery   bool
	Ready       func() bool // reports whether the service is fit for traffic
	Metrics     prometheus.Registerer
	Log         *slog.Logger

	Languages respond.Languages // for visitors whose language isn't the widget's; nil: respond.Catalogs

	Events      *Events // nil: no event streams
	EventLimits EventLimits

	CatchUp func(ctx context.Context, widgets []string) // shows the newest readings that other replicas have; nil: there are none
	Problem func() string                               // what /readyz reports of a replica that is ready, a sentence; nil: nothing

	Embeds *embeds.Tracker // counts requests by site; nil: nothing does

	RateLimit      RateLimit
	TrustedProxies []netip.Prefix // proxies whose X-Forwarded-For counts; without IPv4-mapped ranges
	Now            func() time.Time
}

// public is the handler of the public listener.
type public struct {
	Options
	pages          *pages.Pages
	cors           *crossOrigin
	widgets        map[string]pages.Offered
	listed         []string // IDs of the listed widgets, in display order
	counted        *requestCounter
	widgetRequests map[string]*atomic.Uint64 // by widget ID
	clients        *clients
	limit          *rateLimiter // nil: no limit
	sites          siteCounter
	caching        *respond.Caching
	phrases        *lru.Cache[phrasesKey, []byte]
	joined         [2]atomic.Pointer[respond.Body] // the last list without phrases, and with
}

// New returns the handler of everything public. Handlers with the same Metrics add to the same counters, so one can
// replace another.
func New(o Options) http.Handler {
	if o.Languages == nil {
		o.Languages = respond.Catalogs
	}
	p := &public{
		Options: o, widgets: map[string]pages.Offered{}, counted: newRequestCounter(o.Metrics),
		clients: &clients{trusted: o.TrustedProxies, log: o.Log}, caching: respond.NewCaching(o.Now), sites: newSiteCounter(o),
	}
	p.widgetRequests = newWidgetCounter(o.Metrics, o.Publisher).of(o.Widgets)
	p.limit = newRateLimiter(o, p.clients)
	p.phrases, _ = lru.New[phrasesKey, []byte](maxPhrases) // fails unless the size is positive
	p.pages = pages.New(pages.Options{
		Publisher: o.Publisher, Widgets: o.Widgets, PublicURL: o.PublicURL, NoPublicURL: o.NoPublicURL, NoGallery: o.NoGallery, Languages: o.Languages, Caching: p.caching,
		Readable: func(id string, r *http.Request) bool { return p.cors.readable(id, r) },
	})
	for _, w := range o.Widgets {
		p.widgets[w.ID] = w
		if !w.Unlisted {
			p.listed = append(p.listed, w.ID)
		}
	}
	if o.Events != nil {
		o.Events.offer(p.widgets, o.EventLimits)
	}
	p.cors = newCrossOrigin(o.Widgets, p.filter(p.routes()))
	return p.cors
}

var (
	errMethod      = respond.NewProblem(http.StatusMethodNotAllowed, "method_not_allowed", "The methods are GET, HEAD and OPTIONS.")
	errBody        = respond.NewProblem(http.StatusRequestEntityTooLarge, "body_refused", "Requests must not have a body.")
	errRateLimited = respond.NewProblem(http.StatusTooManyRequests, "rate_limited", "This address has sent too many requests. Retry after Retry-After seconds.")
	errNotReady    = respond.NewProblem(http.StatusServiceUnavailable, "not_ready", "The service is starting or stopping.")
	errInternal    = respond.NewProblem(http.StatusInternalServerError, "internal", "An internal error occurred. The service has logged it.")
)

// fail turns an error into an answer. It logs errors that aren't problems, and hides their text.
func (p *public) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	var problem *respond.Problem
	var httpError *echo.HTTPError
	switch {
	case errors.As(err, &problem):
	case errors.As(err, &httpError) && httpError.Code == http.StatusMethodNotAllowed:
		problem = errMethod
	case errors.As(err, &httpError) && httpError.Code < http.StatusInternalServerError:
		problem = respond.ErrNoPage
	default:
		p.Log.Error("request failed, responding with an internal error", "route", c.Path(), "error", err)
		problem = errInternal
	}
	if problem == respond.ErrNoPage && respond.WantsPage(c.Request()) && p.pages.SendMissing(c) == nil {
		return
	}
	problem.Send(c.Response(), c.Request())
}
