package handlers

import (
	"net/http"
	"strings"
	"testing"
)

func TestBadge(t *testing.T) {
	f := newFixture(t)
	const path = "/v1/widgets/support/badge"
	body := func(query string) string { return text(t, f.do("GET", path+query)) }
	auto, dark := body(".svg"), body(".svg?theme=dark")
	if !strings.Contains(auto, "prefers-color-scheme:dark") || strings.Contains(dark, "<style>") || !strings.Contains(dark, "#222222") {
		t.Errorf("the themes look the same:\n%s\n%s", auto, dark)
	}
	if !strings.Contains(auto, "&lt;b&gt;support&lt;/b&gt;") || strings.Contains(auto, "<b>") {
		t.Errorf("the title is markup: %s", auto)
	}
	for _, query := range []string{"?theme=auto", "?theme=pink", "?theme=%zz", "?theme=&theme=dark", "?x=1", "?layout=card", "?layout=bare", "?layout=%00", "?theme=DARK;x"} {
		if body(".svg"+query) != auto {
			t.Errorf("%s differs from the default theme", query)
		}
	}
	strip := body(".svg?layout=line&theme=dark")
	if strip == dark || strip != body(".svg?layout=compact&theme=dark") || !strings.Contains(strip, `height="54"`) {
		t.Errorf("a small layout does not give a strip: %s", strip)
	}
	if png := body(".png"); png != body(".png?theme=light") || png == body(".png?theme=dark") {
		t.Error("auto differs from light in a PNG")
	}
	for suffix, contentType := range map[string]string{".svg": "image/svg+xml", ".png": "image/png"} {
		full, head := f.do("GET", path+suffix), f.do("HEAD", path+suffix)
		for name, want := range map[string]string{"Content-Type": contentType, "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "cross-origin",
			"Cache-Control": f.do("GET", "/v1/widgets/support").Header.Get("Cache-Control"), "Access-Control-Allow-Origin": "*"} {
			if full.Header.Get(name) != want || head.Header.Get(name) != want {
				t.Errorf("%s: %s is %q and %q, want %q", suffix, name, full.Header.Get(name), head.Header.Get(name), want)
			}
		}
		if len(text(t, head)) > 0 || head.ContentLength <= 0 {
			t.Errorf("%s: HEAD has a body, or no length", suffix)
		}
		if again := f.do("GET", path+suffix, "If-None-Match", full.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d with its ETag", suffix, again.StatusCode)
		}
	}
	if policy := f.do("GET", path+".svg").Header.Get("Content-Security-Policy"); policy != "default-src 'none'; style-src 'unsafe-inline'; sandbox" {
		t.Errorf("policy: %s", policy)
	}
	if resp := f.do("GET", path+".svg", "Accept-Encoding", "gzip"); resp.Header.Get("Content-Encoding") != "gzip" {
		t.Error("an SVG is not compressed")
	}
	if resp := f.do("GET", "/v1/widgets/nosuch/badge.svg"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("unknown widget: %d", resp.StatusCode)
	}
}
