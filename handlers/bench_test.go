package handlers

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// discard is a ResponseWriter that costs nothing, so that the handlers' own cost shows.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

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
	} {
		b.Run(bench.name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "/v1/widgets/support", nil)
			r.Header = bench.header
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
