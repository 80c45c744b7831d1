package handlers

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"waitboard/handlers/pages"
)

// counted returns the public handler of two widgets, and what it counts.
func counted(t *testing.T) (http.Handler, *prometheus.Registry, func() http.Handler) {
	f := newFixture(t)
	metrics := prometheus.NewRegistry()
	renew := func() http.Handler {
		return New(Options{Publisher: f.publisher, Widgets: []pages.Offered{{ID: "support"}, {ID: "partner"}}, PublicURL: "https://wait.example.com", Metrics: metrics,
			Events: f.events, EventLimits: EventLimits{Total: 10}, Log: quiet, Ready: func() bool { return true }, Now: f.clock.now})
	}
	return renew(), metrics, renew
}

func TestWidgetRequestsAreCounted(t *testing.T) {
	handler, metrics, renew := counted(t)
	for _, test := range []struct {
		path             string
		support, partner int
	}{
		{"/v1/widgets/support", 1, 0}, {"/v1/widgets/support/text", 1, 0}, {"/v1/widgets/support/shields.json", 1, 0}, {"/v1/widgets/support/badge.svg", 1, 0},
		{"/v1/widgets/support/badge.png", 1, 0}, {"/v1/widgets/support/snippet", 1, 0}, {"/embed/support", 1, 0}, {"/w/partner", 0, 1}, {"/preview/support.png", 1, 0},
		{"/v1/widgets?id=support&id=partner&id=nosuch", 1, 1}, {"/v1/widgets?id=support,support", 1, 0}, {"/v1/widgets", 0, 0}, {"/v1/widgets/nosuch", 0, 0}, {"/embed/nosuch", 0, 0},
		{"/", 0, 0}, {"/healthz", 0, 0},
	} {
		t.Run(test.path, func(t *testing.T) {
			before := requestsOf(t, metrics)
			serveOnce(handler, http.MethodGet, test.path)
			after := requestsOf(t, metrics)
			if after["support"]-before["support"] != test.support || after["partner"]-before["partner"] != test.partner || len(after) != 2 {
				t.Errorf("before %v, after %v", before, after)
			}
		})
	}
	before := requestsOf(t, metrics)
	handler = renew() // as after a reload
	serveOnce(handler, http.MethodHead, "/v1/widgets/support/events")
	serveOnce(handler, http.MethodHead, "/v1/events?id=partner&id=nosuch")
	if after := requestsOf(t, metrics); after["support"] != before["support"]+1 || after["partner"] != before["partner"]+1 {
		t.Errorf("streams, after a reload: before %v, after %v", before, after)
	}
}

// Every route but the event streams has a duration.
func TestRequestsAreTimed(t *testing.T) {
	handler, metrics, _ := counted(t)
	serveOnce(handler, http.MethodHead, "/v1/widgets/support/events")
	serveOnce(handler, http.MethodGet, "/v1/widgets/support")
	serveOnce(handler, http.MethodGet, "/nosuch")
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]uint64{}
	for _, family := range families {
		if family.GetName() == "waitboard_http_request_duration_seconds" {
			for _, m := range family.Metric {
				counts[m.Label[0].GetValue()] = m.Histogram.GetSampleCount()
			}
		}
	}
	if _, streams := counts[eventsOfOne]; counts["/v1/widgets/:id"] != 1 || counts["none"] != 1 || streams || len(counts) < 20 {
		t.Errorf("%v", counts)
	}
	if problems, err := testutil.GatherAndLint(metrics); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

func requestsOf(t *testing.T, metrics *prometheus.Registry) map[string]int {
	t.Helper()
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, family := range families {
		if family.GetName() == "waitboard_widget_requests_total" {
			for _, m := range family.Metric {
				counts[m.Label[0].GetValue()] = int(m.Counter.GetValue())
			}
		}
	}
	return counts
}

func serveOnce(handler http.Handler, method, path string) {
	r := httptest.NewRequest(method, path, nil)
	handler.ServeHTTP(&discard{header: http.Header{}}, r)
}
