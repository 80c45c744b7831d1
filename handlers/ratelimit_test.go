package handlers

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"waitboard/handlers/pages"
	"waitboard/publish"
)

// limited is a public handler with a rate limit, on a clock that the test sets.
type limited struct {
	http.Handler
	clock   *handClock
	metrics *prometheus.Registry
	log     bytes.Buffer
}

func newLimited(t testing.TB, limit RateLimit) *limited {
	l := &limited{clock: new(handClock), metrics: prometheus.NewRegistry()}
	l.Handler = New(Options{
		Publisher: newFixture(t).publisher, PublicURL: "https://wait.example.com", Metrics: l.metrics, Log: slog.New(slog.NewTextHandler(&l.log, nil)),
		Widgets: []pages.Offered{{ID: "support"}, {ID: "partner", Origins: []string{"https://www.example.com"}}}, Ready: func() bool { return true },
		RateLimit: limit, TrustedProxies: testProxies, Now: l.clock.now,
	})
	return l
}

// do makes a request; headers come in pairs.
func (l *limited) do(peer, method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = peer
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	return w.Result()
}

const visitor, widget = "203.0.113.9:1", "/v1/widgets/support"

func TestLimitHeaders(t *testing.T) {
	l := newLimited(t, RateLimit{Requests: 4, Per: time.Minute})
	etag := l.do("203.0.113.10:1", "GET", widget).Header.Get("Etag")
	steps := []struct {
		after           time.Duration
		method, path    string
		header          []string
		status          int
		rate, retryWait string
	}{
		{0, "GET", widget, nil, 200, `"default";r=3;t=45`, ""},
		{0, "GET", widget, []string{"If-None-Match", etag}, 304, `"default";r=2;t=30`, ""},
		{0, "HEAD", "/nosuch", nil, 404, `"default";r=1;t=15`, ""},
		{0, "POST", "/v1/widgets", nil, 405, `"default";r=0;t=15`, ""},
		{0, "GET", widget, nil, 429, `"default";r=0;t=15`, "15"},
		{1500 * time.Millisecond, "POST", widget, nil, 429, `"default";r=0;t=14`, "14"}, // rounded up
		{13400 * time.Millisecond, "HEAD", "/", nil, 429, `"default";r=0;t=1`, "1"},
		{100 * time.Millisecond, "GET", "/", nil, 200, `"default";r=0;t=15`, ""},
		{time.Hour, "GET", widget, nil, 200, `"default";r=3;t=45`, ""},
	}
	for i, step := range steps {
		l.clock.advance(step.after)
		resp := l.do(visitor, step.method, step.path, step.header...)
		h := resp.Header
		if resp.StatusCode != step.status || h.Get("RateLimit") != step.rate || h.Get("Retry-After") != step.retryWait || h.Get("RateLimit-Policy") != `"default";q=4;w=60` {
			t.Errorf("step %d: %d %v", i, resp.StatusCode, h)
		}
	}
	if want, body := "waitboard_rate_limited_total 3\n", l.exposition(t); !strings.Contains(body, want) {
		t.Errorf("no %s in\n%s", want, body)
	}
}

func TestRejectionHeaders(t *testing.T) {
	l := newLimited(t, RateLimit{Requests: 1, Per: time.Minute})
	l.do(visitor, "GET", "/")
	for path, origin := range map[string]string{widget: "*", "/v1/widgets/partner": "https://www.example.com", "/nosuch": "*"} {
		resp := l.do(visitor, "GET", path, "Origin", "https://www.example.com")
		h := resp.Header
		if body := text(t, resp); resp.StatusCode != 429 || !strings.Contains(body, `"code":"rate_limited"`) || h.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
		if h.Get("Access-Control-Allow-Origin") != origin || !strings.Contains(strings.ToLower(h.Get("Access-Control-Expose-Headers")), "retry-after, ratelimit, ratelimit-policy") ||
			h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
	}
	want := `waitboard_http_requests_total{code="429",route="any"} 3`
	if body := l.exposition(t); !strings.Contains(body, want) {
		t.Errorf("no %s in\n%s", want, body)
	}
}

func TestWhoIsLimited(t *testing.T) {
	spare, all := RateLimit{Requests: 1, Per: time.Minute, SparePrivate: true}, RateLimit{Requests: 1, Per: time.Minute}
	tests := []struct {
		name         string
		limit        RateLimit
		peer, method string
		path         string
		forwarded    string
		limited      bool
	}{
		{"a visitor", spare, visitor, "GET", widget, "", true},
		{"a visitor, IPv6", spare, "[2001:db8::1]:1", "GET", widget, "", true},
		{"asset", all, visitor, "GET", "/assets/embed.css", "", false},
		{"script", all, visitor, "GET", "/v1/widget.js", "", false},
		{"pinned script", all, visitor, "GET", "/v1/widget.0123456789abcdef.js", "", false},
		{"badge", all, visitor, "GET", widget + "/badge.svg", "", false},
		{"image", all, visitor, "HEAD", widget + "/badge.png", "", false},
		{"page in a frame", all, visitor, "GET", "/embed/support", "", false},
		{"page to share", all, visitor, "GET", "/w/support", "", false},
		{"icon", all, visitor, "GET", "/favicon.ico", "", false},
		{"gallery", all, visitor, "GET", "/", "", true},
		{"list", all, visitor, "GET", "/v1/widgets", "", true},
		{"text", all, visitor, "GET", widget + "/text", "", true},
		{"loopback", spare, "127.0.0.1:1", "GET", widget, "", false},
		{"loopback, mapped", spare, "[::ffff:127.0.0.1]:1", "GET", widget, "", false},
		{"loopback, IPv6", spare, "[::1]:1", "GET", widget, "", false},
		{"private", spare, "172.16.0.1:1", "GET", widget, "", false},
		{"private, IPv6", spare, "[fd00::1]:1", "GET", widget, "", false},
		{"link-local", spare, "[fe80::1%eth0]:1", "GET", widget, "", false},
		{"loopback, with an explicit limit", all, "127.0.0.1:1", "GET", widget, "", true},
		{"private, with an explicit limit", all, "172.16.0.1:1", "GET", widget, "", true},
		{"a visitor behind a trusted proxy", spare, "10.0.0.1:1", "GET", widget, "203.0.113.9", true},
		{"a visitor with a forged private address", spare, visitor, "GET", widget, "127.0.0.1", true},
		{"the same behind a trusted proxy", spare, "10.0.0.1:1", "GET", widget, "127.0.0.1, 203.0.113.9", true},
		{"behind a private proxy that is not trusted", spare, "172.16.0.1:1", "GET", widget, "203.0.113.9", false},
		{"health", all, visitor, "GET", "/healthz", "", false},
		{"health, wrong method", all, visitor, "POST", "/healthz", "", false},
		{"readiness", all, visitor, "HEAD", "/readyz", "", false},
		{"preflight", all, visitor, "OPTIONS", widget, "", false},
		{"no limit", RateLimit{Per: time.Minute}, visitor, "GET", widget, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := newLimited(t, test.limit)
			var headers []string
			if test.forwarded != "" {
				headers = []string{"X-Forwarded-For", test.forwarded}
			}
			first, second := l.do(test.peer, test.method, test.path, headers...), l.do(test.peer, test.method, test.path, headers...)
			if first.StatusCode == 429 || (second.StatusCode == 429) != test.limited || (second.Header["Ratelimit"] != nil) != test.limited {
				t.Errorf("%d, then %d %v", first.StatusCode, second.StatusCode, second.Header)
			}
		})
	}
}

// A forged X-Forwarded-For doesn't change which client a request counts for.
func TestForgedForwardedFor(t *testing.T) {
	for name, peer := range map[string]string{"without a proxy": visitor, "behind a proxy": "10.0.0.1:1"} {
		l := newLimited(t, RateLimit{Requests: 10, Per: time.Minute})
		passed := 0
		for i := range 200 {
			headers := []string{"X-Forwarded-For", "198.51.100." + strconv.Itoa(i) + ", 10.0.0.7"}
			if peer != visitor {
				headers = append(headers, "X-Forwarded-For", "203.0.113.9, 192.0.2.7") // by the proxies
			}
			if l.do(peer, "GET", widget, headers...).StatusCode == 200 {
				passed++
			}
		}
		if passed != 10 {
			t.Errorf("%s: %d passed", name, passed)
		}
		if hints := strings.Count(l.log.String(), "trusted_proxies"); hints != map[bool]int{true: 1}[peer == visitor] {
			t.Errorf("%s: %d hints", name, hints)
		}
		for _, address := range []string{"203.0.113", "198.51.100", "10.0.0"} {
			if strings.Contains(l.log.String(), address) {
				t.Errorf("%s: the log names a visitor: %s", name, &l.log)
			}
		}
	}
}

// A client that obeys Retry-After is never rejected.
func TestRetryAfterIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{
			Publisher: publish.New(publish.Options{Now: time.Now}), Metrics: prometheus.NewRegistry(), Log: quiet, Ready: func() bool { return true },
			RateLimit: RateLimit{Requests: 7, Per: 100 * time.Second}, Now: time.Now,
		})
		get := func() *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/v1/widgets", nil))
			return w
		}
		for range 50 {
			w := get()
			for ; w.Code == 200; w = get() {
			}
			wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
			if err != nil || w.Code != 429 {
				t.Fatalf("%d %v", w.Code, w.Header())
			}
			time.Sleep(time.Duration(wait) * time.Second)
			if w = get(); w.Code != 200 {
				t.Fatalf("%d after %d seconds", w.Code, wait)
			}
		}
	})
}

// BenchmarkRequest measures the whole request. Under the race detector, Echo's pool allocates.
func TestLimitAllocatesNothing(t *testing.T) {
	clock := new(handClock)
	limiter := newRateLimiter(Options{RateLimit: RateLimit{Requests: 2, Per: 4 * time.Second}, Now: clock.now, Metrics: prometheus.NewRegistry()},
		&clients{trusted: testProxies, log: quiet})
	for name, r := range map[string]*http.Request{
		"IPv4": from(visitor), "IPv6": from("[2001:db8::1]:1"), "ignored": from(visitor, "198.51.100.1"),
		"behind a proxy": from("10.0.0.1:1", "198.51.100.1, 203.0.113.9", "[2001:db8:5::1]:443, 192.0.2.7:80"),
	} {
		h, rejected := http.Header{}, 0
		allocated := testing.AllocsPerRun(300, func() {
			clock.advance(time.Second)
			if !limiter.allows(h, r) {
				rejected++
			}
		})
		if allocated > 0 || rejected < 100 || rejected > 200 {
			t.Errorf("%s: %v allocations, %d rejected", name, allocated, rejected)
		}
	}
}

func (l *limited) exposition(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	promhttp.HandlerFor(l.metrics, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
