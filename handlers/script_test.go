package handlers

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/locale"
	"waitboard/web"
)

// maxScript and maxLiveScript are what the scripts may weigh in a page, compressed, in bytes.
const maxScript, maxLiveScript, maxMoreScript = 5000, 5600, 1000

func TestScript(t *testing.T) {
	f := newFixture(t)
	for _, test := range []struct {
		path, kept string
		script     *web.Bundle
		most       int // bytes
	}{
		{"/v1/widget.js", "public, max-age=3600, stale-while-revalidate=86400", web.Script, maxScript},
		{web.Script.PinnedPath(), "public, max-age=31536000, immutable", web.Script, maxScript},
		{"/v1/widget.live.js", "public, max-age=3600, stale-while-revalidate=86400", web.Live, maxLiveScript},
		{web.Live.PinnedPath(), "public, max-age=31536000, immutable", web.Live, maxLiveScript},
		{"/v1/widget.more.js", "public, max-age=3600, stale-while-revalidate=86400", web.More, maxMoreScript},
	} {
		plain, zipped := f.do("GET", test.path), f.do("GET", test.path, "Accept-Encoding", "gzip")
		h := plain.Header
		if plain.StatusCode != 200 || h.Get("Content-Type") != "text/javascript; charset=utf-8" || h.Get("Cache-Control") != test.kept ||
			h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", test.path, plain.StatusCode, h)
		}
		body := text(t, plain)
		sum := sha512.Sum384([]byte(body))
		if got := "sha384-" + base64.StdEncoding.EncodeToString(sum[:]); got != test.script.Integrity() {
			t.Errorf("%s: the integrity is %s", test.path, got)
		}
		if size := len(text(t, zipped)); zipped.Header.Get("Content-Encoding") != "gzip" || size > test.most {
			t.Errorf("%s: %d bytes in %q, at most %d are allowed", test.path, size, zipped.Header.Get("Content-Encoding"), test.most)
		}
		if got := f.do("GET", test.path, "If-None-Match", h.Get("Etag")); got.StatusCode != 304 {
			t.Errorf("%s with its ETag: %d", test.path, got.StatusCode)
		}
	}
	if got := f.do("GET", "/v1/widget.0123456789abcdef.js"); got.StatusCode != 404 || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("another hash: %d %v", got.StatusCode, got.Header)
	}
}

// A page that has pinned a script gets that very one, whichever release it is of.
func TestPinnedScripts(t *testing.T) {
	f := newFixture(t)
	for path, script := range web.PinnedScripts() {
		resp := f.do("GET", path)
		if body := text(t, resp); body != string(script) || resp.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d bytes of %d, %v", path, len(body), len(script), resp.Header)
		}
	}
}

func TestPhrases(t *testing.T) {
	f := newFixture(t)
	german, err := locale.New("de", map[string]locale.Message{"under": {Text: "weniger als {duration}"}})
	if err != nil {
		t.Fatal(err)
	}
	locales := func(language string) *locale.Locale {
		if language == "de" {
			return german
		}
		return catalogs(language)
	}
	f.Handler = Public(Options{Now: atNoon, Publisher: f.board, Widgets: []Widget{{ID: "support"}}, Locales: locales, Metrics: prometheus.NewRegistry(), Log: quiet,
		Ready: func() bool { return true }})
	type phrases struct {
		Locale, Dir, Under, Warning string
		Minute                      map[string]string
	}
	read := func(query string) (got struct {
		Widgets []struct{ ID string }
		Phrases *phrases
	}) {
		if err := json.Unmarshal([]byte(text(t, f.do("GET", widgetsPath+query))), &got); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return got
	}
	for _, test := range []struct{ query, language string }{
		{"?id=support", ""},
		{"?id=support&phrases=de", "de"},
		{"?phrases=de-AT", "de-AT"},
		{"?phrases=de_DE", "de"},
		{"?phrases=pt_BR", "pt-BR"},
		{"?phrases=EN-us", "en"},
		{"?phrases=en-GB", "en"},
		{"?phrases=en-ZA", "en-ZA"},
		{"?phrases=es-ES", "es"},
		{"?phrases=es-MX", "es-MX"},
		{"?phrases=zh-Hant", "zh-Hans"},
		{"?phrases=*", "en"},
		{"?phrases=!", "en"},
		{"?id=nosuch&phrases=fr", "fr"},
		{"?phrases=zh-TW", "zh-Hans"},
		{"?phrases=und", "en"},
		{"?phrases=", "en"},
		{"?phrases=%00%ff", "en"},
		{"?phrases=" + strings.Repeat("de,", 2000), "en"},
		{"?phrases=pl&phrases=de", "pl"},
		{"?id=support&phrases=ar-EG", "ar-EG-u-nu-arab"},
	} {
		got := read(test.query)
		if language := ""; got.Phrases != nil || test.language != "" {
			if got.Phrases != nil {
				language = got.Phrases.Locale
			}
			if language != test.language {
				t.Errorf("%.40s: %q", test.query, language)
			}
		}
	}
	if diff := cmp.Diff(&phrases{"de", "", "weniger als {duration}", "", map[string]string{"one": "{count} Min.", "other": "{count} Min."}}, read("?phrases=de").Phrases); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for query, want := range map[string]string{
		"?phrases=de_DE": "", "?phrases=und": "", "?phrases=": "", "?phrases=*": "",
		"?phrases=zh_TW": `unsupported language "zh-TW", showing zh-Hans`, "?phrases=sv-SE": `unsupported language "sv-SE", showing en`,
		"?phrases=%3Cb%3E": "unknown language tag, showing en",
	} {
		if got := read(query).Phrases.Warning; got != want {
			t.Errorf("%s warns %q, want %q", query, got, want)
		}
	}
	if got := read("?phrases=he").Phrases.Dir; got != "rtl" {
		t.Errorf("Hebrew is written %q", got)
	}
	etags := map[string]bool{}
	for _, query := range []string{"?id=support", "?id=support&phrases=de", "?id=support&phrases=fr", "?id=support&phrases=de"} {
		etags[f.do("GET", widgetsPath+query).Header.Get("Etag")] = true
	}
	if len(etags) != 3 {
		t.Errorf("three different answers have %d entity tags", len(etags))
	}
	if zipped := f.do("GET", widgetsPath+"?id=support&phrases=de", "Accept-Encoding", "gzip"); zipped.Header.Get("Content-Encoding") != "gzip" {
		t.Error("an answer with phrases is not compressed")
	}
}
