package handlers

import (
	"strings"
	"testing"
)

func TestAcceptsGzip(t *testing.T) {
	tests := map[string]bool{
		"": false, "gzip": true, "deflate, gzip;q=1.0, *;q=0.5": true, "GZIP": true, "x-gzip": true, "*": true,
		"identity": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "*;q=0": false, "gzip;q=0, *": false,
		"*, gzip;q=0": false, "gzip;q=x": false, "gzippy": false, " gzip ; q=0.1 ": true,
	}
	for header, want := range tests {
		if got := acceptsGzip([]string{header}); got != want {
			t.Errorf("%q: got %v", header, got)
		}
	}
	if acceptsGzip(nil) {
		t.Error("without the header")
	}
}

func TestPrefersText(t *testing.T) {
	tests := map[string]bool{
		"": false, "*/*": false, "application/json": false, "text/plain": true, "TEXT/Plain": true, "text/*": true,
		"text/plain; charset=utf-8": true, "text/plain;charset=UTF-8": true, "text/plain;charset=iso-8859-1": false,
		"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8": false, // a browser's address bar
		"application/json, text/plain, */*":                                          false, "text/plain, */*;q=0.01": true, "text/plain, application/json": true,
		// The weight counts, and the most specific range tells it.
		"application/json;q=0.5, text/plain;q=0.9": true, "text/plain;q=0.5, application/json;q=0.9": false,
		"text/plain;q=0.5, */*": false, "*/*;q=0.5, text/plain": true, "application/json;q=0, */*": true, "text/plain;q=0, */*": false,
		"text/*;q=0.9, text/plain;q=0.1, */*;q=0.5": false, "text/*;q=0.1, text/plain;q=0.9, */*;q=0.5": true,
		"application/*;q=0.2, text/*;q=0.3": true, "text/plain;q=1.000": true, "text/plain ; q=0.1": true,
		// Neither is welcome, or nobody knows: JSON.
		"text/html": false, "image/png, */*;q=0": false, "text/plain;q=0": false, "text/plain;q=2": false, "text/plain;q=x": false,
		"text": false, "*": false, "text/plain,": true, " , text/plain": true, ";": false, "\x00": false, strings.Repeat("text/html,", 1000) + "text/plain": true,
	}
	for header, want := range tests {
		if got := prefersText([]string{header}); got != want {
			t.Errorf("%.80q: got %v", header, got)
		}
	}
	if prefersText(nil) || !prefersText([]string{"text/html", "text/plain"}) || prefersText([]string{"text/plain;q=0.5", "*/*"}) {
		t.Error("without the header, or with several")
	}
}

// TestNegotiatedSnapshot holds that the address of a widget has the headers of what it sends.
func TestNegotiatedSnapshot(t *testing.T) {
	const path = "/v1/widgets/support"
	f := newFixture(t)
	json, line := f.do("GET", path), f.do("GET", path, "Accept", "text/plain")
	got, want := text(t, line), text(t, f.do("GET", path+"/text"))
	if got != want || line.Header.Get("Content-Type") != textType[0] {
		t.Errorf("%s: %q, not %q", line.Header.Get("Content-Type"), got, want)
	}
	doc := readDocument(t, f)
	documented, _ := doc.response("/v1/widgets/{id}", "200")
	if err := doc.validate(documented, "text/plain", []byte(got)); err != nil {
		t.Error(err)
	}
	if got := json.Header.Get("Content-Type"); got != jsonType[0] {
		t.Errorf("without Accept: %s", got)
	}
	if got := line.Header.Get("Cache-Control"); got != "private, max-age=5, stale-if-error=39" {
		t.Errorf("a shared cache may keep the text: %s", got)
	}
	jsonTag, lineTag := json.Header.Get("Etag"), line.Header.Get("Etag")
	if jsonTag == lineTag {
		t.Error("two forms have one entity tag")
	}
	tests := []struct {
		accept, known string
		status        int
	}{
		{"*/*", jsonTag, 304}, {"text/plain", lineTag, 304}, {"*/*", lineTag, 200}, {"text/plain", jsonTag, 200}, {"text/html", jsonTag, 304},
	}
	for _, test := range tests {
		got := f.do("GET", path, "Accept", test.accept, "If-None-Match", test.known)
		if got.StatusCode != test.status || got.Header.Get("Vary") != "Accept, Accept-Encoding" {
			t.Errorf("%v: %d, varies by %s", test, got.StatusCode, got.Header.Get("Vary"))
		}
	}
	own := f.do("GET", "/v1/widgets/partner", "Accept", "text/plain", "Origin", "https://www.example.com").Header
	if vary := strings.Join(own["Vary"], ", "); vary != "Origin, Accept, Accept-Encoding" {
		t.Errorf("a widget with origins varies by %s", vary)
	}
	if got := f.do("GET", "/v1/widgets/nosuch", "Accept", "text/plain"); got.StatusCode != 404 || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("an unknown widget as text: %d", got.StatusCode)
	}
}

// The headers that most requests have must not cost anything.
func TestCommonAcceptIsFree(t *testing.T) {
	for _, header := range [][]string{nil, {"*/*"}, {"application/json"}, {"application/json, text/plain, */*"}} {
		if n := testing.AllocsPerRun(100, func() { prefersText(header) }); n > 0 {
			t.Errorf("%q: %v allocations", header, n)
		}
	}
}

func FuzzPrefersText(f *testing.F) {
	for _, seed := range []string{"text/plain;q=0.9, */*;q=0.1", `text/plain;a="\", b";q=1`, ",;=/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if prefersText([]string{accept}) && !strings.Contains(accept, "*") && !strings.Contains(strings.ToLower(accept), "text/plain") {
			t.Errorf("%q does not ask for text", accept)
		}
	})
}
