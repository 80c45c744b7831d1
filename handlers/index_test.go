package handlers

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/html"

	"waitboard/domain"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/snippet"
)

func TestIndexFollowsTheBoard(t *testing.T) {
	f := newFixture(t)
	before := f.do("GET", "/")
	page := parse(t, text(t, before))
	if len(page.all("article")) != 3 || len(page.all("article", "id", "widget-secret")) != 0 {
		t.Error("there are other widgets on the page than those listed")
	}
	if card := textOf(page.all("article", "id", "widget-empty")[0]); !strings.Contains(card, "No wait time yet") {
		t.Errorf("nothing is known, and it says %s", card)
	}
	etag := before.Header.Get("Etag")
	if again := f.do("GET", "/", "If-None-Match", etag); again.StatusCode != 304 || etag == "" {
		t.Errorf("the same again: %d", again.StatusCode)
	}
	f.observe("empty", 77)
	for _, path := range []string{"/", "/?widget=empty"} {
		after := f.do("GET", path, "If-None-Match", etag)
		if body := text(t, after); after.StatusCode != 200 || !strings.Contains(body, "77") || strings.Contains(body, "No wait time yet") {
			t.Errorf("%s does not follow the board", path)
		}
	}
}

// The page loads what is ours, by addresses that are right wherever it is reached, and holds nothing that its own policy
// stops.
func TestIndexKeepsItsPolicy(t *testing.T) {
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
			t.Errorf("%s does not refresh itself without scripts: %s", path, refresh)
		}
	}
}

// What is chosen is shown, in the fields, the preview and the HTML; what is not offered is left to its default.
func TestBuilder(t *testing.T) {
	tests := []struct {
		name, query                                 string
		widget, kind, layout, theme, locale, metric string // that are chosen
		pin                                         bool
		preview                                     string // the elements in it
		missing                                     bool
	}{
		{"nothing", "", "support", "element", "card", "auto", "", "", false, "wait-time img", false},
		{"everything", "?widget=support&kind=script&layout=line&theme=dark&locale=de&metric=support&pin=1", "support", "script", "line", "dark", "de", "support", true, "wait-time img", false},
		{"a frame", "?widget=empty&kind=iframe&pin=1", "empty", "iframe", "card", "auto", "", "", true, "iframe", false},
		{"an image", "?widget=partner&kind=image&theme=light", "partner", "image", "card", "light", "", "", false, "a img", false},
		{"a link", "?kind=link", "support", "link", "card", "auto", "", "", false, "a", false},
		{"an address", "?kind=address&locale=he", "support", "address", "card", "auto", "he", "", false, "iframe", false},
		{"one that is not listed", "?widget=secret", "secret", "element", "card", "auto", "", "", false, "wait-time img", false},
		{"one that is not there", "?widget=nosuch&kind=link", "support", "link", "card", "auto", "", "", false, "a", true},
		{"what there is not", "?kind=all&layout=%3Cb%3E&theme=x&locale=tlh&metric=nosuch&pin=yes", "support", "element", "card", "auto", "", "", false, "wait-time img", false},
		{"no query", "?%zz", "support", "element", "card", "auto", "", "", false, "wait-time img", false},
	}
	f := newFixture(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp := f.do("GET", "/"+test.query)
			if control := resp.Header.Get("Cache-Control"); (control == "private, no-cache") != (test.query != "") {
				t.Errorf("it is kept: %s", control)
			}
			page := parse(t, text(t, resp))
			for field, want := range map[string]string{"widget": test.widget, "layout": test.layout, "theme": test.theme, "locale": test.locale, "metric": test.metric} {
				options := dom{page.all("select", "name", field)[0]}.all("option", "selected", "*")
				got := ""
				if len(options) > 0 {
					got, _ = attr(options[0], "value")
				}
				if got != want || len(options) > 1 {
					t.Errorf("%s: %q of %d is chosen", field, got, len(options))
				}
			}
			if chosen := page.all("input", "name", "kind", "checked", "*"); len(chosen) != 1 || len(page.all("input", "value", test.kind, "checked", "*")) != 1 {
				t.Errorf("%d kinds are chosen, or another", len(chosen))
			}
			if pinned := len(page.all("input", "name", "pin", "checked", "*")) == 1; pinned != test.pin {
				t.Errorf("it is pinned: %v", pinned)
			}
			if missing := textOf(page.all("p", "class", "problem")[0]) != ""; missing != test.missing {
				t.Errorf("it says that there is none: %v", missing)
			}
			own := fmt.Sprintf("/v1/widgets/%s/snippet?kind=%s&layout=%s&theme=%s&locale=%s&metric=%s", test.widget, test.kind, test.layout, test.theme, test.locale, test.metric)
			if test.pin {
				own += "&pin=1"
			}
			want := text(t, f.do("GET", own))
			if got := page.all("textarea")[0].FirstChild.Data + "\n"; got != want {
				t.Errorf("to paste: %s\nas text:  %s", got, want)
			}
			links := dom{page.all("div", "class", "result")[0]}.all("a")
			address, _ := attr(links[len(links)-1], "href")
			if got := text(t, f.do("GET", strings.TrimPrefix(address, "."))); got != want {
				t.Errorf("%s says %s", address, got)
			}
			var seen []string
			for n := range page.all("div", "class", "stage "+test.theme)[0].Descendants() {
				if n.Type == html.ElementNode {
					seen = append(seen, n.Data)
				}
			}
			if got := strings.Join(seen, " "); got != test.preview {
				t.Errorf("the preview has %s", got)
			}
			if samples := (dom{page.all("ul", "class", "samples")[0]}).all("li"); len(samples) != len(snippet.Kinds)+2 {
				t.Errorf("%d samples", len(samples))
			}
		})
	}
}

func TestIndexWithoutWidgets(t *testing.T) {
	b := publish.New(publish.Options{Now: atNoon})
	f := &fixture{Handler: Public(Options{Now: atNoon, Publisher: b, PublicURL: "https://wait.example.com", Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Ready: func() bool { return true }})}
	for _, path := range []string{"/", "/?widget=support&kind=iframe"} {
		page := parse(t, text(t, f.do("GET", path)))
		if len(page.all("section", "class", "empty")) != 1 || len(page.all("form")) != 0 || len(page.all("article")) != 0 {
			t.Errorf("%s does not say what to do", path)
		}
	}
}

// Whatever titles, labels and texts hold, and whatever is asked for, it stays text.
func TestIndexKeepsTextsText(t *testing.T) {
	const evil = `</textarea></option></bdi><script>alert(1)</script><img src=x onerror=alert(1)>"'&lt;{{.}}`
	b := publish.New(publish.Options{Now: atNoon, Widgets: []domain.Widget{{
		ID: "w", Title: evil, Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: time.Second, Notice: evil,
		Metrics: []domain.Metric{{ID: "m", Label: evil, Ref: domain.Ref{Source: "hq", Metric: "m"}}},
	}}})
	defer b.Close()
	b.Readings().Apply("hq", map[string]domain.Observation{"m": {Confirmed: noon, Kind: domain.Text, Samples: map[string]domain.Sample{"": {Reading: domain.TextOf(evil), Confirmed: noon}}}})
	f := &fixture{Handler: Public(Options{Now: atNoon, Publisher: b, Widgets: []Widget{{ID: "w", Metrics: []Metric{{"m", evil}}}}, PublicURL: "https://wait.example.com",
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Ready: func() bool { return true }})}
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

// What one visitor chooses is on nobody else's page.
func TestChoicesAreKeptNowhere(t *testing.T) {
	f := newFixture(t)
	before := text(t, f.do("GET", "/"))
	if chosen := text(t, f.do("GET", "/?widget=partner&kind=iframe")); chosen == before {
		t.Error("nothing is chosen")
	}
	if after := text(t, f.do("GET", "/")); after != before {
		t.Error("the page has another's choices")
	}
}

// Without the gallery people get a page that says that there is nothing, and widgets are served all the same.
func TestNoGallery(t *testing.T) {
	f := newFixture(t)
	f.Handler = Public(Options{
		Now:       time.Now,
		Publisher: f.board, Widgets: []Widget{{ID: "support"}}, PublicURL: "https://wait.example.com/base", NoGallery: true, Metrics: prometheus.NewRegistry(), Log: quiet,
		Ready: func() bool { return true },
	})
	for _, path := range []string{"/", "/?widget=support&kind=element"} {
		resp := f.do("GET", path, "Accept-Language", "de")
		if body := text(t, resp); resp.StatusCode != 404 || !strings.Contains(body, "Wartezeit nicht verfügbar") || strings.Contains(body, "support") {
			t.Errorf("%s: %d\n%s", path, resp.StatusCode, body)
		}
	}
	for _, path := range []string{"/v1/widgets", "/v1/widgets/support", "/w/support", "/embed/support"} {
		if resp := f.do("GET", path); resp.StatusCode != 200 || !strings.Contains(text(t, resp), "support") {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

// A gallery of many widgets is shown page by page, and searched.
func TestGalleryPages(t *testing.T) {
	const many = 130
	o := publish.Options{Now: time.Now}
	var offered []Widget
	for i := range many {
		id := fmt.Sprintf("w%03d", i)
		o.Widgets = append(o.Widgets, domain.Widget{ID: id, Title: fmt.Sprintf("Queue %d", i), Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: time.Second,
			Metrics: []domain.Metric{{ID: "m", Label: "Wait", Ref: domain.Ref{Source: "hq", Metric: "m"}}}})
		label := "Wait"
		if i == 77 {
			label = "Callers in line"
		}
		offered = append(offered, Widget{ID: id, Metrics: []Metric{{"m", label}}})
	}
	b := publish.New(o)
	defer b.Close()
	f := &fixture{Handler: Public(Options{Now: time.Now, Publisher: b, Widgets: offered, PublicURL: "https://wait.example.com", Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Ready: func() bool { return true }})}
	tests := []struct {
		path        string
		first       string // the ID of the first widget
		cards       int
		prev, next  string
		saysNothing bool
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
					t.Errorf("%s leads to %q", rel, got)
				}
			}
			if len(page.all("form", "role", "search")) != 1 || (len(page.all("section", "class", "empty")) == 1) != test.saysNothing {
				t.Error("no search, or the wrong words")
			}
		})
	}
}
