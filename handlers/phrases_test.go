package handlers

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/handlers/pages"
	"waitboard/handlers/respond"
	"waitboard/locale"
)

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
		return respond.Catalogs(language)
	}
	f.Handler = New(Options{Now: atNoon, Publisher: f.publisher, Widgets: []pages.Offered{{ID: "support"}}, Languages: locales, Metrics: prometheus.NewRegistry(), Log: quiet,
		Ready: func() bool { return true }})
	type phrases struct {
		Locale, Dir, Under, Warning string
		Live, Insufficient          string // an estimate by its basis
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
	if diff := cmp.Diff(&phrases{"de", "", "weniger als {duration}", "", "Anruf wird sofort angenommen", "Nicht verfügbar", map[string]string{"one": "{count} Min.", "other": "{count} Min."}}, read("?phrases=de").Phrases); diff != "" {
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
		t.Errorf("the direction of Hebrew is %q", got)
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
