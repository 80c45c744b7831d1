package handlers

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"waitboard/domain"
	"waitboard/handlers/pages"
	"waitboard/handlers/respond"
	"waitboard/locale"
	"waitboard/publish"
)

// roles are what this program does in place of tests when a benchmark starts it, by the value of roleVariable.
var roles = map[string]func() error{}

const roleVariable = "WAITBOARD_BENCHMARK_ROLE"

func TestMain(m *testing.M) {
	role := roles[os.Getenv(roleVariable)]
	if role == nil {
		goleak.VerifyTestMain(m)
	}
	if err := role(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A fixture is a public handler of four widgets. Any site may read support and empty. Only some sites may read partner.
// Secret is unlisted.
type fixture struct {
	http.Handler
	publisher *publish.Publisher
	clock     *handClock // of the publisher
	events    *Events
	ready     bool
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

func newFixture(t testing.TB) *fixture {
	metric := func(id string) domain.WidgetMetric {
		return domain.WidgetMetric{ID: id, Label: "Calls in queue", Ref: domain.Ref{Source: "hq", Metric: id}}
	}
	widget := func(id string) domain.Widget {
		return domain.Widget{ID: id, Title: "<b>" + id + "</b>", Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute,
			RefreshAfter: 10 * time.Second, Metrics: []domain.WidgetMetric{metric(id)}}
	}
	f := &fixture{clock: new(handClock)}
	f.clock.ns.Store(noon.UnixNano())
	f.publisher = publish.New(publish.Options{Widgets: []domain.Widget{widget("support"), widget("partner"), widget("empty"), widget("secret")}, Now: f.clock.now})
	t.Cleanup(f.publisher.Close)
	for _, id := range []string{"support", "partner"} {
		f.observe(id, 3)
	}
	metrics := prometheus.NewRegistry()
	f.events = NewEvents(EventOptions{Publisher: f.publisher, Metrics: metrics, Now: time.Now, Pace: still})
	t.Cleanup(f.events.Close)
	f.Handler = New(Options{
		Publisher: f.publisher, PublicURL: "https://wait.example.com/base", Metrics: metrics, Events: f.events, EventLimits: EventLimits{Total: 10}, Log: slog.New(slog.DiscardHandler),
		Widgets: []pages.Offered{
			{ID: "support", Origins: []string{"*"}, Metrics: []pages.OfferedMetric{{ID: "support", Label: "Calls in queue"}}}, {ID: "partner", Origins: []string{"https://www.example.com", "https://*.example.net"}},
			{ID: "empty"}, {ID: "secret", Unlisted: true},
		},
		Ready: func() bool { return f.ready }, Now: f.clock.now,
	})
	return f
}

// do sends a request; headers come in pairs.
func (f *fixture) do(method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	result := w.Result()
	if length := w.Body.Len(); length > 0 && length <= respond.AutoLength { // a server sets it, a recorder doesn't
		result.Header.Set("Content-Length", strconv.Itoa(length))
	}
	return result
}

// observe writes a number to the readings store, a millisecond after the last.
func (f *fixture) observe(metric string, number float64) {
	f.clock.advance(time.Millisecond)
	now := f.clock.now()
	f.publisher.Readings().Apply("hq", map[string]domain.Observation{metric: {Confirmed: now, Kind: domain.Count,
		Samples: map[string]domain.Sample{"": {Reading: domain.CountOf(number), Confirmed: now}}}})
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

var (
	testProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8:5::/48")}
	quiet       = slog.New(slog.DiscardHandler)
)

// handClock is a clock that the test sets.
type handClock struct{ ns atomic.Int64 }

func (c *handClock) now() time.Time { return time.Unix(0, c.ns.Load()) }

func (c *handClock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// Paths that several tests use.
const (
	widgetsPath = "/v1/widgets"
	eventsPath  = "/v1/events"
	eventsOfOne = "/v1/widgets/:id/events"
	openAPIPath = "/v1/openapi.json"
	schemaPath  = "/v1/snapshot.schema.json"
	oembedPath  = "/oembed"
)
