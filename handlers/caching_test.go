package handlers

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
	"waitboard/handlers/pages"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/web"
)

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
	if h.Get("Cache-Control") != "public, max-age=5, stale-while-revalidate=0, stale-if-error=39" || h.Get("Vary") != "Accept, Accept-Encoding" {
		t.Errorf("headers: %v", h)
	}
	if got := f.do("GET", "/v1/widgets?id=support&id=empty").Header.Get("Cache-Control"); got != "public, max-age=1, stale-while-revalidate=0" {
		t.Errorf("several widgets: %q", got)
	}
}

// A shared cache with both encodings sends both entity tags, and then the encoding that 304 names. The client must accept
// that one.
func TestConditionalNamesAnAcceptedEncoding(t *testing.T) {
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

func TestContentLength(t *testing.T) {
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

// directive returns the seconds of a directive in Cache-Control, or 0 without it.
func directive(header, name string) time.Duration {
	for part := range strings.SplitSeq(header, ", ") {
		if text, ok := strings.CutPrefix(part, name); ok {
			d, _ := time.ParseDuration(text + "s")
			return d
		}
	}
	return 0
}

// No cache may serve an answer after the snapshot turns stale or hidden.
func TestCachesDoNotOutliveSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := domain.Widget{ID: "w", Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute, RefreshAfter: 10 * time.Second,
			Metrics: []domain.WidgetMetric{{ID: "m", Ref: domain.Ref{Source: "hq", Metric: "m"}}, {ID: "n", Ref: domain.Ref{Source: "hq", Metric: "n"}}}}
		b := publish.New(publish.Options{Widgets: []domain.Widget{w}, Now: time.Now})
		defer b.Close()
		h := New(Options{Publisher: b, Widgets: []pages.Offered{{ID: "w"}}, PublicURL: "https://wait.example.com", Metrics: prometheus.NewRegistry(), Ready: func() bool { return true }, Now: time.Now})
		observe := func(metric string) {
			b.Readings().Apply("hq", map[string]domain.Observation{metric: {Confirmed: time.Now(), Complete: time.Now(), Kind: domain.Count,
				Samples: map[string]domain.Sample{"": {Reading: domain.CountOf(3), Confirmed: time.Now()}}}})
		}
		observe("m")
		time.Sleep(15 * time.Second)
		observe("n")
		from := time.Now()
		turns := []time.Time{from.Add(30 * time.Second), from.Add(45 * time.Second), from.Add(285 * time.Second), from.Add(300 * time.Second)} // m, n: stale, hidden
		for ; time.Since(from) < 310*time.Second; time.Sleep(500 * time.Millisecond) {
			synctest.Wait()
			for _, path := range []string{"/v1/widgets/w", "/v1/widgets/w/text", "/v1/widgets/w/shields.json", "/v1/widgets/w/badge.svg", "/v1/widgets?id=w", "/embed/w?locale=en", "/embed/w", "/w/w"} {
				answer := httptest.NewRecorder()
				h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
				header := answer.Header().Get("Cache-Control")
				stored := directive(header, "max-age=") + directive(header, "stale-if-error=")
				for _, turn := range turns {
					if now := time.Now(); now.Before(turn) && now.Add(stored).After(turn) {
						t.Fatalf("%s, %v before the snapshot changes: %s", path, turn.Sub(now), header)
					}
				}
			}
		}
	})
}

// Vary is one line with everything that the answer depends on, because nginx 1.22 reads only the first line.
func TestVaryIsOneLine(t *testing.T) {
	f := newFixture(t)
	var paths []string
	for _, id := range []string{"support", "partner", "nosuch"} {
		for _, path := range []string{"/v1/widgets/%", "/v1/widgets?id=%", "/v1/widgets?id=%&phrases=de", "/v1/widgets/%/text", "/v1/widgets/%/shields.json", "/v1/widgets/%/badge.svg", "/v1/widgets/%/badge.png",
			"/v1/widgets/%/snippet", "/v1/widgets/%/nothing", "/embed/%", "/embed/%?locale=de", "/w/%", "/w/%?locale=xx", "/oembed?url=https://wait.example.com/base/w/%"} {
			paths = append(paths, strings.ReplaceAll(path, "%", id))
		}
	}
	paths = append(paths, "/", "/?widget=support", "/v1/widget.js", "/v1/openapi.json", "/assets/embed.css", "/nothing", "/healthz", "/readyz", "/v1/widgets?id=%zz")
	for _, path := range paths {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST"} {
			for _, headers := range [][]string{nil, {"Origin", "https://www.example.com"}, {"Origin", "https://other.example", "Accept-Language", "de", "Accept-Encoding", "gzip"},
				{"Origin", "https://www.example.com", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "x"}} {
				resp := f.do(method, path, headers...)
				h := resp.Header
				if len(h["Vary"]) > 1 {
					t.Errorf("%s %s %v: Vary %q", method, path, headers, h["Vary"])
				}
				varies := strings.Split(h.Get("Vary"), ", ")
				if slices.Sort(varies); len(slices.Compact(slices.Clone(varies))) != len(varies) {
					t.Errorf("%s %s %v: Vary %q", method, path, headers, h["Vary"])
				}
				if allowed := h.Get("Access-Control-Allow-Origin"); allowed != "" && allowed != "*" && !slices.Contains(varies, "Origin") {
					t.Errorf("%s %s %v: allows %s, Vary %q", method, path, headers, allowed, h["Vary"])
				}
				if slices.Contains(varies, "Accept-Language") && !strings.HasPrefix(h.Get("Cache-Control"), "private") && h.Get("Cache-Control") != "no-store" {
					t.Errorf("%s %s %v: in the visitor's language, but Cache-Control is %s", method, path, headers, h.Get("Cache-Control"))
				}
			}
		}
	}
}
