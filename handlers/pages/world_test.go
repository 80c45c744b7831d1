package pages_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"waitboard/domain"
	"waitboard/handlers"
	"waitboard/handlers/pages"
	"waitboard/locale"
	"waitboard/publish"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A fixture is the public handler of some widgets.
type fixture struct {
	http.Handler
	publisher *publish.Publisher
	time      atomic.Int64 // nanoseconds since 1970; the publisher's clock
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// serve returns the public handler of a publisher, as changed.
func serve(t testing.TB, widgets []domain.Widget, offered []pages.Offered, change func(*handlers.Options)) *fixture {
	f := new(fixture)
	f.time.Store(noon.UnixNano())
	f.publisher = publish.New(publish.Options{Widgets: widgets, Now: f.now})
	t.Cleanup(f.publisher.Close)
	o := handlers.Options{
		Publisher: f.publisher, Widgets: offered, PublicURL: "https://wait.example.com", Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
		Ready: func() bool { return true }, Now: f.now,
	}
	if change != nil {
		change(&o)
	}
	f.Handler = handlers.New(o)
	return f
}

func (f *fixture) now() time.Time { return time.Unix(0, f.time.Load()) }

// newFixture serves four widgets below a path. Any site may read support and empty. Only some sites may read partner.
// Secret is unlisted.
func newFixture(t testing.TB) *fixture {
	var widgets []domain.Widget
	for _, id := range []string{"support", "partner", "empty", "secret"} {
		widgets = append(widgets, domain.Widget{ID: id, Title: "<b>" + id + "</b>", Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute,
			RefreshAfter: 10 * time.Second, Metrics: []domain.WidgetMetric{{ID: id, Label: "Calls in queue", Ref: domain.Ref{Source: "hq", Metric: id}}}})
	}
	f := serve(t, widgets, []pages.Offered{
		{ID: "support", Origins: []string{"*"}, Metrics: []pages.OfferedMetric{{ID: "support", Label: "Calls in queue"}}},
		{ID: "partner", Origins: []string{"https://www.example.com", "https://*.example.net"}},
		{ID: "empty"}, {ID: "secret", Unlisted: true},
	}, func(o *handlers.Options) { o.PublicURL += "/base" })
	f.observe("support", 3)
	f.observe("partner", 3)
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
	return w.Result()
}

// observe writes a number to the readings store, a millisecond after the last.
func (f *fixture) observe(metric string, number float64) {
	f.time.Add(int64(time.Millisecond))
	f.read(metric, domain.Count, domain.CountOf(number), f.now())
}

// read writes a reading to the readings store.
func (f *fixture) read(metric string, kind domain.Kind, reading domain.Reading, confirmed time.Time) {
	f.publisher.Readings().Apply("hq", map[string]domain.Observation{metric: {Confirmed: confirmed, Kind: kind,
		Samples: map[string]domain.Sample{"": {Reading: reading, Confirmed: confirmed}}}})
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// newStates serves a widget in each state and with each type of metric, at noon of a Monday.
func newStates(t *testing.T) *fixture {
	const minute = 60_000. // milliseconds
	metric := func(id string) domain.WidgetMetric {
		return domain.WidgetMetric{ID: id, Label: id, Ref: domain.Ref{Source: "hq", Metric: id}}
	}
	bad, span, many := metric("wait"), metric("wait"), metric("calls")
	bad.ID, span.ID, many.ID = "bad", "span", "many"
	bad.Levels = domain.Levels{Kind: domain.Duration, Moderate: minute, High: 5 * minute}
	bad.Link = domain.Link{When: domain.High, Label: "Request a callback", URL: "https://www.example.com/callback"}
	span.Display = domain.Display{Kind: domain.Duration, Buckets: []float64{5 * minute, 10 * minute}}
	many.Display = domain.Display{Kind: domain.Count, Above: 3}
	var widgets []domain.Widget
	var offered []pages.Offered
	add := func(id string, hours *domain.Hours, metrics ...domain.WidgetMetric) {
		widgets = append(widgets, domain.Widget{ID: id, Title: id, Locale: locale.English(), StaleAfter: time.Minute, HideAfter: 5 * time.Minute, RefreshAfter: 10 * time.Second, Hours: hours, Metrics: metrics})
		offered = append(offered, pages.Offered{ID: id})
	}
	add("kinds", nil, metric("wait"), metric("calls"), metric("busy"), metric("notice"), metric("none"), metric("unknown"))
	add("ranges", nil, span, many)
	add("link", nil, bad)
	add("stale", nil, metric("old"))
	add("closed", &domain.Hours{Zone: time.UTC, Weekly: [7][]domain.Span{time.Tuesday: {{From: 8 * 60, To: 11 * 60}}}}, metric("wait"))
	add("initializing", nil, metric("unknown"))
	add("unavailable", nil, metric("older"))
	add("notice", nil, metric("calls"))
	f := serve(t, widgets, offered, nil)
	f.publisher.SetNotice("notice", domain.Notice{Text: "Phones are down, use chat"})
	f.read("wait", domain.Duration, domain.Line(7*time.Minute, 1, noon), noon)
	f.read("calls", domain.Count, domain.CountOf(3), noon)
	f.read("busy", domain.Boolean, domain.BooleanOf(true), noon)
	f.read("notice", domain.Text, domain.TextOf("Calls may be recorded"), noon)
	f.read("none", domain.Duration, domain.Reading{}, noon)
	f.read("old", domain.Duration, domain.Line(time.Minute, 0, noon), noon.Add(-2*time.Minute))
	f.read("older", domain.Count, domain.CountOf(1), noon.Add(-time.Hour))
	return f
}
