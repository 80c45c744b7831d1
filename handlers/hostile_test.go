package handlers

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	v1 "waitboard/api/v1"
	"waitboard/domain"
	"waitboard/handlers/pages"
	"waitboard/locale"
	"waitboard/publish"
)

// evil tries to become markup in each format.
const evil = `</bdi></wait-time></text><script>alert(1)</script><img src=x onerror=alert(1)>"'&lt;` + "`{{.}}"

// newHostile serves a widget whose texts are all evil: the company's, and the phone system's.
func newHostile(t *testing.T) *fixture {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	ref := domain.Ref{Source: "hq", Metric: "m"}
	b := publish.New(publish.Options{Now: func() time.Time { return now }, Widgets: []domain.Widget{{
		ID: "w", Title: evil, Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: time.Second, Notice: evil,
		Metrics: []domain.WidgetMetric{{ID: "m", Label: evil, Ref: ref, Link: domain.Link{When: domain.Low, Label: evil, URL: `https://www.example.com/?"><script>`}}},
	}}})
	t.Cleanup(b.Close)
	b.Readings().Apply("hq", map[string]domain.Observation{"m": {Confirmed: now, Kind: domain.Text, Samples: map[string]domain.Sample{"": {Reading: domain.TextOf(evil), Confirmed: now}}}})
	return &fixture{Handler: New(Options{Now: func() time.Time { return now }, Publisher: b, Widgets: []pages.Offered{{ID: "w"}}, PublicURL: "https://wait.example.com", Metrics: prometheus.NewRegistry(),
		Log: slog.New(slog.DiscardHandler), Ready: func() bool { return true }})}
}

// Data contains hostile texts unchanged, and no browser renders it as a page.
func TestHostileTextsInData(t *testing.T) {
	f := newHostile(t)
	var s v1.Snapshot
	var all struct{ Widgets []v1.Snapshot }
	var shields struct{ Label, Message string }
	for path, into := range map[string]any{"/v1/widgets/w": &s, "/v1/widgets": &all, "/v1/widgets/w/shields.json": &shields} {
		resp := f.do("GET", path)
		raw := text(t, resp)
		if err := json.Unmarshal([]byte(raw), into); err != nil || strings.ContainsAny(raw, "<>") || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v, %v\n%s", path, err, resp.Header, raw)
		}
	}
	for _, s := range append(all.Widgets, s) {
		if m := s.Metrics[0]; s.Title != evil || s.Notice != evil || m.Label != evil || m.Text != evil || m.Value == nil || *m.Value != any(evil) || m.Link.Label != evil {
			t.Errorf("the snapshot is %+v", s)
		}
	}
	if shields.Label != evil || !strings.Contains(shields.Message, evil) {
		t.Errorf("the badge is %+v", shields)
	}
	resp := f.do("GET", "/v1/widgets/w/text")
	if got := text(t, resp); !strings.HasPrefix(got, evil+": ") || strings.Count(got, evil) != 4 || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" ||
		resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the text is %q, %v", got, resp.Header)
	}
}

// Images contain hostile texts as text.
func TestHostileTextsInImages(t *testing.T) {
	f := newHostile(t)
	for _, query := range []string{"", "?theme=dark", "?layout=line"} {
		raw := text(t, f.do("GET", "/v1/widgets/w/badge.svg"+query))
		read := map[string]string{} // by element
		var inside []string
		for tokens := xml.NewDecoder(strings.NewReader(raw)); ; {
			token, err := tokens.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			switch token := token.(type) {
			case xml.StartElement:
				inside = append(inside, token.Name.Local)
				if slices.Contains([]string{"script", "img", "image", "a", "foreignObject"}, token.Name.Local) {
					t.Errorf("%s: has a %s", query, token.Name.Local)
				}
			case xml.EndElement:
				inside = inside[:len(inside)-1]
			case xml.CharData:
				if len(inside) > 0 {
					read[inside[len(inside)-1]] += string(token)
				}
			}
		}
		if read["title"] != evil || !strings.Contains(read["desc"], evil) || !strings.Contains(read["text"], "</bdi>") {
			t.Errorf("%s: the text is %q", query, fmt.Sprint(read))
		}
		if _, err := png.Decode(f.do("GET", "/v1/widgets/w/badge.png"+query).Body); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}
