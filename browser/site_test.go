package browser

import (
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
	"waitboard/embeds"
	"waitboard/handlers"
	"waitboard/handlers/pages"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/sse"
)

// A site is the service with some widgets, and pages of another site that show them. In the pages and their headers {api} is the address of
// the service, which has a path, {origin} its origin, and {srcdoc} the page /srcdoc for an attribute.
type site struct {
	testing.TB
	publisher *publish.Publisher
	api       string // address of the service
	url       string // address of the pages
	public    string // public_url of the service
	pages     map[string]hostPage
	mu        sync.Mutex
	asked     []string // requests to the service, without its path
	fault     func(w http.ResponseWriter, r *http.Request) bool
	clock     time.Time // see now

	offered []pages.Offered
	service http.Handler
	events  *handlers.Events
	metrics *prometheus.Registry
	embeds  *embeds.Tracker // nil: none; in force after offer
}

// A hostPage is a page of another site. Headers come in pairs.
type hostPage struct {
	html    string
	headers []string
}

// mount is the path of the service, and public its usual public_url.
const (
	mount  = "/base"
	public = "https://wait.example.com" + mount
)

// newSite starts the service and the pages. Widgets without a locale are in English.
func newSite(t testing.TB, widgets ...domain.Widget) *site {
	t.Helper()
	s := &site{TB: t, public: public, pages: map[string]hostPage{}, clock: time.Now()}
	for i := range widgets {
		w := &widgets[i]
		if w.Locale == nil {
			w.Locale = locale.English()
		}
		if w.RefreshAfter == 0 {
			w.StaleAfter, w.HideAfter, w.RefreshAfter = 10*time.Minute, time.Hour, 10*time.Second
		}
		offered := pages.Offered{ID: w.ID}
		for _, m := range w.Metrics {
			offered.Metrics = append(offered.Metrics, pages.OfferedMetric{ID: m.ID, Label: m.Label})
		}
		s.offered = append(s.offered, offered)
	}
	s.publisher = publish.New(publish.Options{Widgets: widgets, Now: s.now})
	t.Cleanup(s.publisher.Close)
	pace := handlers.DefaultPace
	pace.RetrySpread = time.Second
	s.metrics = prometheus.NewRegistry()
	s.events = handlers.NewEvents(handlers.EventOptions{Publisher: s.publisher, Metrics: s.metrics, Now: time.Now, Pace: pace})
	s.offer()
	service := httptest.NewUnstartedServer(http.StripPrefix(mount, http.HandlerFunc(s.serve)))
	sse.Prepare(service.Config)
	service.Start()
	t.Cleanup(func() {
		s.events.Close()
		service.Close()
	})
	hosts := httptest.NewServer(http.HandlerFunc(s.serveHost))
	t.Cleanup(hosts.Close)
	s.api, s.url = service.URL+mount, strings.Replace(hosts.URL, "127.0.0.1", "localhost", 1)
	return s
}

// offer replaces the service's handler after a change of its widgets.
func (s *site) offer() {
	service := handlers.New(handlers.Options{
		Publisher: s.publisher, Widgets: s.offered, PublicURL: s.public, Metrics: s.metrics, Log: slog.New(slog.DiscardHandler),
		Events: s.events, EventLimits: handlers.EventLimits{Total: 10}, Ready: func() bool { return true }, Now: time.Now, Embeds: s.embeds,
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.service = service
}

// restrict restricts all widgets to origins.
func (s *site) restrict(origins ...string) {
	for i := range s.offered {
		s.offered[i].Origins = origins
	}
	s.offer()
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
	fault, service := s.fault, s.service
	w.Header().Set("Date", s.clock.UTC().Format(http.TimeFormat))
	s.mu.Unlock()
	if fault == nil || !fault(w, r) {
		service.ServeHTTP(w, r)
	}
}

// breakBy sets a fault in front of the service. It returns true if it has responded. nil removes it.
func (s *site) breakBy(fault func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// requests returns the requests to the service so far whose path contains part.
func (s *site) requests(part string) (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.asked {
		if strings.Contains(r, part) {
			found = append(found, r)
		}
	}
	return found
}

func (s *site) serveHost(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	p, ok := s.pages[r.URL.Path]
	framed := s.pages["/srcdoc"].html
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	fill := strings.NewReplacer("{api}", s.api, "{origin}", strings.TrimSuffix(s.api, mount))
	body := fill.Replace(p.html)
	body = strings.ReplaceAll(body, "{srcdoc}", template.HTMLEscapeString(fill.Replace(framed)))
	for i := 0; i < len(p.headers); i += 2 {
		w.Header().Set(p.headers[i], fill.Replace(p.headers[i+1]))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(body))
}

// page adds a page and returns its address. Headers come in pairs.
func (s *site) page(path, body string, headers ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.Contains(body, "<body") {
		body = "<body>" + body + "</body>"
	}
	s.pages[path] = hostPage{`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">` + body + "</html>", headers}
	return s.url + path
}

// metric returns a metric with an ID of the source "hq".
func metric(id, label string) domain.WidgetMetric {
	return domain.WidgetMetric{ID: id, Label: label, Ref: domain.Ref{Source: "hq", Metric: id}}
}

// widget returns a widget with these metrics.
func widget(id string, metrics ...domain.WidgetMetric) domain.Widget {
	return domain.Widget{ID: id, Title: "Customer support", Metrics: metrics}
}

// observe applies a metric's reading, as of now or earlier.
func (s *site) observe(metric string, r domain.Reading, ago time.Duration) {
	confirmed := s.now().Add(-ago)
	kind := r.Kind
	if kind == domain.None { // a duration metric without a value
		kind = domain.Duration
	}
	s.publisher.Readings().Apply("hq", map[string]domain.Observation{metric: {Confirmed: confirmed, Complete: confirmed, Kind: kind,
		Samples: map[string]domain.Sample{"": {Reading: r, Confirmed: confirmed}}}})
}

// usual returns a site with the widgets support and sales, which show a running wait of 4 min and a number of calls.
func usual(t testing.TB) *site { return usualAnd(t) }

// usualAnd returns usual with more widgets.
func usualAnd(t testing.TB, more ...domain.Widget) *site {
	s := newSite(t, append(more, widget("support", metric("wait", "Current wait time"), metric("calls", "Calls in queue")), widget("sales", metric("calls", "Calls in queue")))...)
	s.observe("wait", domain.Line(3*time.Minute+time.Second, 0.125, s.now()), 0)
	s.observe("calls", domain.CountOf(3), 0)
	return s
}

// script is the tag of the element's script.
const script = `<script async src="{api}/v1/widget.js"></script>`
