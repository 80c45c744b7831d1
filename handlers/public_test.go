package handlers

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"waitboard/domain"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/web"
)

// roles are what this program does instead of testing when a benchmark starts it as another process, by the name in roleVariable.
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

// fixture is a service with four widgets: support and empty may be read anywhere, partner by its own site and by the
// hosts of another, and secret is not listed.
type fixture struct {
	http.Handler
	board  *publish.Publisher
	clock  *handClock // of the board, so that nothing turns stale while a test takes its time
	events *Events
	ready  bool
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

func newFixture(t testing.TB) *fixture {
	metric := func(id string) domain.Metric {
		return domain.Metric{ID: id, Label: "Calls in queue", Ref: domain.Ref{Source: "hq", Metric: id}}
	}
	widget := func(id string) domain.Widget {
		return domain.Widget{ID: id, Title: "<b>" + id + "</b>", Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute,
			RefreshAfter: 10 * time.Second, Metrics: []domain.Metric{metric(id)}}
	}
	f := &fixture{clock: new(handClock)}
	f.clock.ns.Store(noon.UnixNano())
	f.board = publish.New(publish.Options{Widgets: []domain.Widget{widget("support"), widget("partner"), widget("empty"), widget("secret")}, Now: f.clock.now})
	t.Cleanup(f.board.Close)
	for _, id := range []string{"support", "partner"} {
		f.observe(id, 3)
	}
	metrics := prometheus.NewRegistry()
	f.events = NewEvents(EventOptions{Publisher: f.board, Metrics: metrics, Now: time.Now, Pace: still})
	t.Cleanup(f.events.Close)
	f.Handler = Public(Options{
		Publisher: f.board, PublicURL: "https://wait.example.com/base", Metrics: metrics, Events: f.events, EventLimits: EventLimits{Total: 10}, Log: slog.New(slog.DiscardHandler),
		Widgets: []Widget{
			{ID: "support", Origins: []string{"*"}, Metrics: []Metric{{"support", "Calls in queue"}}}, {ID: "partner", Origins: []string{"https://www.example.com", "https://*.example.net"}},
			{ID: "empty"}, {ID: "secret", Unlisted: true},
		},
		Ready: func() bool { return f.ready }, Now: f.clock.now,
	})
	return f
}

// do makes a request; headers come in pairs.
func (f *fixture) do(method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	result := w.Result()
	if length := w.Body.Len(); length > 0 && length <= measured && result.Header.Get("Content-Length") == "" { // what a server does, and a recorder does not
		result.Header.Set("Content-Length", strconv.Itoa(length))
	}
	return result
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

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
		{"/v1/widgets/support/snippet?kind=div", "application/problem+json", 400, "takes one of all, element, script"},
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
				body = io.MultiReader(body) // of a length that net/http can't see
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

// An unknown widget and a malformed ID must look the same, and nothing of the request comes back.
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

func TestCrossOrigin(t *testing.T) {
	const own, other, sub = "https://www.example.com", "https://evil.example", "https://a.b.example.net"
	tests := []struct {
		path, origin string
		allow        string // Access-Control-Allow-Origin
		vary         bool   // by Origin
	}{
		{"/v1/widgets/support", "", "*", false},
		{"/v1/widgets/support", other, "*", false},
		{"/v1/widgets/support", "null", "*", false},
		{"/v1/widgets/nosuch", other, "*", false},
		{"/v1/widgets/nosuch", "", "*", false},
		{"/healthz", other, "*", false},
		{"/v1/widgets/partner", "", "", true},
		{"/v1/widgets/partner", own, own, true},
		{"/v1/widgets/partner", sub, sub, true},
		{"/v1/widgets/partner", other, "", true},
		{"/v1/widgets/%70artner", other, "", true},
		{"/v1/widgets/%70artner", own, own, true},
		{"/v1/widgets/partner", "null", "", true},
		{"/v1/widgets/partner", own + ":8443", "", true},
		{"/v1/widgets/partner", "http://www.example.com", "", true},
		{"/v1/widgets/partner", own + ".evil.example", "", true},
		{"/v1/widgets/partner", "https://example.net", "", true},
		{"/v1/widgets/partner", "https://.example.net", "", true},
		{"/v1/widgets/partner", other + "/.example.net", "", true},
		{"/v1/widgets/partner", other + "?.example.net", "", true},
		{"/v1/widgets/partner", other + "#.example.net", "", true},
		{"/v1/widgets/partner", "https://user@a.example.net", "", true},
		{"/v1/widgets/partner", "https://a\tb.example.net", "", true},
		{"/v1/widgets/partner", "https://a.example.net:8443", "", true},
		{"/v1/widgets/partner/nosuch", own, own, true},
		{"/v1/widgets/partner/text", other, "", true},
		{"/v1/widgets/partner/shields.json", own, own, true},
		{"/v1/widgets/partner/snippet", own, own, true},
		{"/v1/widgets/partner/snippet?kind=link", other, "", true},
		{"/v1/widgets?id=support", other, "*", false},
		{"/v1/widgets?id=support&id=nosuch", "", "*", false},
		{"/v1/widgets?id=support&id=partner", own, own, true},
		{"/v1/widgets?id=support&id=partner", other, other, true}, // partner is not in it
		{"/v1/widgets?id=support&id=partner", "", "", true},
		{"/v1/widgets", other, other, true}, // partner is not in it
		{"/v1/widgets", own, own, true},
		{"/", other, "", true},
		{"/", own, own, true},
		{"/?widget=support", other, "", true},
	}
	f := newFixture(t)
	for _, test := range tests {
		var header []string
		if test.origin != "" {
			header = []string{"Origin", test.origin}
		}
		etag := f.do("GET", test.path).Header.Get("Etag")
		for name, resp := range map[string]*http.Response{
			"GET":  f.do("GET", test.path, header...),
			"HEAD": f.do("HEAD", test.path, header...),
			"304":  f.do("GET", test.path, append(header, "If-None-Match", etag)...),
			"POST": f.do("POST", test.path, header...),
		} {
			got, vary := resp.Header["Access-Control-Allow-Origin"], strings.Contains(strings.Join(resp.Header["Vary"], ","), "Origin")
			if strings.Join(got, ",") != test.allow || vary != test.vary {
				t.Errorf("%s %s from %q: allows %q, varies by origin: %v", name, test.path, test.origin, got, vary)
			}
			if exposes := resp.Header.Get("Access-Control-Expose-Headers"); test.allow == "*" && exposes != "Date, Age, ETag, Retry-After, RateLimit, RateLimit-Policy" {
				t.Errorf("%s %s from %q exposes %q", name, test.path, test.origin, exposes)
			}
		}
	}
	for _, path := range []string{"/v1/widgets", "/v1/widgets?id=support&id=partner"} {
		if body := text(t, f.do("GET", path, "Origin", other)); strings.Contains(body, "partner") || !strings.Contains(body, "support") {
			t.Errorf("%s for another origin: %s", path, body)
		}
	}
}

// Of several origins, which no browser sends, one counts.
func TestSeveralOrigins(t *testing.T) {
	f := newFixture(t)
	resp := f.do("GET", "/v1/widgets/partner", "Origin", "https://www.example.com", "Origin", "https://evil.example")
	if got := resp.Header["Access-Control-Allow-Origin"]; len(got) != 1 || got[0] != "https://www.example.com" {
		t.Errorf("allowed are %q", got)
	}
}

func TestPreflight(t *testing.T) {
	const own = "https://www.example.com"
	f := newFixture(t)
	tests := []struct{ path, origin, method, allow string }{
		{"/v1/widgets/support", "https://any.example", "GET", "*"},
		{"/v1/widgets/support", "https://any.example", "DELETE", "*"}, // the origin may, the method may not
		{"/v1/widgets/partner", own, "GET", own},
		{"/v1/widgets/partner", "https://any.example", "GET", ""},
	}
	for _, test := range tests {
		resp := f.do("OPTIONS", test.path, "Origin", test.origin, "Access-Control-Request-Method", test.method, "Access-Control-Request-Headers", "if-none-match")
		h := resp.Header
		if resp.StatusCode != 204 || h.Get("Access-Control-Allow-Origin") != test.allow {
			t.Errorf("%+v: %d %v", test, resp.StatusCode, h)
		}
		if allowed := h.Get("Access-Control-Allow-Methods"); (allowed == "GET") != (test.method == "GET" && test.allow != "") {
			t.Errorf("%+v: allows methods %q", test, allowed)
		}
	}
}

func TestConditionalAndCompressed(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/v1/widgets/support", "/v1/widgets/support/text", "/v1/widgets/support/shields.json", "/v1/widgets?id=support&id=partner&id=empty&id=support", schemaPath} {
		plain := f.do("GET", path)
		zipped := f.do("GET", path, "Accept-Encoding", "br, gzip")
		if zipped.Header.Get("Content-Encoding") == "gzip" {
			reader, err := gzip.NewReader(zipped.Body)
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := io.ReadAll(reader)
			if diff := cmp.Diff(text(t, plain), string(unpacked)); diff != "" || err != nil {
				t.Errorf("%s: %v (-plain +unpacked):\n%s", path, err, diff)
			}
		} else if path == "/v1/widgets/support" || path == schemaPath {
			t.Errorf("%s is not compressed", path)
		}
		for _, resp := range []*http.Response{plain, zipped} {
			etag := resp.Header.Get("Etag")
			for _, known := range []string{etag, "W/" + etag, `"other", ` + etag, "*"} {
				got := f.do("GET", path, "If-None-Match", known)
				if got.StatusCode != 304 || text(t, got) != "" || known != "*" && got.Header.Get("Etag") != etag || got.Header.Get("Cache-Control") == "" ||
					!strings.Contains(strings.Join(got.Header["Vary"], ","), "Accept-Encoding") {
					t.Errorf("%s with %s: %d %v", path, known, got.StatusCode, got.Header)
				}
			}
			if got := f.do("GET", path, "If-None-Match", `"other"`); got.StatusCode != 200 {
				t.Errorf("%s with another ETag: %d", path, got.StatusCode)
			}
		}
	}
	h := f.do("GET", "/v1/widgets/support").Header
	if h.Get("Cache-Control") != "public, max-age=5, stale-if-error=39" || h.Get("Vary") != "Accept, Accept-Encoding" {
		t.Errorf("headers: %v", h)
	}
	if got := f.do("GET", "/v1/widgets?id=support&id=empty").Header.Get("Cache-Control"); got != "public, max-age=1" {
		t.Errorf("several are kept as long as the shortest: %q", got)
	}
}

// A shared cache that has both encodings names both when a reader comes for whom neither was stored, and gives it the one that 304 names. That must be
// one which the reader can read.
func TestConditionalNamesWhatTheReaderTakes(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/v1/widgets/support", schemaPath} {
		plain := f.do("GET", path).Header.Get("Etag")
		zipped := f.do("GET", path, "Accept-Encoding", "gzip").Header.Get("Etag")
		tests := []struct {
			accept, known, want string // want is empty for 200
		}{
			{"identity", zipped, ""}, {"identity", zipped + ", " + plain, plain}, {"gzip;q=0", "W/" + zipped, ""}, {"br", "*", plain},
			{"gzip", plain + ", " + zipped, zipped}, {"gzip", "*", zipped}, {"gzip", plain, plain},
		}
		for _, test := range tests {
			got := f.do("GET", path, "Accept-Encoding", test.accept, "If-None-Match", test.known)
			if (got.StatusCode == 304) != (test.want != "") || test.want != "" && got.Header.Get("Etag") != test.want {
				t.Errorf("%s with %+v: %d %s", path, test, got.StatusCode, got.Header.Get("Etag"))
			}
		}
	}
}

func TestSeveral(t *testing.T) {
	f := newFixture(t)
	tests := []struct {
		query string
		want  []string
	}{
		{"", []string{"support", "partner", "empty"}},
		{"?id=secret", []string{"secret"}},
		{"?id=empty&id=support&id=empty", []string{"empty", "support"}},
		{"?id=support&id=nosuch", []string{"support"}},
		{"?id=nosuch", []string{}},
		{"?id=", []string{}},
		{"?other=1", []string{"support", "partner", "empty"}},
	}
	for _, test := range tests {
		var got struct{ Widgets []struct{ ID string } }
		if err := json.Unmarshal([]byte(text(t, f.do("GET", "/v1/widgets"+test.query))), &got); err != nil {
			t.Fatal(err)
		}
		ids := []string{}
		for _, w := range got.Widgets {
			ids = append(ids, w.ID)
		}
		if diff := cmp.Diff(test.want, ids); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.query, diff)
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
	h := Public(Options{Now: atNoon, Publisher: b, Metrics: registry, Log: slog.New(slog.DiscardHandler), Ready: func() bool { return true }})
	for _, target := range []string{"GET /healthz", "GET /v1/widgets/a", "GET /v1/widgets/b", "GET /nosuch", "POST /", "OPTIONS /x"} {
		method, path, _ := strings.Cut(target, " ")
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, path, nil))
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, m := range families[0].Metric {
		if n := m.GetCounter().GetValue(); n > 0 {
			got[fmt.Sprintf("%s %s", m.Label[1].GetValue(), m.Label[0].GetValue())] = n
		}
	}
	want := map[string]float64{"/healthz 200": 1, "/v1/widgets/:id 404": 2, "none 404": 1, "any 405": 1, "any 204": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPanicIsAnswered(t *testing.T) {
	f := newFixture(t)
	p := &public{counted: newRequestCounter(prometheus.NewRegistry()), log: slog.New(slog.DiscardHandler), board: f.board,
		ready: func() bool { panic("CANARY") }}
	w := httptest.NewRecorder()
	p.routes().ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	if body := w.Body.String(); w.Code != 500 || strings.Contains(body, "CANARY") || !strings.Contains(body, "internal") {
		t.Errorf("%d %s", w.Code, body)
	}
}

// A stream whose connection was taken over ends its handler so, which net/http understands and which is no fault.
func TestAbortIsNotAnswered(t *testing.T) {
	f := newFixture(t)
	var log strings.Builder
	p := &public{counted: newRequestCounter(prometheus.NewRegistry()), log: slog.New(slog.NewTextHandler(&log, nil)), board: f.board,
		ready: func() bool { panic(http.ErrAbortHandler) }}
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) || log.Len() > 0 {
			t.Errorf("net/http is told %v, and the log %q", err, log.String())
		}
	}()
	p.routes().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/readyz", nil))
}

func FuzzRequest(f *testing.F) {
	fixture := newFixture(f)
	for _, seed := range []string{"/", "/v1/widgets/support", "/v1/widgets?id=support&id=%00", "/v1/widgets/%2e%2e/", "/assets/../embed.css", "//x?%", "/?widget=partner&kind=script&layout=line&theme=dark&locale=de&metric=x&pin=1", "/v1/widgets/support/snippet?kind=all&pin=1"} {
		f.Add("GET", seed, "https://www.example.com", "gzip;q=0.5", `W/"x", *`)
	}
	f.Fuzz(func(t *testing.T, method, target, origin, encoding, known string) {
		r, err := http.NewRequest(method, target, nil) //nolint:noctx // it is not sent
		if err != nil || r.URL.Path == "" || r.URL.Path[0] != '/' {
			return // net/http refuses it before we see it
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

// The length of every answer is told, on the wire: by us, or by net/http where we leave it to that.
func TestLengthsAreTold(t *testing.T) {
	f := newFixture(t)
	for major := 1; major <= 2; major++ {
		server := httptest.NewUnstartedServer(f)
		server.EnableHTTP2 = major == 2
		server.StartTLS()
		defer server.Close()
		for _, path := range []string{"/v1/widgets/support", "/v1/widgets", "/v1/widgets?phrases=de", "/v1/widgets/support/text", "/v1/openapi.json", "/", web.Script.Path} {
			for _, encoding := range []string{"identity", "gzip"} {
				r, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Accept-Encoding", encoding)
				resp, err := server.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil || resp.ProtoMajor != major || resp.ContentLength != int64(len(body)) || len(body) == 0 {
					t.Errorf("%s %s, %s: %d bytes, and Content-Length %d; %v", resp.Proto, path, encoding, len(body), resp.ContentLength, err)
				}
			}
		}
	}
}
