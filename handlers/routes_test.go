package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/publish"
)

func TestRoutes(t *testing.T) {
	tests := []struct {
		path, contentType string
		status            int
		body              string // part of it
	}{
		{"/", "text/html; charset=utf-8", 200, `<a href="./v1/widgets/support">JSON<`},
		{"/assets/embed.css", "text/css; charset=utf-8", 200, "font"},
		{"/assets/icon.svg", "image/svg+xml", 200, "<svg"},
		{"/assets/embed.go", "application/problem+json", 404, "not_found"},
		{"/assets/..%2fembed.go", "application/problem+json", 404, "not_found"},
		{"/favicon.ico", "image/x-icon", 200, "\x00\x00\x01\x00"},
		{"/healthz", "application/json", 200, "alive"},
		{"/readyz", "application/problem+json", 503, "not_ready"},
		{"/v1/widgets", "application/json", 200, `"id":"partner"`},
		{"/v1/widgets?id=empty", "application/json", 200, `"state":"initializing"`},
		{"/v1/widgets?id=%zz", "application/problem+json", 400, "malformed_query"},
		{"/v1/widgets?id=x" + strings.Repeat("&id=x", maxIDs), "application/problem+json", 400, "too_many_ids"},
		{"/v1/widgets/support", "application/json", 200, `"value":3`},
		{"/v1/widgets/%73uppor%74", "application/json", 200, `"value":3`},
		{"/%761/widgets/s%75pport/t%65xt", "text/plain; charset=utf-8", 200, "Calls in queue 3\n"},
		{"/v1/widgets/support%2Ftext", "application/problem+json", 404, "widget_not_found"},
		{"/v1/widgets/%73upport%3Fx", "application/problem+json", 404, "widget_not_found"},
		{"/v1/widgets/nosuch", "application/problem+json", 404, "widget_not_found"},
		{"/v1/widgets/support/text", "text/plain; charset=utf-8", 200, "<b>support</b>: Calls in queue 3\n"},
		{"/v1/widgets/empty/text", "text/plain; charset=utf-8", 200, ": Not available\n"},
		{"/v1/widgets/nosuch/text", "application/problem+json", 404, "widget_not_found"},
		{"/v1/widgets/support/shields.json", "application/json", 200, `{"schemaVersion":1,"label":"\u003cb\u003esupport\u003c/b\u003e","message":"3","color":"blue","cacheSeconds":5}`},
		{"/v1/widgets/nosuch/shields.json", "application/problem+json", 404, "widget_not_found"},
		{"/v1/widgets/support/badge.svg", "image/svg+xml", 200, "Calls in queue 3"},
		{"/v1/widgets/support/badge.png?theme=dark", "image/png", 200, "\x89PNG"},
		{"/v1/widgets/nosuch/badge.png", "application/problem+json", 404, "widget_not_found"},
		{"/v1/widgets/nosuch/events", "application/problem+json", 404, "widget_not_found"},
		{"/v1/events", "application/problem+json", 400, "no_ids"},
		{"/v1/widgets/support/snippet?kind=link", "text/plain; charset=utf-8", 200, `<a href="https://wait.example.com/base/w/support">&lt;b&gt;support&lt;/b&gt;</a>` + "\n"},
		{"/v1/widgets/secret/snippet", "text/plain; charset=utf-8", 200, "<!-- "},
		{"/v1/widgets/support/snippet?kind=%zz", "application/problem+json", 400, "malformed_query"},
		{"/v1/widgets/support/snippet?kind=div", "application/problem+json", 400, "must be one of all, element, script"},
		{"/v1/widgets/nosuch/snippet", "application/problem+json", 404, "widget_not_found"},
		{"/v1/openapi.json", "application/json", 200, `"url": "https://wait.example.com/base"`},
		{"/v1/snapshot.schema.json", "application/schema+json", 200, `"$id": "https://wait.example.com/base/v1/snapshot.schema.json"`},
		{"/v1/widgets/", "application/problem+json", 404, "not_found"},
		{"/v1/widgets/support/", "application/problem+json", 404, "not_found"},
		{"/v2", "application/problem+json", 404, "not_found"},
		{"//", "application/problem+json", 404, "not_found"},
		{"/metrics", "application/problem+json", 404, "not_found"},
		{"/debug/pprof/", "application/problem+json", 404, "not_found"},
	}
	f := newFixture(t)
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			get, head := f.do("GET", test.path), f.do("HEAD", test.path)
			body := text(t, get)
			if get.StatusCode != test.status || get.Header.Get("Content-Type") != test.contentType || !strings.Contains(body, test.body) {
				t.Errorf("%d %s: %s", get.StatusCode, get.Header.Get("Content-Type"), body)
			}
			if head.StatusCode != test.status {
				t.Errorf("HEAD: %d", head.StatusCode)
			}
			if diff := cmp.Diff(get.Header, head.Header); diff != "" {
				t.Errorf("headers of HEAD (-GET +HEAD):\n%s", diff)
			}
			if test.contentType == "application/problem+json" {
				var problem struct{ Status int }
				if err := json.Unmarshal([]byte(body), &problem); err != nil || problem.Status != test.status {
					t.Errorf("problem: %v, %s", err, body)
				}
			}
			if got := get.Header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("X-Content-Type-Options: %q", got)
			}
		})
	}
}

// Browsers get errors as pages.
func TestErrorPages(t *testing.T) {
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	tests := []struct {
		method, path, accept string
		status               int
		want                 string // part of the page; empty: a problem
	}{
		{"GET", "/nosuch", browser, 404, "Seite nicht gefunden"},
		{"GET", "/nosuch", "*/*", 404, ""},
		{"GET", "/nosuch", "image/avif,*/*;q=0.8", 404, ""},
		{"GET", "/v1/widgets/nosuch", browser, 404, "<p>There is no widget with this ID."},
		{"GET", "/v1/widgets/nosuch", "application/json", 404, ""},
		{"GET", "/v1/widgets?id=%zz", browser, 400, "<h1>Bad Request</h1>"},
		{"POST", "/", browser, 405, "<h1>Method Not Allowed</h1>"},
		{"GET", "/readyz", browser, 503, "<h1>Service Unavailable</h1>"},
	}
	f := newFixture(t)
	for _, test := range tests {
		resp := f.do(test.method, test.path, "Accept", test.accept, "Accept-Language", "de")
		contentType := "text/html; charset=utf-8"
		if test.want == "" {
			contentType = "application/problem+json"
		}
		if body := text(t, resp); resp.StatusCode != test.status || resp.Header.Get("Content-Type") != contentType || !strings.Contains(body, test.want) ||
			resp.Header.Get("Cache-Control") != "no-store" || test.want != "" && !strings.HasPrefix(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s %s for %s: %d %v\n%s", test.method, test.path, test.accept, resp.StatusCode, resp.Header, body)
		}
	}
}

// Browsers stay on TLS only where the service ends it. Behind a proxy, the proxy decides.
func TestTransportSecurity(t *testing.T) {
	f := newFixture(t)
	if got := f.do("GET", "/v1/widgets/support", "X-Forwarded-Proto", "https").Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("without TLS: %q", got)
	}
	for _, path := range []string{"/v1/widgets/support", "/nosuch", "/embed/support"} {
		r := httptest.NewRequest("GET", "https://wait.example.com"+path, nil) // has r.TLS
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security"); got != "max-age=2592000" {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestMethodsAndBodies(t *testing.T) {
	f := newFixture(t)
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get"} {
		for _, path := range []string{"/", "/v1/widgets/support", "/nosuch"} {
			resp := f.do(method, path)
			if resp.StatusCode != 405 || resp.Header.Get("Allow") != "GET, HEAD, OPTIONS" || resp.Header.Get("Access-Control-Allow-Origin") != "*" && path != "/" {
				t.Errorf("%s %s: %d %v", method, path, resp.StatusCode, resp.Header)
			}
		}
	}
	if resp := f.do("OPTIONS", "/v1/widgets/support"); resp.StatusCode != 204 || resp.Header.Get("Allow") == "" || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("OPTIONS: %d %v", resp.StatusCode, resp.Header)
	}
	server := httptest.NewServer(f)
	defer server.Close()
	for _, name := range []string{"length", "chunked"} {
		for _, method := range []string{"GET", "OPTIONS"} {
			var body io.Reader = strings.NewReader("x")
			if name == "chunked" {
				body = io.MultiReader(body) // hides the length from net/http
			}
			r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/v1/widgets/support", body)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != 413 || !resp.Close || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s with a body (%s): %d, close %v", method, name, resp.StatusCode, resp.Close)
			}
		}
	}
}

// The answers for an unknown widget and a malformed ID are equal, and repeat nothing of the request.
func TestUnknownLooksLikeMalformed(t *testing.T) {
	f := newFixture(t)
	want := f.do("GET", "/v1/widgets/nosuch")
	wantBody := text(t, want)
	for _, id := range []string{"NoSuch", "%00", "%ff", "a%2Fb", "..", "%3Cscript%3E", strings.Repeat("x", 5000), "partner%20"} {
		got := f.do("GET", "/v1/widgets/"+id)
		if body := text(t, got); got.StatusCode != 404 || body != wantBody {
			t.Errorf("%.20s: %d %s", id, got.StatusCode, body)
		}
		if diff := cmp.Diff(want.Header, got.Header); diff != "" {
			t.Errorf("%.20s: headers (-want +got):\n%s", id, diff)
		}
	}
}

func TestReady(t *testing.T) {
	f := newFixture(t)
	f.ready = true
	if resp := f.do("GET", "/readyz"); resp.StatusCode != 200 {
		t.Errorf("got %d", resp.StatusCode)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	registry := prometheus.NewRegistry()
	b := publish.New(publish.Options{Now: atNoon})
	h := New(Options{Now: atNoon, Publisher: b, Metrics: registry, Log: slog.New(slog.DiscardHandler), Ready: func() bool { return true }})
	for _, target := range []string{"GET /healthz", "GET /v1/widgets/a", "GET /v1/widgets/b", "GET /nosuch", "POST /", "OPTIONS /x"} {
		method, path, _ := strings.Cut(target, " ")
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, path, nil))
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, m := range family.Metric {
			if n := m.GetCounter().GetValue(); family.GetName() == "waitboard_http_requests_total" && n > 0 {
				got[fmt.Sprintf("%s %s", m.Label[1].GetValue(), m.Label[0].GetValue())] = n
			}
		}
	}
	want := map[string]float64{"/healthz 200": 1, "/v1/widgets/:id 404": 2, "none 404": 1, "any 405": 1, "any 204": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPanicIsAnswered(t *testing.T) {
	f := newFixture(t)
	h := New(Options{Publisher: f.publisher, Metrics: prometheus.NewRegistry(), Log: quiet, Ready: func() bool { panic("CANARY") }, Now: atNoon})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	if body := w.Body.String(); w.Code != 500 || strings.Contains(body, "CANARY") || !strings.Contains(body, "internal") {
		t.Errorf("%d %s", w.Code, body)
	}
}

// http.ErrAbortHandler reaches net/http, which closes the connection. A stream ends its handler by it.
func TestAbortIsNotAnswered(t *testing.T) {
	f := newFixture(t)
	var log strings.Builder
	h := New(Options{Publisher: f.publisher, Metrics: prometheus.NewRegistry(), Log: slog.New(slog.NewTextHandler(&log, nil)), Ready: func() bool { panic(http.ErrAbortHandler) }, Now: atNoon})
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) || log.Len() > 0 {
			t.Errorf("net/http gets %v, and the log %q", err, log.String())
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/readyz", nil))
}

func FuzzRequest(f *testing.F) {
	fixture := newFixture(f)
	for _, seed := range []string{"/", "/v1/widgets/support", "/v1/widgets?id=support&id=%00", "/v1/widgets/%2e%2e/", "/assets/../embed.css", "//x?%", "/?widget=partner&kind=script&layout=line&theme=dark&locale=de&metric=x&pin=1", "/v1/widgets/support/snippet?kind=all&pin=1"} {
		f.Add("GET", seed, "https://www.example.com", "gzip;q=0.5", `W/"x", *`)
	}
	f.Fuzz(func(t *testing.T, method, target, origin, encoding, known string) {
		r, err := http.NewRequest(method, target, nil) //nolint:noctx // not sent
		if err != nil || r.URL.Path == "" || r.URL.Path[0] != '/' {
			return // net/http rejects it
		}
		r.Header["Origin"], r.Header["Accept-Encoding"], r.Header["If-None-Match"] = []string{origin}, []string{encoding}, []string{known}
		w := httptest.NewRecorder()
		fixture.ServeHTTP(w, r)
		if w.Code >= 500 && r.URL.Path != "/readyz" {
			t.Errorf("%s %q: %d", method, target, w.Code)
		}
		if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %q: %d without a problem", method, target, w.Code)
		}
	})
}
