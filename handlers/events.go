package handlers

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/handlers/pages"
	"waitboard/handlers/respond"
	"waitboard/publish"
	"waitboard/sse"
)

var (
	errNoIDs      = respond.NewProblem(http.StatusBadRequest, "no_ids", "Name the widgets by ?id=, once for each.")
	errStreams    = respond.NewProblem(http.StatusServiceUnavailable, "streams_full", "The event stream limit is reached. Poll the snapshot, or retry after Retry-After seconds.")
	errOwnStreams = respond.NewProblem(http.StatusTooManyRequests, "too_many_streams", "This address has reached its event stream limit. Close a stream, or read several widgets over one by /v1/events.")
)

var (
	eventsType = []string{"text/event-stream"}
	unbuffered = []string{"no"}
	// untransformed keeps proxies from compressing a stream, which would delay its events (RFC 9111, section 5.2.2.6).
	untransformed = []string{"no-store, no-transform"}
	closing       = []string{"close"}
)

// EventLimits bound the number of event streams.
type EventLimits struct {
	Total      int // 0: no streams
	PerAddress int // of an IPv4 address, or a /64 of IPv6; 0: Total
	PerWidget  int // 0: Total

	SparePrivate bool // as in RateLimit
}

// EventOptions make [Events]. All but Random are required.
type EventOptions struct {
	Publisher *publish.Publisher
	Metrics   prometheus.Registerer
	Now       func() time.Time
	Random    func() float64 // in [0, 1); nil: math/rand
	Pace      sse.Pace       // usually DefaultPace
}

// DefaultPace sends heartbeats often enough for proxies that close a silent connection after 30 seconds.
var DefaultPace = sse.Pace{Heartbeat: 28 * time.Second, WriteTimeout: 20 * time.Second, MaxAge: time.Hour, RetrySpread: 10 * time.Second}

// Events are the event streams of a service. They outlive a handler: replacing it ends only the streams of widgets that
// are gone or have other origins.
type Events struct {
	publisher *publish.Publisher
	hub       *sse.Hub

	mu      sync.Mutex
	origins map[string][]string // by widget, of the latest handler; guarded by mu
}

// NewEvents watches a publisher. The caller must call Close.
func NewEvents(o EventOptions) *Events {
	e := &Events{publisher: o.Publisher}
	e.hub = sse.New(sse.Options{Latest: e.latest, Heartbeat: e.heartbeat, Pace: o.Pace, Now: o.Now, Random: o.Random, Metrics: o.Metrics})
	o.Publisher.Watch(e.hub.Changed)
	return e
}

// Open returns how many streams are open.
func (e *Events) Open() int { return e.hub.Open() }

// EndAll ends all streams. Clients reconnect at different times.
func (e *Events) EndAll() { e.hub.EndAll() }

// Close ends all streams, and rejects new ones.
func (e *Events) Close() { e.hub.Close() }

// latest returns a widget's snapshot as an event. The change identifies what it shows, without the age, which heartbeats
// carry.
func (e *Events) latest(id string) (change string, event []byte, ok bool) {
	page, ok := e.publisher.Page(id)
	if !ok {
		return "", nil, false
	}
	return page.Change, page.Event(), true
}

func (e *Events) heartbeat(id string, now time.Time) []byte {
	page, ok := e.publisher.Page(id)
	if !ok {
		return nil // the hub is ending its streams
	}
	return page.Heartbeat(now)
}

// offer applies the widgets and limits of a new handler.
func (e *Events) offer(widgets map[string]pages.Offered, limits EventLimits) {
	e.hub.SetLimits(sse.Limits{Total: limits.Total, PerClient: limits.PerAddress, PerTopic: limits.PerWidget})
	e.mu.Lock()
	before := e.origins
	e.origins = map[string][]string{}
	for id, w := range widgets {
		e.origins[id] = w.Origins
	}
	e.mu.Unlock()
	for id, origins := range before {
		if w, ok := widgets[id]; ok && !slices.Equal(origins, w.Origins) {
			e.hub.End(id)
		}
	}
	if limits.Total == 0 {
		e.hub.EndAll()
	}
}

// current reports whether a handler has the current origins of some widgets.
func (e *Events) current(ids []string, widgets map[string]pages.Offered) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !slices.ContainsFunc(ids, func(id string) bool { return !slices.Equal(e.origins[id], widgets[id].Origins) })
}

// getEventsOfOne streams the snapshots of a widget.
func (p *public) getEventsOfOne(c echo.Context) error {
	page, err := p.page(c)
	if err != nil {
		return err
	}
	return p.sendEvents(c, []string{page.Snapshot.ID})
}

// getEvents streams the snapshots of several widgets. It leaves out widgets that don't exist or that the request's origin
// may not read, and fails if none is left.
func (p *public) getEvents(c echo.Context) error {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return respond.ErrQuery
	}
	ids, _ := namedIDs(query)
	switch {
	case len(ids) == 0:
		return errNoIDs
	case len(ids) > maxIDs:
		return errManyIDs
	}
	found, missing := p.readable(ids, c.Request())
	p.countSeveral(c.Request(), found, missing)
	if len(found) == 0 {
		return respond.ErrNoWidget
	}
	for _, id := range found {
		p.asked(id)
	}
	return p.sendEvents(c, found)
}

func (p *public) sendEvents(c echo.Context, ids []string) error {
	if p.Events == nil || p.EventLimits.Total == 0 {
		return respond.ErrNoPage
	}
	r, w := c.Request(), c.Response()
	h := w.Header()
	h["Content-Type"] = eventsType
	h["Cache-Control"] = untransformed
	h["X-Accel-Buffering"] = unbuffered // makes nginx forward each event at once
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	last := r.Header.Get("Last-Event-ID")
	if last != "" && p.CatchUp != nil { // the client may come from another replica
		p.catchUp(r, ids)
	}
	err := p.Events.hub.Serve(w, r, sse.Request{
		Topics: ids, Client: p.streamClient(r), LastID: last,
		Allowed: func() bool { return p.Events.current(ids, p.widgets) },
	})
	if err == nil {
		w.Status, w.Committed = http.StatusOK, true // not set yet if the hub took over the connection
		return nil
	}
	delete(h, "X-Accel-Buffering")
	h["Retry-After"] = retryAfter()
	h["Connection"] = closing // a client without a stream must not hold a file descriptor; net/http drops it over HTTP/2
	switch {
	case errors.Is(err, sse.ErrClosed):
		return errNotReady
	case errors.Is(err, sse.ErrClientFull):
		return errOwnStreams
	}
	return errStreams
}

// streamClient returns the client that a stream counts for: an IPv4 address, or the network of an IPv6 address. It returns
// the zero Addr for an exempt client.
func (p *public) streamClient(r *http.Request) netip.Addr {
	client := p.clients.address(r)
	if p.EventLimits.SparePrivate && isPrivate(client) {
		return netip.Addr{}
	}
	if client.Is6() {
		client = netip.PrefixFrom(client, subscriberBits).Masked().Addr()
	}
	return client
}

// retryAfter returns 10 to 29 seconds, so that rejected clients don't return together.
func retryAfter() []string { return []string{strconv.Itoa(10 + rand.IntN(20))} }
