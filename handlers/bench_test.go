package handlers

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// discard is a ResponseWriter that costs nothing, so that the handlers' own cost shows.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// limiting is the service with a limit, on a clock that gains a step with every request and is as dear as the real one.
func limiting(b *testing.B, limit RateLimit, step time.Duration) http.Handler {
	f, gained := newFixture(b), time.Duration(0)
	return Public(Options{
		Board: f.board, PublicURL: "https://wait.example.com", Metrics: prometheus.NewRegistry(), Log: quiet, Ready: func() bool { return true },
		RateLimit: limit, TrustedProxies: testProxies, Now: func() time.Time { gained += step; return time.Now().Add(gained) },
	})
}

// One request through rs/cors, Echo and go-cache, beside a bare handler that writes the same bytes with the same
// headers. Compare the two within one run.
func BenchmarkRequest(b *testing.B) {
	f := newFixture(b)
	page, _ := f.board.Page("support")
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", page.Plain.Length[0])
		h.Set("Etag", page.Plain.ETag[0])
		h.Set("Cache-Control", page.CacheControl[0])
		h.Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write(page.Plain.Body)
	})
	within := limiting(b, RateLimit{Requests: 600, Per: time.Minute}, 100*time.Millisecond)
	known := page.Plain.ETag[0]
	for _, bench := range []struct {
		name    string
		handler http.Handler
		header  http.Header
	}{
		{"bare", bare, http.Header{}},
		{"waitboard", f, http.Header{}},
		{"waitboard-accept-any", f, http.Header{"Accept": {"*/*"}}},
		{"waitboard-accept-json", f, http.Header{"Accept": {"application/json"}}},
		{"waitboard-accept-browser", f, http.Header{"Accept": {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}}},
		{"waitboard-accept-text", f, http.Header{"Accept": {"text/plain"}}},
		{"waitboard-gzip", f, http.Header{"Accept-Encoding": {"gzip, deflate, br"}}},
		{"waitboard-304", f, http.Header{"If-None-Match": {known}}},
		{"waitboard-origin", f, http.Header{"Origin": {"https://www.example.com"}}},
		{"waitboard-limited", within, http.Header{}},
		{"waitboard-limited-proxied", within, http.Header{"X-Forwarded-For": {"198.51.100.1, 203.0.113.9"}}},
		{"waitboard-429", limiting(b, RateLimit{Requests: 1, Per: time.Hour}, 0), http.Header{}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "/v1/widgets/support", nil)
			r.Header, r.RemoteAddr = bench.header, "10.0.0.1:4711"
			w := &discard{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				bench.handler.ServeHTTP(w, r)
			}
		})
	}
	b.Run("over-the-wire", func(b *testing.B) {
		for name, handler := range map[string]http.Handler{"bare": bare, "waitboard": f} {
			b.Run(name, func(b *testing.B) {
				server := httptest.NewServer(handler)
				defer server.Close()
				client := server.Client()
				client.Timeout = time.Second
				b.ReportAllocs()
				for b.Loop() {
					resp, err := client.Get(server.URL + "/v1/widgets/support")
					if err != nil {
						b.Fatal(err)
					}
					_ = resp.Body.Close()
				}
			})
		}
	})
}
