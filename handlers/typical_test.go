package handlers

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	v1 "waitboard/api/v1"
)

// The chart changes once an hour at most, and any choice gives an image.
func TestTypicalSVG(t *testing.T) {
	states := newStates(t)
	f := &fixture{Handler: states}
	const day, week = `height="204"`, `height="296"`
	for _, test := range []struct{ path, size, has string }{
		{"typical/typical.svg", day, "3–6 min"},
		{"typical/typical.svg?range=day&theme=dark", day, `fill="#222222"`},
		{"typical/typical.svg?range=week", week, "3–6 min"},
		{"typical/typical.svg?range=month&theme=blue&metric=nosuch", day, "3–6 min"},
		{"typical/typical.svg?%zz", day, "3–6 min"},
		{"kinds/typical.svg", day, "Not available"},
		{"kinds/typical.svg?range=week", week, "Not available"},
	} {
		resp := f.do("GET", "/v1/widgets/"+test.path)
		body := text(t, resp)
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(body, test.size) || !strings.Contains(body, test.has) {
			t.Errorf("%s: %d %v\n%s", test.path, resp.StatusCode, resp.Header, body)
		}
		for decoder := xml.NewDecoder(strings.NewReader(body)); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		h := resp.Header
		if h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || !strings.HasPrefix(h.Get("Cache-Control"), "public, max-age=") {
			t.Errorf("%s: %v", test.path, h)
		}
		if again := f.do("GET", "/v1/widgets/"+test.path, "If-None-Match", h.Get("Etag")); again.StatusCode != 304 {
			t.Errorf("%s with its ETag: %d", test.path, again.StatusCode)
		}
	}
}

// A chart as data has the words of the image, in any language.
func TestChart(t *testing.T) {
	f := &fixture{Handler: newStates(t)}
	for _, test := range []struct {
		path       string
		days, bars int
		has        string
	}{
		{"typical/chart", 1, 24, `"text":"12–1 AM · 3–6 min"`},
		{"typical/chart?range=week", 7, 168, `"text":"Sunday · 12–1 AM · 3–6 min"`},
		{"typical/chart?locale=ja", 1, 24, `"text":"0:00～1:00 · 3～6 分"`},
		{"typical/chart?locale=ja&metric=nosuch", 1, 24, `"now":true,"text":"12:00～13:00（現在） · 3～6 分"`},
		{"typical/chart?locale=en-GB", 1, 24, `"text":"00:00–01:00 · 3–6 min"`},
		{"typical/chart?range=month&locale=sv&metric=nosuch", 1, 24, `"clocks":["12 AM","","","","","","6 AM"`},
		{"typical/chart?%zz", 1, 24, `"marks":[{"at":0.3333,"text":"2 min"},{"at":0.6667,"text":"4 min"},{"at":1,"text":"6 min"}]`},
		{"kinds/chart?range=week", 0, 0, `"message":"Not available","marks":[],"clocks":[],"days":[],`},
	} {
		resp := f.do("GET", "/v1/widgets/"+test.path)
		body := text(t, resp)
		var got v1.Chart
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		bars := 0
		for _, day := range got.Days {
			bars += len(day.Bars)
		}
		if resp.StatusCode != 200 || len(got.Days) != test.days || bars != test.bars || !strings.Contains(body, test.has) || strings.Count(body, `"now":true`) > 1 {
			t.Errorf("%s: %d, %d days, %d bars, without %s:\n%s", test.path, resp.StatusCode, len(got.Days), bars, test.has, body)
		}
		if h := resp.Header; !strings.HasPrefix(h.Get("Cache-Control"), "public, max-age=") || f.do("GET", "/v1/widgets/"+test.path, "If-None-Match", h.Get("Etag")).StatusCode != 304 {
			t.Errorf("%s: %v", test.path, h)
		}
	}
}

// Pages with a chart have all hours in a table, and the policy of other pages.
func TestPagesWithCharts(t *testing.T) {
	f := &fixture{Handler: newStates(t)}
	for _, path := range []string{"/embed/typical", "/w/typical"} {
		plain := f.do("GET", path)
		if strings.Contains(text(t, plain), "<figure") {
			t.Errorf("%s has a chart", path)
		}
		for query, rows := range map[string]int{"?chart=day": 25, "?chart=week": 25, "?chart=week&locale=he": 25} {
			resp := f.do("GET", path+query)
			body := text(t, resp)
			if got := strings.Count(body, "<tr>"); got != rows || !strings.Contains(body, "<caption>") || !strings.Contains(body, `<th scope="row">`) {
				t.Errorf("%s%s: %d rows\n%s", path, query, got, body)
			}
			if bars := strings.Count(body, "<rect "); bars != 24 && bars != 24*7 {
				t.Errorf("%s%s: %d bars", path, query, bars)
			}
			if strings.Count(body, `class="now"/>`) != 1 || strings.Contains(body, "style=") {
				t.Errorf("%s%s: %s", path, query, body)
			}
			if resp.Header.Get("Content-Security-Policy") != plain.Header.Get("Content-Security-Policy") {
				t.Errorf("%s%s: %v", path, query, resp.Header)
			}
		}
		for _, query := range []string{"?chart=year", "?chart=none"} {
			if body := text(t, f.do("GET", path+query)); strings.Contains(body, "<figure") {
				t.Errorf("%s%s: %s", path, query, body)
			}
		}
	}
	if body := text(t, f.do("GET", "/embed/kinds?chart=day")); !strings.Contains(body, `<p class="none">Not available</p>`) {
		t.Error(body)
	}
}
