package handlers

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/patrickmn/go-cache"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/cors"

	"waitboard/handlers/pages"
	"waitboard/publish"
)

// discard is a ResponseWriter that costs nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// served returns the public handler of an unrestricted widget, as changed.
func served(b *testing.B, change func(*Options)) http.Handler {
	f := newFixture(b)
	o := Options{
		Publisher: f.publisher, Widgets: []pages.Offered{{ID: "support"}}, PublicURL: "https://wait.example.com", Metrics: prometheus.NewRegistry(), Log: quiet,
		Ready: func() bool { return true }, TrustedProxies: testProxies, Now: time.Now,
	}
	change(&o)
	return New(o)
}

// rated sets a rate limit, on a clock that costs as much as the real one and gains a step per request.
func rated(limit RateLimit, step time.Duration) func(*Options) {
	gained := time.Duration(0)
	return func(o *Options) {
		o.RateLimit, o.Now = limit, func() time.Time { gained += step; return time.Now().Add(gained) }
	}
}

// plainlyBuilt is the obvious design with the same libraries: rs/cors as Echo's middleware, a cache with a prefix in its
// keys, and the same header fields set by name.
func plainlyBuilt(page *publish.Page) http.Handler {
	const control = "public, max-age=5, stale-if-error=40"
	pages := cache.New(time.Minute, 0)
	pages.Set("widget:support", page, time.Hour)
	e := echo.New()
	e.Use(echo.WrapMiddleware(cors.New(cors.Options{AllowedMethods: []string{http.MethodGet, http.MethodHead}, ExposedHeaders: exposed}).Handler))
	e.GET("/v1/widgets/:id", func(c echo.Context) error {
		found, ok := pages.Get("widget:" + c.Param("id"))
		if !ok {
			return echo.ErrNotFound
		}
		page := found.(*publish.Page)
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", control)
		h.Set("Vary", "Accept, Accept-Encoding")
		h.Set("ETag", page.Plain.ETag[0])
		if c.Request().Header.Get("If-None-Match") == page.Plain.ETag[0] {
			return c.NoContent(http.StatusNotModified)
		}
		return c.Blob(http.StatusOK, "application/json", page.Plain.Body)
	})
	return e
}

// BenchmarkRequest compares a request with three others in the same run: "bare" is a handler that writes the same bytes
// with five header fields, "plain" the obvious design, and "fields" only sets the header fields. All share one header
// map, because clearing it would cost a tenth of the handler. net/http makes a new map for each answer.
func BenchmarkRequest(b *testing.B) {
	f := newFixture(b)
	page, _ := f.publisher.Page("support")
	const control = "public, max-age=5, stale-if-error=40"
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", page.Plain.Length[0])
		h.Set("Etag", page.Plain.ETag[0])
		h.Set("Cache-Control", control)
		h.Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write(page.Plain.Body)
	})
	open := served(b, func(*Options) {})
	answer := httptest.NewRecorder()
	open.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/v1/widgets/support", nil))
	names := slices.Collect(maps.Keys(answer.Header()))
	values := answer.Header()[names[0]]
	fields := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		for _, name := range names {
			h[name] = values
		}
	})
	within := served(b, rated(RateLimit{Requests: 600, Per: time.Minute}, 100*time.Millisecond))
	known := page.Plain.ETag[0]
	for _, bench := range []struct {
		name    string
		handler http.Handler
		header  http.Header
	}{
		{"bare", bare, http.Header{}},
		{"fields", fields, http.Header{}},
		{"plain", plainlyBuilt(page), http.Header{}},
		{"plain-origin", plainlyBuilt(page), http.Header{"Origin": {"https://www.example.com"}}},
		{"waitboard", open, http.Header{}},
		{"waitboard-accept-any", open, http.Header{"Accept": {"*/*"}}},
		{"waitboard-accept-json", open, http.Header{"Accept": {"application/json"}}},
		{"waitboard-accept-browser", open, http.Header{"Accept": {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}}},
		{"waitboard-accept-text", open, http.Header{"Accept": {"text/plain"}}},
		{"waitboard-gzip", open, http.Header{"Accept-Encoding": {"gzip, deflate, br"}}},
		{"waitboard-304", open, http.Header{"If-None-Match": {known}}},
		{"waitboard-origin", open, http.Header{"Origin": {"https://www.example.com"}}},
		{"waitboard-with-restricted", f, http.Header{}},
		{"waitboard-limited", within, http.Header{}},
		{"waitboard-limited-proxied", within, http.Header{"X-Forwarded-For": {"198.51.100.1, 203.0.113.9"}}},
		{"waitboard-429", served(b, rated(RateLimit{Requests: 1, Per: time.Hour}, 0)), http.Header{}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "/v1/widgets/support", nil)
			r.Header, r.RemoteAddr = bench.header, "10.0.0.1:4711"
			w := &discard{header: http.Header{}}
			adding := bench.handler == f // Vary grows where some widgets are restricted
			b.ReportAllocs()
			for b.Loop() {
				if adding {
					clear(w.header)
				}
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
