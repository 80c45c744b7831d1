package pages_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waitboard/domain"
	"waitboard/handlers"
	"waitboard/handlers/pages"
	"waitboard/locale"
	"waitboard/snippet"
	"waitboard/web"
)

// A place leads to a kind that it takes, with two lines of instructions.
func TestBuilderPlaces(t *testing.T) {
	tests := []struct{ name, query, place, kind, html string }{
		{"no place", "", "html", "element", "<wait-time "},
		{"WordPress", "?place=wordpress", "wordpress", "address", "https://wait.example.com/base/w/support"},
		{"WordPress with another kind", "?place=wordpress&kind=element", "wordpress", "element", "<wait-time "},
		{"a kind that Wix does not take", "?place=wix&kind=script&metric=support", "wix", "iframe", "<iframe "},
		{"Squarespace", "?place=squarespace", "squarespace", "element", "<wait-time "},
		{"Shopify", "?place=shopify", "shopify", "element", "<wait-time "},
		{"Webflow", "?place=webflow", "webflow", "element", "<wait-time "},
		{"Google Tag Manager", "?place=gtm", "gtm", "element", "<wait-time "},
		{"React", "?place=react&metric=support", "react", "react", "<script async "},
		{"e-mail", "?place=email", "email", "email", "<a href="},
		{"a kind for e-mail", "?kind=email", "email", "email", "<a href="},
		{"a kind for React", "?kind=react", "react", "react", "<script async "},
		{"an unknown place", "?place=%3Cb%3E&kind=link", "html", "link", "<a href="},
	}
	f := newFixture(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			page := parse(t, text(t, f.do("GET", "/builder"+test.query)))
			for field, want := range map[string]string{"place": test.place, "kind": test.kind} {
				chosen := page.all("input", "name", field, "checked", "*")
				if len(chosen) != 1 || len(page.all("input", "name", field, "checked", "*", "value", want)) != 1 {
					t.Errorf("%d of %s are chosen, or not %s", len(chosen), field, want)
				}
			}
			html := page.all("textarea")[0].FirstChild.Data
			if !strings.HasPrefix(html, test.html) {
				t.Errorf("to paste: %s", html)
			}
			steps := dom{page.all("ol", "class", "steps")[0]}.all("li")
			if len(steps) != 2 || textOf(steps[0]) == "" || textOf(steps[1]) == "" || strings.HasPrefix(textOf(steps[1]), textOf(steps[0])) {
				t.Errorf("not two different instructions: %d", len(steps))
			}
			links := dom{page.all("div", "class", "result")[0]}.all("a")
			address, _ := attr(links[len(links)-1], "href")
			if got := text(t, f.do("GET", strings.TrimPrefix(address, "."))); got != html+"\n" {
				t.Errorf("%s returns %s", address, got)
			}
			if len(page.all("article")) != 0 {
				t.Error("the builder's page has cards")
			}
		})
	}
}

// The builder warns of an address that visitors may not reach.
func TestBuilderWarnsOfTheAddress(t *testing.T) {
	tests := []struct {
		name, address string
		configured    bool
		want          string
	}{
		{"public", "https://wait.example.com", true, ""},
		{"of the listener", "http://192.0.2.1:8080", false, "The configuration has no public_url"},
		{"loopback", "http://127.0.0.1:8080", false, "works only on this computer"},
		{"configured as loopback", "http://[::1]:8080", true, "works only on this computer"},
		{"by name", "http://localhost:8080", true, "works only on this computer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := serve(t, []domain.Widget{{ID: "support", Title: "support", Locale: locale.English()}}, []pages.Offered{{ID: "support"}}, func(o *handlers.Options) {
				o.PublicURL, o.NoPublicURL = test.address, !test.configured
			})
			warning := parse(t, text(t, f.do("GET", "/builder"))).all("p", "class", "warning")[0]
			_, hidden := attr(warning, "hidden")
			if got := textOf(warning); hidden != (test.want == "") || !strings.Contains(got, test.want) || test.want == "" && got != "" {
				t.Errorf("hidden %v: %q", hidden, got)
			}
		})
	}
}

// Fields, preview and HTML show the choices. An unknown choice gets its default.
func TestBuilder(t *testing.T) {
	tests := []struct {
		name, query                                 string
		widget, kind, layout, theme, locale, metric string // expected choices
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
		{"unlisted", "?widget=secret", "secret", "element", "card", "auto", "", "", false, "wait-time img", false},
		{"unknown widget", "?widget=nosuch&kind=link", "support", "link", "card", "auto", "", "", false, "a", true},
		{"unknown choices", "?kind=all&layout=%3Cb%3E&theme=x&locale=tlh&metric=nosuch&pin=yes", "support", "element", "card", "auto", "", "", false, "wait-time img", false},
		{"malformed query", "?%zz", "support", "element", "card", "auto", "", "", false, "wait-time img", false},
	}
	f := newFixture(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp := f.do("GET", "/"+test.query)
			if control := resp.Header.Get("Cache-Control"); (control == "private, no-cache") != (test.query != "") {
				t.Errorf("Cache-Control: %s", control)
			}
			page := parse(t, text(t, resp))
			for field, want := range map[string]string{"widget": test.widget, "layout": test.layout, "theme": test.theme, "locale": test.locale, "metric": test.metric} {
				options := dom{page.all("select", "name", field)[0]}.all("option", "selected", "*")
				got := ""
				if len(options) > 0 {
					got, _ = attr(options[0], "value")
				}
				if got != want || len(options) > 1 {
					t.Errorf("%s: %q of %d options is chosen", field, got, len(options))
				}
			}
			if chosen := page.all("input", "name", "kind", "checked", "*"); len(chosen) != 1 || len(page.all("input", "value", test.kind, "checked", "*")) != 1 {
				t.Errorf("%d kinds are chosen, or the wrong one", len(chosen))
			}
			if pinned := len(page.all("input", "name", "pin", "checked", "*")) == 1; pinned != test.pin {
				t.Errorf("pinned: %v", pinned)
			}
			if missing := textOf(page.all("p", "class", "problem")[0]) != ""; missing != test.missing {
				t.Errorf("missing: %v", missing)
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
				t.Errorf("%s returns %s", address, got)
			}
			var seen []string
			for n := range page.all("div", "class", "stage "+test.theme)[0].Descendants() {
				if n.Type == html.ElementNode {
					seen = append(seen, n.Data)
				}
			}
			if got := strings.Join(seen, " "); got != test.preview {
				t.Errorf("preview: %s", got)
			}
			if samples := (dom{page.all("ul", "class", "samples")[0]}).all("li"); len(samples) != len(snippet.Kinds) {
				t.Errorf("%d samples", len(samples))
			}
		})
	}
}

func TestSnippet(t *testing.T) {
	const base, path = "https://wait.example.com/base", "/v1/widgets/support/snippet"
	usual := snippet.Options{Base: base, Widget: "support", Title: "<b>support</b>", ChartTitle: "Usual values by hour", Hash: web.Script.Hash(), Integrity: web.Script.Integrity()}
	with := func(change func(*snippet.Options)) snippet.Options {
		o := usual
		change(&o)
		return o
	}
	tests := []struct{ query, want string }{
		{"", snippet.All(usual)},
		{"?kind=all&x=y", snippet.All(usual)},
		{"?pin=1", snippet.All(with(func(o *snippet.Options) { o.Pin = true }))},
		{"?chart=week", snippet.All(with(func(o *snippet.Options) { o.Chart = "week" }))},
		{"?kind=element&chart=day", snippet.HTML(snippet.Element, with(func(o *snippet.Options) { o.Chart = "day" }))},
		{"?chart=month", "chart must be one of none, day, week"},
		{"?kind=element&pin=1", snippet.HTML(snippet.Element, with(func(o *snippet.Options) { o.Pin = true }))},
		{"?kind=script&layout=bare&theme=light&locale=de-AT&metric=support&pin=0",
			snippet.HTML(snippet.Script, with(func(o *snippet.Options) { o.Layout, o.Theme, o.Locale, o.Metric = "bare", "light", "de-AT", "support" }))},
		{"?kind=&layout=&theme=&locale=&metric=&pin=", snippet.All(usual)},
		{"?kind=iframe&kind=nosuch", snippet.HTML(snippet.IFrame, usual)},
		{"?kind=Element", "kind must"},
		{"?layout=cards", "layout must be one of card, line, compact, bare"},
		{"?theme=%00", "theme must be one of auto, light, dark"},
		{"?locale=tlh", "locale must be one of en, es"},
		{"?locale=" + strings.Repeat("de-", 5000), "locale must"},
		{"?metric=partner", "The widget has no metric with this ID"},
		{"?kind=image&metric=support", "Only the kinds element, script and react"},
		{"?pin=true", "pin must be one of 0, 1"},
	}
	f := newFixture(t)
	for _, test := range tests {
		resp := f.do("GET", path+test.query)
		body := text(t, resp)
		if wrong := !strings.HasPrefix(test.want, "<"); wrong {
			if resp.StatusCode != 400 || !strings.Contains(body, `"unknown_choice"`) || !strings.Contains(body, test.want) {
				t.Errorf("%.60s: %d %s", test.query, resp.StatusCode, body)
			}
			continue
		}
		if resp.StatusCode != 200 || body != test.want+"\n" {
			t.Errorf("%.60s: %d %s\nwant %s", test.query, resp.StatusCode, body, test.want)
		}
		if again := f.do("GET", path+test.query, "If-None-Match", resp.Header.Get("Etag")); again.StatusCode != 304 {
			t.Errorf("%.60s with its ETag: %d", test.query, again.StatusCode)
		}
	}
}

// The builder offers charts of a widget with history, where a kind can have one.
func TestBuilderOffersCharts(t *testing.T) {
	w := domain.Widget{ID: "w", Title: "w", Locale: locale.English(), Metrics: []domain.WidgetMetric{{ID: "wait", Label: "Wait", History: domain.History{Keep: time.Hour}}}}
	for _, test := range []struct {
		query   string
		history bool
		want    string
		html    string
	}{
		{"", false, "", "<wait-time "},
		{"", true, "none day week", "<wait-time "},
		{"?chart=day", true, "none day week", `chart="day"`},
		{"?chart=week", true, "none day week", `chart="week"`},
		{"?chart=week&layout=line", true, "", `layout="line"><img `},
		{"?kind=iframe&chart=week&layout=line", true, "none day week", "?chart=week"},
		{"?kind=iframe&chart=week", true, "none day week", "?chart=week"},
		{"?kind=image&chart=day", true, "none day week", `/typical.svg" width="320" height="204" alt="Usual values by hour"`},
		{"?kind=email&chart=day", true, "", "badge.png"},
	} {
		f := serve(t, []domain.Widget{w}, []pages.Offered{{ID: "w", History: test.history, Metrics: []pages.OfferedMetric{{ID: "wait", Label: "Wait"}}}}, nil)
		page := parse(t, text(t, f.do("GET", "/builder"+test.query)))
		var choices []string
		for _, field := range page.all("select", "name", "chart") {
			for _, option := range (dom{field}).all("option") {
				value, _ := attr(option, "value")
				choices = append(choices, value)
			}
		}
		if got := strings.Join(choices, " "); got != test.want {
			t.Errorf("%s: charts %q", test.query, got)
		}
		if html := page.all("textarea")[0].FirstChild.Data; !strings.Contains(html, test.html) {
			t.Errorf("%s: %s", test.query, html)
		}
	}
}
