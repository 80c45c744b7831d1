package pages_test

import (
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"waitboard/locale"
)

func TestWidgetPages(t *testing.T) {
	tests := []struct {
		name, path, accept string
		lang, dir          string
		layout, theme      string
		texts              []string
	}{
		{"as the widget speaks", "/embed/kinds", "", "en", "ltr", "card", "auto", []string{"7 min", "3", "Yes", "Calls may be recorded", "Not available", "As of 12:00 PM UTC"}},
		{"as the visitor does", "/embed/kinds", "de-AT, en;q=0.5", "de-AT", "ltr", "card", "auto", []string{"7 Min.", "Ja", "Nicht verfügbar", "Stand: 12:00 Uhr UTC"}},
		{"as the address says", "/embed/kinds?locale=ar", "de", "ar", "rtl", "card", "auto", nil},
		{"by the visitor's clock", "/embed/kinds", "en-GB", "en-GB", "ltr", "card", "auto", []string{"As of 12:00 UTC"}},
		{"a region that makes no difference", "/embed/kinds", "en-US", "en", "ltr", "card", "auto", []string{"As of 12:00 PM UTC"}},
		{"as a program writes it", "/embed/closed?locale=pt_br", "de", "pt-BR", "ltr", "card", "auto", []string{"Fechado. Abre amanhã às 08:00 UTC"}},
		{"simplified in place of traditional", "/embed/kinds?locale=zh-Hant", "de", "zh-Hans", "ltr", "card", "auto", []string{"7分钟"}},
		{"an unknown language", "/embed/kinds?locale=tlh", "eu", "en", "ltr", "card", "auto", []string{"7 min"}},
		{"choices", "/embed/kinds?layout=line&theme=dark&locale=he", "", "he", "rtl", "line", "dark", nil},
		{"unknown choices", "/embed/kinds?layout=%22%3E&theme=x&locale=%3Cb%3E", "", "en", "ltr", "card", "auto", nil},
		{"malformed query", "/embed/kinds?layout=%zz&theme=dark", "", "en", "ltr", "card", "dark", nil},
		{"a range", "/embed/ranges?locale=fr", "", "fr", "ltr", "card", "auto", []string{"5–10 min", "3 ou plus"}},
		{"a level and a link", "/embed/link", "", "en", "ltr", "card", "auto", []string{"high", "Request a callback"}},
		{"stale", "/embed/stale", "", "en", "ltr", "card", "auto", []string{"As of 11:58 AM UTC (not up to date)"}},
		{"stale, with nothing but the value", "/embed/stale?layout=bare", "", "en", "ltr", "bare", "auto", []string{"(not up to date)"}},
		{"closed", "/embed/closed?locale=de", "", "de", "ltr", "card", "auto", []string{"Geschlossen. Öffnet morgen um 08:00 Uhr UTC"}},
		{"initializing", "/embed/initializing", "", "en", "ltr", "card", "auto", []string{"No wait time yet"}},
		{"too old", "/embed/unavailable", "", "en", "ltr", "card", "auto", []string{"Not available at the moment."}},
		{"a notice", "/w/notice", "", "en", "ltr", "card", "auto", []string{"Phones are down, use chat", "3"}},
		{"to share, as the widget speaks", "/w/kinds", "de", "en", "ltr", "card", "auto", []string{"7 min", "As of 12:00 PM UTC"}},
		{"to share", "/w/kinds?theme=light&locale=ja", "", "ja", "ltr", "card", "light", nil},
	}
	f := newStates(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp := f.do("GET", test.path, "Accept-Language", test.accept)
			if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" || resp.Header.Get("Etag") == "" {
				t.Fatalf("%d %v", resp.StatusCode, resp.Header)
			}
			page := parse(t, text(t, resp))
			if len(page.all("html", "lang", test.lang, "dir", test.dir, "data-theme", test.theme)) != 1 ||
				len(page.all("wait-time", "locale", test.lang, "layout", test.layout, "theme", test.theme)) != 1 ||
				len(page.all("div", "class", "box "+test.layout))+len(page.all("div", "class", "box "+test.layout+" stale")) != 1 {
				t.Error("wrong choices")
			}
			shown := textOf(page.all("wait-time")[0])
			if rows := page.all("p", "class", "metric"); len(rows) > 0 == (len(page.all("p", "class", "message")) > 0) {
				t.Errorf("want either values or a message: %q", shown)
			}
			for _, want := range test.texts {
				if !strings.Contains(shown, want) {
					t.Errorf("no %q in %q", want, shown)
				}
			}
			query, _ := url.Parse(test.path)
			choice, _ := locale.Choose(query.Query().Get("locale"))
			chosen := choice != "" || strings.HasPrefix(test.path, "/w/")
			if varies := strings.Contains(resp.Header.Get("Vary"), "Accept-Language"); varies == chosen {
				t.Errorf("Vary: %v", resp.Header["Vary"])
			}
			if again := f.do("GET", test.path, "Accept-Language", test.accept, "If-None-Match", resp.Header.Get("Etag")); again.StatusCode != 304 {
				t.Errorf("with its ETag: %d", again.StatusCode)
			}
		})
	}
}

// A page loads only the service's files, contains nothing that its policy blocks, and has metadata for other sites.
func TestWidgetPageParts(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/embed/support", "/w/support?theme=dark&locale=ar"} {
		page := parse(t, text(t, f.do("GET", path)))
		for n := range page.root.Descendants() {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: <%s> has %s", path, n.Data, a.Key)
				}
			}
			if n.Type == html.ElementNode && (n.Data == "style" || n.Data == "script" && n.FirstChild != nil) {
				t.Errorf("%s: an inline %s", path, n.Data)
			}
			src, _ := attr(n, "src")
			if rel, _ := attr(n, "rel"); rel == "stylesheet" || rel == "icon" {
				src, _ = attr(n, "href")
			}
			if src == "" {
				continue
			}
			name, ours := strings.CutPrefix(src, "/base")
			resp := f.do("GET", name)
			if !ours || resp.StatusCode != 200 {
				t.Errorf("%s loads %s: %d", path, src, resp.StatusCode)
			}
			if hashed := regexp.MustCompile(`\.[0-9a-f]{16}\.`).MatchString(name); hashed != strings.Contains(resp.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s has Cache-Control %s", name, resp.Header.Get("Cache-Control"))
			}
		}
		if len(page.all("noscript")) != 1 || len(page.all("script")) != 1 ||
			len(page.all("link", "rel", "canonical", "href", "https://wait.example.com/base/w/support")) != 1 {
			t.Errorf("%s lacks an element", path)
		}
		if !strings.Contains(textOf(page.all("noscript")[0]), `http-equiv="refresh" content="10"`) {
			t.Errorf("%s does not reload without scripts", path)
		}
		discovery, _ := attr(page.all("link", "rel", "alternate", "type", "application/json+oembed")[0], "href")
		if resp := f.do("GET", strings.TrimPrefix(discovery, "https://wait.example.com/base")); resp.StatusCode != 200 {
			t.Errorf("%s: %s has status %d", path, discovery, resp.StatusCode)
		}
	}
	share := parse(t, text(t, f.do("GET", "/w/support")))
	for property, want := range map[string]string{
		"og:title": "<b>support</b>", "og:description": "Calls in queue", "og:url": "https://wait.example.com/base/w/support",
		"og:image": "https://wait.example.com/base/preview/support.png",
	} {
		if len(share.all("meta", "property", property, "content", want)) != 1 {
			t.Errorf("no %s %q", property, want)
		}
	}
	if len(share.all("meta", "name", "twitter:card")) != 1 {
		t.Error("no twitter:card")
	}
}

// The sites whose scripts may read a widget may frame it. Nobody may frame the page to share.
func TestFrameAncestors(t *testing.T) {
	tests := []struct{ path, want string }{
		{"/embed/support", ""},
		{"/embed/empty", ""},
		{"/embed/partner", "; frame-ancestors 'self' https://www.example.com https://*.example.net"},
		{"/w/support", "; frame-ancestors 'none'"},
		{"/w/partner", "; frame-ancestors 'none'"},
	}
	f := newFixture(t)
	for _, test := range tests {
		h := f.do("GET", test.path).Header
		want := "default-src 'none'; script-src 'self' https://wait.example.com; style-src 'self' https://wait.example.com; connect-src 'self' https://wait.example.com; " +
			"img-src 'self' https://wait.example.com; base-uri 'none'; form-action 'none'" + test.want
		if got := h.Get("Content-Security-Policy"); got != want {
			t.Errorf("%s: %s", test.path, got)
		}
		if h.Get("Cross-Origin-Embedder-Policy") != "require-corp" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: pages that are cross-origin isolated can't frame it: %v", test.path, h)
		}
	}
	partner := parse(t, text(t, f.do("GET", "/embed/partner")))
	if len(partner.all("html", "data-widget", "partner", "data-origins", "https://www.example.com https://*.example.net")) != 1 {
		t.Error("the page lacks the origins that receive its height")
	}
	if resp := f.do("GET", "/embed/partner", "Origin", "https://evil.example"); resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("scripts of other sites may read the page")
	}
	if resp := f.do("GET", "/embed/"); resp.StatusCode != 404 || resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("without an ID: %d %v", resp.StatusCode, resp.Header)
	}
}

// For an unknown widget, visitors get a page in their language. It repeats nothing of the request, and any site may frame it.
func TestMissingWidgetPages(t *testing.T) {
	tests := []struct {
		name, path, accept string
		lang, dir, text    string
		body, box          string // classes
	}{
		{"in a frame", "/embed/nosuch", "", "en", "ltr", "Page not found", "", "box card"},
		{"to share", "/w/nosuch", "", "en", "ltr", "Page not found", "page", "box card"},
		{"as the visitor speaks", "/embed/nosuch", "de-AT, en;q=0.5", "de-AT", "ltr", "Seite nicht gefunden", "", "box card"},
		{"as the address says", "/w/nosuch?locale=ar&layout=line&theme=dark", "de", "ar", "rtl", "الصفحة غير موجودة", "page", "box line"},
		{"a language that nobody speaks", "/embed/nosuch?locale=%3Cb%3E&layout=%22%3E", "tlh", "en", "ltr", "Page not found", "", "box card"},
		{"below a page", "/w/support/nosuch", "", "en", "ltr", "Page not found", "page", "box card"},
		{"markup", "/embed/%3Cb%3Enosuch", "", "en", "ltr", "Page not found", "", "box card"},
	}
	f := newFixture(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp := f.do("GET", test.path, "Accept-Language", test.accept)
			body := text(t, resp)
			if resp.StatusCode != 404 || resp.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
				t.Errorf("%d, %d bytes of %s", resp.StatusCode, len(body), resp.Header.Get("Content-Length"))
			}
			for name, want := range map[string]string{
				"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Etag": "",
				"Content-Security-Policy":      "default-src 'none'; style-src 'self' https://wait.example.com; img-src 'self' https://wait.example.com; base-uri 'none'; form-action 'none'",
				"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "cross-origin",
			} {
				if got := resp.Header.Get(name); got != want {
					t.Errorf("%s: %q", name, got)
				}
			}
			page := parse(t, body)
			if len(page.all("html", "lang", test.lang, "dir", test.dir)) != 1 || len(page.all("script")) != 0 || strings.Contains(body, "nosuch") {
				t.Errorf("the page is %s", body)
			}
			if class, _ := attr(page.all("body")[0], "class"); class != test.body || len(page.all("main", "class", test.box, "dir", test.dir)) != 1 {
				t.Errorf("wrong classes: %s", body)
			}
			if got := textOf(page.all("main")[0]); got != test.text || textOf(page.all("title")[0]) != test.text {
				t.Errorf("the text is %q", got)
			}
			for _, link := range page.all("link") {
				href, _ := attr(link, "href")
				if got := f.do("GET", strings.TrimPrefix(href, "/base")).StatusCode; got != 200 {
					t.Errorf("%s: %d", href, got)
				}
			}
			if head := f.do("HEAD", test.path, "Accept-Language", test.accept); head.StatusCode != 404 || head.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
				t.Errorf("HEAD: %d %v", head.StatusCode, head.Header)
			}
		})
	}
}

// Addresses as people paste them lead to the widget.
func TestNearMisses(t *testing.T) {
	tests := map[string]string{
		"/w/support/":              "/base/w/support",
		"/w/support//":             "/base/w/support",
		"/w/Support":               "/base/w/support",
		"/w/SUPPORT/?locale=de":    "/base/w/support?locale=de",
		"/w/support)":              "/base/w/support",
		"/w/support.":              "/base/w/support",
		"/w/support%20":            "/base/w/support",
		"/w/support%E2%80%9D%2C":   "/base/w/support",
		"/w/%28support%29":         "/base/w/support",
		"/w/support%2F":            "/base/w/support",
		"/embed/support/":          "/base/embed/support",
		"/embed/Support?theme=%22": "/base/embed/support?theme=%22",
		"/embed/&lt;support&gt;":   "",
		"/w/support/nosuch":        "",
		"/w/sup port":              "",
		"/w/suppport":              "",
		"/w/)":                     "",
	}
	f := newFixture(t)
	for path, want := range tests {
		resp := f.do("GET", strings.ReplaceAll(path, " ", "%20"))
		status := map[bool]int{true: 404, false: 308}[want == ""]
		if got := resp.Header.Get("Location"); resp.StatusCode != status || got != want {
			t.Errorf("%s: %d to %q", path, resp.StatusCode, got)
		}
	}
}

// A page changes only with the snapshot.
func TestWidgetPageFollowsThePublisher(t *testing.T) {
	f := newFixture(t)
	before := f.do("GET", "/embed/empty")
	if again := f.do("GET", "/embed/empty"); again.Header.Get("Etag") != before.Header.Get("Etag") {
		t.Error("it changes without the snapshot")
	}
	f.observe("empty", 17)
	after := f.do("GET", "/embed/empty", "If-None-Match", before.Header.Get("Etag"))
	if body, err := io.ReadAll(after.Body); err != nil || after.StatusCode != 200 || !strings.Contains(string(body), "17") {
		t.Errorf("%d %s", after.StatusCode, body)
	}
}
