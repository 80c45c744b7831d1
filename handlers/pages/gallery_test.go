package pages_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waitboard/domain"
	"waitboard/handlers"
	"waitboard/handlers/pages"
	"waitboard/locale"
)

func TestGalleryFollowsThePublisher(t *testing.T) {
	f := newFixture(t)
	before := f.do("GET", "/")
	page := parse(t, text(t, before))
	if len(page.all("article")) != 3 || len(page.all("article", "id", "widget-secret")) != 0 {
		t.Error("the page shows other widgets than the listed ones")
	}
	if card := textOf(page.all("article", "id", "widget-empty")[0]); !strings.Contains(card, "No wait time yet") {
		t.Errorf("without values, the card reads %s", card)
	}
	etag := before.Header.Get("Etag")
	if again := f.do("GET", "/", "If-None-Match", etag); again.StatusCode != 304 || etag == "" {
		t.Errorf("with its ETag: %d", again.StatusCode)
	}
	f.observe("empty", 77)
	for _, path := range []string{"/", "/?widget=empty"} {
		after := f.do("GET", path, "If-None-Match", etag)
		if body := text(t, after); after.StatusCode != 200 || !strings.Contains(body, "77") || strings.Contains(body, "No wait time yet") {
			t.Errorf("%s has old values", path)
		}
	}
}

// The page loads only the service's files, by relative addresses, and contains nothing that its policy blocks.
func TestGalleryPolicy(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/", "/?widget=support&kind=element&pin=1", "/?widget=partner&kind=iframe&layout=line&theme=dark&locale=ar", "/?kind=image", "/?kind=link", "/?kind=address"} {
		resp := f.do("GET", path)
		if got := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; script-src 'self'; style-src 'self'; ") || strings.Contains(got, "unsafe") {
			t.Errorf("%s: %s", path, got)
		}
		page := parse(t, text(t, resp))
		for n := range page.root.Descendants() {
			for _, a := range n.Attr {
				switch {
				case a.Key == "style", strings.HasPrefix(a.Key, "on"):
					t.Errorf("%s: <%s> has %s", path, n.Data, a.Key)
				case a.Key == "src", a.Key == "href" && n.Data == "link" && a.Val != "./":
					name, relative := strings.CutPrefix(a.Val, ".")
					if got := f.do("GET", name); !relative || got.StatusCode != 200 {
						t.Errorf("%s loads %s: %d", path, a.Val, got.StatusCode)
					}
				}
			}
			if n.Type == html.ElementNode && (n.Data == "style" || n.Data == "script" && n.FirstChild != nil) {
				t.Errorf("%s: an inline %s", path, n.Data)
			}
		}
		if refresh := textOf(page.all("noscript")[0]); !regexp.MustCompile(`http-equiv="refresh" content="\d+"`).MatchString(refresh) {
			t.Errorf("%s does not reload without scripts: %s", path, refresh)
		}
	}
}

func TestGalleryWithoutWidgets(t *testing.T) {
	f := serve(t, nil, nil, nil)
	for _, path := range []string{"/", "/?widget=support&kind=iframe"} {
		page := parse(t, text(t, f.do("GET", path)))
		if len(page.all("section", "class", "empty")) != 1 || len(page.all("form")) != 0 || len(page.all("article")) != 0 {
			t.Errorf("%s lacks the instructions", path)
		}
	}
}

// The choices of one visitor don't appear on the page of another.
func TestChoicesAreNotStored(t *testing.T) {
	f := newFixture(t)
	before := text(t, f.do("GET", "/"))
	if chosen := text(t, f.do("GET", "/?widget=partner&kind=iframe")); chosen == before {
		t.Error("the choices have no effect")
	}
	if after := text(t, f.do("GET", "/")); after != before {
		t.Error("the page has the choices of another visitor")
	}
}

// Without the gallery, visitors get a page that says so. Widgets are unaffected.
func TestNoGallery(t *testing.T) {
	f := serve(t, []domain.Widget{{ID: "support", Title: "support", Locale: locale.English()}}, []pages.Offered{{ID: "support"}}, func(o *handlers.Options) { o.NoGallery = true })
	for _, path := range []string{"/", "/?widget=support&kind=element"} {
		resp := f.do("GET", path, "Accept-Language", "de")
		if body := text(t, resp); resp.StatusCode != 404 || !strings.Contains(body, "Seite nicht gefunden") || strings.Contains(body, "support") {
			t.Errorf("%s: %d\n%s", path, resp.StatusCode, body)
		}
	}
	for _, path := range []string{"/v1/widgets", "/v1/widgets/support", "/w/support", "/embed/support"} {
		if resp := f.do("GET", path); resp.StatusCode != 200 || !strings.Contains(text(t, resp), "support") {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

// A gallery of many widgets has pages and a search.
func TestGalleryPages(t *testing.T) {
	const many = 130
	var widgets []domain.Widget
	var offered []pages.Offered
	for i := range many {
		id, label := fmt.Sprintf("w%03d", i), "Wait"
		if i == 77 {
			label = "Callers in line"
		}
		widgets = append(widgets, domain.Widget{ID: id, Title: fmt.Sprintf("Queue %d", i), Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: time.Second})
		offered = append(offered, pages.Offered{ID: id, Metrics: []pages.OfferedMetric{{ID: "m", Label: label}}})
	}
	f := serve(t, widgets, offered, nil)
	tests := []struct {
		path       string
		first      string // the ID of the first widget
		cards      int
		prev, next string
		empty      bool
	}{
		{"/", "w000", 24, "", "?page=2", false},
		{"/?page=2", "w024", 24, "?page=1", "?page=3", false},
		{"/?page=6", "w120", 10, "?page=5", "", false},
		{"/?page=99", "w120", 10, "?page=5", "", false},
		{"/?page=-1", "w000", 24, "", "?page=2", false},
		{"/?page=x", "w000", 24, "", "?page=2", false},
		{"/?q=QUEUE+12", "w012", 11, "", "", false},
		{"/?q=callers", "w077", 1, "", "", false},
		{"/?q=w1", "w100", 24, "", "?page=2&q=w1", false},
		{"/?q=nothing", "", 0, "", "", true},
		{"/?widget=w100&kind=iframe", "w000", 24, "", "?page=2", false},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			page := parse(t, text(t, f.do("GET", test.path)))
			cards := page.all("article")
			first := ""
			if len(cards) > 0 {
				first, _ = attr(cards[0], "id")
			}
			if len(cards) != test.cards || strings.TrimPrefix(first, "widget-") != test.first {
				t.Errorf("%d cards, the first is %s", len(cards), first)
			}
			for rel, want := range map[string]string{"prev": test.prev, "next": test.next} {
				got := ""
				for _, link := range page.all("a", "rel", rel) {
					href, _ := attr(link, "href")
					got += href
				}
				if got != want {
					t.Errorf("%s links to %q", rel, got)
				}
			}
			if len(page.all("form", "role", "search")) != 1 || (len(page.all("section", "class", "empty")) == 1) != test.empty {
				t.Error("the search or the message is missing")
			}
		})
	}
}
