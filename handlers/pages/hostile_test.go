package pages_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waitboard/domain"
	"waitboard/handlers/pages"
	"waitboard/locale"
	"waitboard/snippet"
)

// evil tries to become markup in each place where a page puts it.
const evil = `</bdi></wait-time></text></textarea></option><script>alert(1)</script><img src=x onerror=alert(1)>"'&lt;` + "`{{.}}"

// newHostile serves a widget whose texts are all evil: the company's, and the phone system's.
func newHostile(t *testing.T) *fixture {
	f := serve(t, []domain.Widget{{
		ID: "w", Title: evil, Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: time.Second, Notice: evil,
		Metrics: []domain.WidgetMetric{{ID: "m", Label: evil, Ref: domain.Ref{Source: "hq", Metric: "m"},
			Link: domain.Link{When: domain.Low, Label: evil, URL: `https://www.example.com/?"><script>`}}},
	}}, []pages.Offered{{ID: "w", Metrics: []pages.OfferedMetric{{ID: "m", Label: evil}}}}, nil)
	f.read("m", domain.Text, domain.TextOf(evil), noon)
	return f
}

// Pages contain hostile texts as text.
func TestHostileTextsInPages(t *testing.T) {
	f := newHostile(t)
	read := strings.Join(strings.Fields(evil), " ")
	for _, path := range []string{"/embed/w", "/w/w", "/embed/w?layout=line&locale=he"} {
		page := parse(t, text(t, f.do("GET", path)))
		for name, found := range map[string][]*html.Node{"title": page.all("title"), "heading": page.all("p", "class", "title"), "label": page.all("span", "class", "label"),
			"notice": page.all("p", "class", "notice"), "value": page.all("span", "class", "value text"), "link": page.all("a")} {
			if len(found) == 0 || textOf(found[0]) != read {
				t.Errorf("%s: %s: %d of them", path, name, len(found))
			}
		}
		if links := page.all("a", "target", "_blank", "rel", "noopener"); len(links) != 1 {
			t.Errorf("%s: %d links", path, len(links))
		}
	}
	for _, path := range []string{"/", "/embed/w", "/w/w"} {
		page := parse(t, text(t, f.do("GET", path)))
		if !strings.Contains(textOf(page.all("body")[0]), read) {
			t.Errorf("%s does not show the texts", path)
		}
		harmless(t, path, page)
	}
	var answer oembedJSON
	if err := json.NewDecoder(f.do("GET", "/oembed?url=https://wait.example.com/w/w").Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	framed := parse(t, answer.HTML)
	if frames := framed.all("iframe", "title", evil); len(frames) != 1 || answer.Title != evil {
		t.Errorf("oEmbed: %s", answer.HTML)
	}
	harmless(t, "oEmbed", framed)
}

// harmless fails the test if part of evil has become an element or an attribute.
func harmless(t *testing.T, name string, page dom) {
	t.Helper()
	for n := range page.root.Descendants() {
		src, _ := attr(n, "src")
		_, handles := attr(n, "onerror")
		if handles || src == "x" || n.Data == "script" && strings.Contains(textOf(n), "alert") {
			t.Errorf("%s: markup came through: <%s>", name, n.Data)
		}
	}
}

// The builder contains hostile texts and choices as text.
func TestHostileTextsInBuilder(t *testing.T) {
	f := newHostile(t)
	for _, kind := range snippet.Kinds {
		page := parse(t, text(t, f.do("GET", "/?widget=w&locale=%22%3E%3Cscript%3E&kind="+string(kind))))
		if scripts := page.all("script"); len(scripts) != 2 {
			t.Errorf("%s: %d scripts", kind, len(scripts))
		}
		if broken := page.all("img", "src", "x"); len(broken) != 0 {
			t.Errorf("%s: markup comes through", kind)
		}
		if title := textOf(page.all("h2")[0]); title != strings.Join(strings.Fields(evil), " ") {
			t.Errorf("%s: the title reads %q", kind, title)
		}
	}
}
