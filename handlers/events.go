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

	"waitboard/publish"
	"waitboard/sse"
)

const (
	eventsPath  = "/v1/events"
	eventsOfOne = widgetsPath + "/:id/events"
)

// EventLimits are how many streams of events there may be.
type EventLimits struct {
	Total      int // 0: there are none at all
	PerAddress int // of one IPv4 address, or one /64 of IPv6; 0: as many as there may be in all
	PerWidget  int // 0 likewise

	SparePrivate bool // as in RateLimit
}

// EventOptions make [Events]. All but Random are required.
type EventOptions struct {
	Publisher *publish.Publisher
	Metrics   prometheus.Registerer
	Now       func() time.Time
	Random    func() float64 // at least 0, and less than 1; nil: math/rand
	Pace      sse.Pace       // usually DefaultPace
}

// DefaultPace keeps heartbeats under the half minute after which proxies like to end what is silent.
var DefaultPace = sse.Pace{Heartbeat: 28 * time.Second, Patience: 20 * time.Second, Life: time.Hour, Return: 10 * time.Second}

// Events are the streams of a service. They go on while handlers take each other's place: only those of widgets that have gone, or that may
// be read by others now, end by that.
type Events struct {
	board *publish.Publisher
	hub   *sse.Hub

	mu      sync.Mutex
	origins map[string][]string // of the widgets, by the handler that was made last
}

// NewEvents watches a board. It must be closed.
func NewEvents(o EventOptions) *Events {
	e := &Events{board: o.Publisher}
	e.hub = sse.New(sse.Options{Latest: e.latest, Heartbeat: e.heartbeat, Pace: o.Pace, Now: o.Now, Random: o.Random, Metrics: o.Metrics})
	o.Publisher.Watch(e.hub.Changed)
	return e
}

// EndAll ends all streams, and asks their readers to come back at various times.
func (e *Events) EndAll() { e.hub.EndAll() }

// Close does the same, and lets nobody come back.
func (e *Events) Close() { e.hub.Close() }

// latest is a widget's snapshot as an event. Its id is a name of what is shown: the age is not part of it, and is told by heartbeats.
func (e *Events) latest(id string) (change string, event []byte, ok bool) {
	page, ok := e.board.Page(id)
	if !ok {
		return "", nil, false
	}
	return page.Change, page.Event(), true
}

func (e *Events) heartbeat(id string, now time.Time) []byte {
	page, ok := e.board.Page(id)
	if !ok {
		return nil // its streams are about to end
	}
	return page.Heartbeat(now)
}

// offer takes over what another handler offers.
func (e *Events) offer(widgets map[string]Widget, limits EventLimits) {
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

// current tells whether a handler knows by whom some widgets may be read now.
func (e *Events) current(ids []string, widgets map[string]Widget) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !slices.ContainsFunc(ids, func(id string) bool { return !slices.Equal(e.origins[id], widgets[id].Origins) })
}

// getEventsOfOne streams the snapshots of a widget.
func (p *public) getEventsOfOne(c echo.Context) error {
	id := c.Param("id")
	if _, ok := p.board.Page(id); !ok {
		return errNoWidget
	}
	return p.sendEvents(c, []string{id})
}

// getEvents streams the snapshots of several widgets. What does not exist, or may not be read by the origin that asks, is left out; an
// error if nothing is left, since such a stream would tell nothing ever.
func (p *public) getEvents(c echo.Context) error {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return errQuery
	}
	ids := query["id"]
	switch {
	case len(ids) == 0:
		return errNoIDs
	case len(ids) > maxIDs:
		return errManyIDs
	}
	there := p.readable(ids, c.Request())
	if len(there) == 0 {
		return errNoWidget
	}
	return p.sendEvents(c, there)
}

func (p *public) sendEvents(c echo.Context, ids []string) error {
	if p.events == nil {
		return errNoPage
	}
	r, w := c.Request(), c.Response()
	h := w.Header()
	h["Content-Type"] = eventsType
	h["Cache-Control"] = noStore
	h["X-Accel-Buffering"] = unbuffered // for nginx, which would wait until there is more to pass on
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	err := p.events.hub.Serve(w, r, sse.Request{
		Topics: ids, Client: p.counts(r), Known: r.Header.Get("Last-Event-ID"),
		Holds: func() bool { return p.events.current(ids, p.widgets) },
	})
	if err == nil {
		w.Status, w.Committed = http.StatusOK, true // if the connection was taken over, nobody else has noted it
		return nil
	}
	delete(h, "X-Accel-Buffering")
	h["Retry-After"] = retryAfter()
	switch {
	case errors.Is(err, sse.ErrClosed):
		return errStarting
	case errors.Is(err, sse.ErrClientFull):
		return errOwnStreams
	}
	return errStreams
}

// counts is the client that a stream counts for: all of an IPv6 network are one; the zero Addr for one who may have any number.
func (p *public) counts(r *http.Request) netip.Addr {
	client := p.clients.of(r)
	if p.spare && isPrivate(client) {
		return netip.Addr{}
	}
	if client.Is6() {
		client = netip.PrefixFrom(client, subscriberBits).Masked().Addr()
	}
	return client
}

// retryAfter asks those who were refused to come back at various times, in seconds.
func retryAfter() []string { return []string{strconv.Itoa(10 + rand.IntN(20))} }
