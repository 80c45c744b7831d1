package handlers

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
	"waitboard/locale"
	"waitboard/publish"
)

func TestLifetime(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	in := now.Add
	tests := map[string]struct {
		snapshot domain.Snapshot
		want     string
	}{
		"just confirmed":            {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(45 * time.Second)}, "public, max-age=5, stale-if-error=40"},
		"half as old as may be":     {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(22 * time.Second)}, "public, max-age=5, stale-if-error=17"},
		"soon stale":                {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(2500 * time.Millisecond)}, "public, max-age=2"},
		"stale in a moment":         {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(900 * time.Millisecond)}, "public, no-cache"},
		"stale by now":              {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(-time.Second)}, "public, no-cache"},
		"stale":                     {domain.Snapshot{State: domain.Open, Stale: true, RefreshAfter: 10 * time.Second, Ages: in(4 * time.Minute)}, "public, max-age=5"},
		"soon hidden":               {domain.Snapshot{State: domain.Open, Stale: true, RefreshAfter: 10 * time.Second, Ages: in(3 * time.Second)}, "public, max-age=3"},
		"asked for each second":     {domain.Snapshot{State: domain.Open, RefreshAfter: time.Second, Ages: in(44 * time.Second)}, "public, max-age=1, stale-if-error=43"},
		"seldom asked for":          {domain.Snapshot{State: domain.Open, RefreshAfter: 40 * time.Second, Ages: in(45 * time.Second)}, "public, max-age=10, stale-if-error=35"},
		"the widget closes soon":    {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(45 * time.Second), Turn: in(20 * time.Second)}, "public, max-age=5, stale-if-error=15"},
		"the widget closes at once": {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(45 * time.Second), Turn: in(time.Millisecond)}, "public, no-cache"},
		"closed":                    {domain.Snapshot{State: domain.Closed, RefreshAfter: 10 * time.Second, Turn: in(time.Hour)}, "public, max-age=1"},
		"closed, and opens at once": {domain.Snapshot{State: domain.Closed, RefreshAfter: 10 * time.Second, Turn: in(time.Millisecond)}, "public, no-cache"},
		"initializing":              {domain.Snapshot{State: domain.Initializing, RefreshAfter: 10 * time.Second}, "public, max-age=1"},
		"unavailable":               {domain.Snapshot{State: domain.Unavailable, RefreshAfter: 10 * time.Second}, "public, max-age=1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.snapshot.StaleAfter = 45 * time.Second
			if got := newCacheControl(lifetimeOf(&test.snapshot, now)); got.public[0] != test.want || got.private[0] != strings.Replace(test.want, "public", "private", 1) {
				t.Errorf("got %q and %q", got.public, got.private)
			}
		})
	}
}

// directive is a number of seconds in Cache-Control; zero: it has none.
func directive(header, name string) time.Duration {
	for part := range strings.SplitSeq(header, ", ") {
		if text, ok := strings.CutPrefix(part, name); ok {
			d, _ := time.ParseDuration(text + "s")
			return d
		}
	}
	return 0
}

// No outlet lets a cache show as fresh, or fall back to, what would be marked, hidden or closed by then.
func TestNoCacheOutlivesWhatItShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := domain.Widget{ID: "w", Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute, RefreshAfter: 10 * time.Second,
			Metrics: []domain.Metric{{ID: "m", Ref: domain.Ref{Source: "hq", Metric: "m"}}, {ID: "n", Ref: domain.Ref{Source: "hq", Metric: "n"}}}}
		b := publish.New(publish.Options{Widgets: []domain.Widget{w}, Now: time.Now})
		defer b.Close()
		h := Public(Options{Publisher: b, Widgets: []Widget{{ID: "w"}}, PublicURL: "https://wait.example.com", Metrics: prometheus.NewRegistry(), Ready: func() bool { return true }, Now: time.Now})
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
				kept := directive(header, "max-age=") + directive(header, "stale-if-error=")
				for _, turn := range turns {
					if now := time.Now(); now.Before(turn) && now.Add(kept).After(turn) {
						t.Fatalf("%s, %v before the end of what it shows: %s", path, turn.Sub(now), header)
					}
				}
			}
		}
	})
}

// Whatever is asked for, and by whom, Vary is one line that names all that the answer depends on: nginx 1.22 reads only one.
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
					t.Errorf("%s %s %v: in the visitor's language, and %s", method, path, headers, h.Get("Cache-Control"))
				}
			}
		}
	}
}
