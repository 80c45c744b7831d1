package handlers

import (
	"net/http"
	"strings"
	"testing"
)

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
		{"/v1/widgets?id=support&id=partner", other, other, true}, // leaves out partner
		{"/v1/widgets?id=support&id=partner", "", "", true},
		{"/v1/widgets", other, other, true}, // leaves out partner
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
		if body := text(t, f.do("GET", path, "Origin", other)); strings.Contains(body, `"id":"partner"`) || !strings.Contains(body, "support") {
			t.Errorf("%s for another origin: %s", path, body)
		}
	}
}

// No browser sends several origins. The first counts.
func TestSeveralOrigins(t *testing.T) {
	f := newFixture(t)
	resp := f.do("GET", "/v1/widgets/partner", "Origin", "https://www.example.com", "Origin", "https://evil.example")
	if got := resp.Header["Access-Control-Allow-Origin"]; len(got) != 1 || got[0] != "https://www.example.com" {
		t.Errorf("allows %q", got)
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
