package pages_test

import (
	"crypto/sha512"
	"encoding/base64"
	"testing"

	"waitboard/web"
)

// The largest compressed sizes of the scripts, in bytes.
const maxScript, maxLiveScript, maxMoreScript, maxChartScript = 5000, 5600, 1000, 2500

func TestScript(t *testing.T) {
	f := newFixture(t)
	for _, test := range []struct {
		path, control string
		script        *web.Bundle
		most          int // bytes
	}{
		{"/v1/widget.js", "public, max-age=3600, stale-while-revalidate=86400", web.Script, maxScript},
		{web.Script.PinnedPath(), "public, max-age=31536000, immutable", web.Script, maxScript},
		{"/v1/widget.live.js", "public, max-age=3600, stale-while-revalidate=86400", web.Live, maxLiveScript},
		{web.Live.PinnedPath(), "public, max-age=31536000, immutable", web.Live, maxLiveScript},
		{"/v1/widget.more.js", "public, max-age=3600, stale-while-revalidate=86400", web.More, maxMoreScript},
		{"/v1/widget.chart.js", "public, max-age=3600, stale-while-revalidate=86400", web.Chart, maxChartScript},
		{web.Chart.PinnedPath(), "public, max-age=31536000, immutable", web.Chart, maxChartScript},
	} {
		plain, zipped := f.do("GET", test.path), f.do("GET", test.path, "Accept-Encoding", "gzip")
		h := plain.Header
		if plain.StatusCode != 200 || h.Get("Content-Type") != "text/javascript; charset=utf-8" || h.Get("Cache-Control") != test.control ||
			h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", test.path, plain.StatusCode, h)
		}
		body := text(t, plain)
		sum := sha512.Sum384([]byte(body))
		if got := "sha384-" + base64.StdEncoding.EncodeToString(sum[:]); got != test.script.Integrity() {
			t.Errorf("%s: integrity %s", test.path, got)
		}
		if size := len(text(t, zipped)); zipped.Header.Get("Content-Encoding") != "gzip" || size > test.most {
			t.Errorf("%s: %d bytes in %q, want at most %d", test.path, size, zipped.Header.Get("Content-Encoding"), test.most)
		}
		if got := f.do("GET", test.path, "If-None-Match", h.Get("Etag")); got.StatusCode != 304 {
			t.Errorf("%s with its ETag: %d", test.path, got.StatusCode)
		}
	}
	if got := f.do("GET", "/v1/widget.0123456789abcdef.js"); got.StatusCode != 404 || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("another hash: %d %v", got.StatusCode, got.Header)
	}
}

// The address of a pinned script has that script, also for earlier releases.
func TestPinnedScripts(t *testing.T) {
	f := newFixture(t)
	for path, script := range web.PinnedScripts() {
		resp := f.do("GET", path)
		if body := text(t, resp); body != string(script) || resp.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d bytes of %d, %v", path, len(body), len(script), resp.Header)
		}
	}
}
