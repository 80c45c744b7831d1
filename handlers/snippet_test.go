package handlers

import (
	"strings"
	"testing"

	"waitboard/snippet"
	"waitboard/web"
)

func TestSnippetAddress(t *testing.T) {
	const base, path = "https://wait.example.com/base", "/v1/widgets/support/snippet"
	usual := snippet.Options{Base: base, Widget: "support", Title: "<b>support</b>", Hash: web.Script.Hash(), Integrity: web.Script.Integrity()}
	with := func(change func(*snippet.Options)) snippet.Options {
		o := usual
		change(&o)
		return o
	}
	tests := []struct{ query, want string }{
		{"", snippet.All(usual)},
		{"?kind=all&x=y", snippet.All(usual)},
		{"?pin=1", snippet.All(with(func(o *snippet.Options) { o.Pin = true }))},
		{"?kind=element&pin=1", snippet.HTML(snippet.Element, with(func(o *snippet.Options) { o.Pin = true }))},
		{"?kind=script&layout=bare&theme=light&locale=de-AT&metric=support&pin=0",
			snippet.HTML(snippet.Script, with(func(o *snippet.Options) { o.Layout, o.Theme, o.Locale, o.Metric = "bare", "light", "de-AT", "support" }))},
		{"?kind=&layout=&theme=&locale=&metric=&pin=", snippet.All(usual)},
		{"?kind=iframe&kind=nosuch", snippet.HTML(snippet.IFrame, usual)},
		{"?kind=Element", "kind takes"},
		{"?layout=cards", "layout takes one of card, line, compact, bare"},
		{"?theme=%00", "theme takes one of auto, light, dark"},
		{"?locale=tlh", "locale takes one of en, es"},
		{"?locale=" + strings.Repeat("de-", 5000), "locale takes"},
		{"?metric=partner", "The widget has no metric of this ID"},
		{"?kind=image&metric=support", "Only the kinds element and script"},
		{"?pin=true", "pin takes one of 0, 1"},
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
			t.Errorf("%.60s: the same again: %d", test.query, again.StatusCode)
		}
	}
}
