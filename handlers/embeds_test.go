package handlers

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/embeds"
	"waitboard/handlers/pages"
)

// tracked adds a tracker to the handler of a fixture, at a public URL.
func (f *fixture) tracked(t testing.TB, publicURL string) *embeds.Tracker {
	t.Helper()
	tracker := embeds.New(atNoon, func(int) int { return 0 })
	tracker.SetWidgets([]string{"support", "partner", "empty", "secret"})
	f.Handler = New(Options{
		Publisher: f.publisher, PublicURL: publicURL, Metrics: prometheus.NewRegistry(), Events: f.events, EventLimits: EventLimits{Total: 10}, Log: quiet, Embeds: tracker,
		Widgets: []pages.Offered{
			{ID: "support"}, {ID: "partner", Origins: []string{"https://www.example.com", "https://*.example.net", "http://old.example"}}, {ID: "empty"}, {ID: "secret", Unlisted: true},
		},
		Ready: func() bool { return true }, Now: f.clock.now, RateLimit: RateLimit{Requests: 1000, Per: time.Minute},
	})
	return tracker
}

// counts returns what a tracker shows, as "widget origin requests".
func counts(tracker *embeds.Tracker) (shown, refused string) {
	var all, not []string
	for _, id := range []string{"support", "partner", "empty", "secret"} {
		for _, s := range tracker.Top(id) {
			all = append(all, fmt.Sprint(id, " ", s.Origin, " ", s.Requests))
		}
	}
	for _, r := range tracker.Refused() {
		not = append(not, fmt.Sprint(r.Widget, " ", r.Origin, " ", r.Requests))
	}
	slices.Sort(not)
	return strings.Join(all, ", "), strings.Join(not, ", ")
}

func TestRequestsBySite(t *testing.T) {
	const (
		own, other = "https://www.example.com", "https://other.example"
		supported  = "support https://other.example 1"
	)
	origin := func(value string) []string { return []string{"Origin", value} }
	referrer := func(value string) []string { return []string{"Referer", value} }
	and := func(a, b []string) []string { return append(slices.Clone(a), b...) }
	for name, test := range map[string]struct {
		path           string
		header         []string
		shown, refused string
	}{
		"snapshot":                 {"/v1/widgets/support", origin(other), supported, ""},
		"snapshot by referrer":     {"/v1/widgets/support", referrer(other + "/contact?name=Ann"), supported, ""},
		"origin before referrer":   {"/v1/widgets/support", and(origin(other), referrer(own+"/")), supported, ""},
		"text":                     {"/v1/widgets/support/text", origin(other), supported, ""},
		"shields":                  {"/v1/widgets/support/shields.json", origin(other), supported, ""},
		"image":                    {"/v1/widgets/support/badge.svg", referrer(other + "/"), supported, ""},
		"bitmap":                   {"/v1/widgets/support/badge.png", referrer(other + "/"), supported, ""},
		"frame":                    {"/embed/support", and(referrer(other+"/"), []string{"Sec-Fetch-Dest", "iframe"}), supported, ""},
		"encoded":                  {"/v1/widgets/%73upport", origin(other), supported, ""},
		"list":                     {"/v1/widgets?id=support&id=empty,nosuch&id=support", origin(other), "support https://other.example 1, empty https://other.example 1", ""},
		"list of all":              {"/v1/widgets", origin(other), "support https://other.example 1, empty https://other.example 1", ""},
		"unlisted":                 {"/v1/widgets?id=secret", origin(other), "secret https://other.example 1", ""},
		"sandboxed frame":          {"/v1/widgets/support", and(origin("null"), referrer(other+"/")), supported, ""},
		"null":                     {"/v1/widgets/support", origin("null"), "", ""},
		"file":                     {"/v1/widgets/support", origin("file://"), "", ""},
		"extension":                {"/v1/widgets/support", origin("chrome-extension://ghbmnnjooekpmoecnnnilnnbdlolhkhi"), "", ""},
		"program":                  {"/v1/widgets/support", nil, "", ""},
		"malformed":                {"/v1/widgets/support", and(origin("https://a@b"), referrer("::")), "", ""},
		"own page":                 {"/v1/widgets/support", referrer("https://wait.example.com/board/w/support"), "", ""},
		"own page behind a proxy":  {"/v1/widgets/support", referrer("http://wait.example.com/board"), "", ""},
		"page of the same host":    {"/v1/widgets/support", referrer("https://wait.example.com/boarding"), "support https://wait.example.com 1", ""},
		"link to a frame's page":   {"/embed/support", and(referrer(other+"/"), []string{"Sec-Fetch-Dest", "document"}), "", ""},
		"link to an image":         {"/v1/widgets/support/badge.svg", and(referrer(other+"/"), []string{"Sec-Fetch-Dest", "document"}), "", ""},
		"shared page":              {"/w/support", referrer(other + "/"), "", ""},
		"preview":                  {"/preview/support.png", referrer(other + "/"), "", ""},
		"oembed":                   {"/oembed?url=https://wait.example.com/board/w/support", origin(other), "", ""},
		"script":                   {"/v1/widget.js", origin(other), "", ""},
		"html":                     {"/v1/widgets/support/snippet", origin(other), "", ""},
		"nosuch":                   {"/v1/widgets/nosuch", origin(other), "", ""},
		"near miss":                {"/embed/Support", referrer(other + "/"), "", ""},
		"restricted":               {"/v1/widgets/partner", origin(own), "partner https://www.example.com 1", ""},
		"restricted, subdomain":    {"/v1/widgets/partner/text", origin("https://a.example.net"), "partner https://a.example.net 1", ""},
		"restricted list":          {"/v1/widgets?id=partner", origin(own), "partner https://www.example.com 1", ""},
		"restricted image":         {"/v1/widgets/partner/badge.svg", referrer(other + "/"), "partner https://other.example 1", ""},
		"restricted frame":         {"/embed/partner", referrer(own + "/"), "partner https://www.example.com 1", ""},
		"restricted frame, http":   {"/embed/partner", referrer("https://old.example/"), "partner https://old.example 1", ""},
		"refused":                  {"/v1/widgets/partner", origin(other), "", "partner https://other.example 1"},
		"refused image of scripts": {"/v1/widgets/partner/badge.svg", origin(other), "", "partner https://other.example 1"},
		"refused list":             {"/v1/widgets?id=support,partner,nosuch", origin(other), supported, "partner https://other.example 1"},
		"refused stream":           {"/v1/events?id=partner", origin(other), "", "partner https://other.example 1"},
		"refused frame":            {"/embed/partner", referrer(other + "/"), "", "partner https://other.example 1"},
		"refused sandboxed frame":  {"/v1/widgets/partner", and(origin("null"), referrer(other+"/")), "", "partner https://other.example 1"},
		"refused without a name":   {"/v1/widgets/partner", origin("null"), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			tracker := f.tracked(t, "https://wait.example.com/board")
			f.do("GET", test.path, test.header...)
			if shown, refused := counts(tracker); shown != test.shown || refused != test.refused {
				t.Errorf("shown %q, refused %q", shown, refused)
			}
		})
	}
}

// A request without a body in the answer counts, and one that is rejected before it reaches a widget doesn't.
func TestRequestsBySiteOfAnyStatus(t *testing.T) {
	f := newFixture(t)
	tracker := f.tracked(t, "https://wait.example.com")
	other := []string{"Origin", "https://other.example"}
	etag := f.do("GET", "/v1/widgets/support").Header.Get("Etag")
	for _, step := range []struct {
		method, path string
		header       []string
		status       int
		counts       bool
	}{
		{"GET", "/v1/widgets/support", []string{"If-None-Match", etag}, http.StatusNotModified, true},
		{"HEAD", "/v1/widgets/support", nil, http.StatusOK, true},
		{"HEAD", "/v1/widgets/support/events", nil, http.StatusOK, true},
		{"OPTIONS", "/v1/widgets/support", []string{"Access-Control-Request-Method", "GET"}, http.StatusNoContent, false},
		{"POST", "/v1/widgets/support", nil, http.StatusMethodNotAllowed, false},
	} {
		before, _ := counts(tracker)
		if resp := f.do(step.method, step.path, append(step.header, other...)...); resp.StatusCode != step.status {
			t.Errorf("%s %s: %s", step.method, step.path, resp.Status)
		}
		if after, _ := counts(tracker); (after != before) != step.counts {
			t.Errorf("%s %s: %q, then %q", step.method, step.path, before, after)
		}
	}
}

// A stream counts once, while it is open.
func TestStreamsBySite(t *testing.T) {
	f := newFixture(t)
	tracker := f.tracked(t, "https://wait.example.com")
	server := httptest.NewServer(f)
	defer server.Close()
	for _, path := range []string{"/v1/widgets/support/events", "/v1/events?id=support,empty"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", "https://other.example")
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
	}
	if shown, _ := counts(tracker); shown != "support https://other.example 2, empty https://other.example 1" {
		t.Error(shown)
	}
	f.events.EndAll()
}

// A public URL without a path means that all pages of its host are the service's own.
func TestOwnSite(t *testing.T) {
	f := newFixture(t)
	tracker := f.tracked(t, "http://127.0.0.1:8080")
	for _, header := range [][]string{{"Origin", "http://127.0.0.1:8080"}, {"Referer", "http://127.0.0.1:8080/anything"}, {"Referer", "http://127.0.0.1:8080"}} {
		f.do("GET", "/v1/widgets/support", header...)
	}
	if shown, _ := counts(tracker); shown != "" {
		t.Error(shown)
	}
	f.do("GET", "/v1/widgets/support", "Origin", "http://127.0.0.1:3000")
	if shown, _ := counts(tracker); shown != "support http://127.0.0.1:3000 1" {
		t.Error(shown)
	}
}

// Nothing that a tracker holds contains a path, a query, a name or an address of a visitor.
func TestTrackerHoldsNoVisitor(t *testing.T) {
	f := newFixture(t)
	tracker := f.tracked(t, "https://wait.example.com")
	const mark = "canary"
	for _, page := range []string{"https://other.example/", "https://CANARY@other.example/", "https://other.example?", "https://other.example#", "https://other.example:8443/"} {
		for _, path := range []string{"/v1/widgets/support?canary=1", "/v1/widgets/partner?canary=1", "/embed/partner?canary", "/v1/widgets/support/badge.svg?canary", "/v1/widgets?id=support,partner,canary", "/v1/widgets/partner/text"} {
			for _, origin := range []string{"", "null", "https://other.example", "https://other.example/canary"} {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.RemoteAddr = "203.0.113.99:4711"
				for name, value := range map[string]string{"Origin": origin, "Referer": page + mark + "?q=canary", "X-Forwarded-For": "203.0.113.98", "User-Agent": mark, "Accept-Language": "de-x-canary", "Cookie": mark, "Last-Event-ID": mark} {
					if value != "" {
						r.Header.Set(name, value)
					}
				}
				f.ServeHTTP(httptest.NewRecorder(), r)
			}
		}
	}
	all := strings.Join(texts(reflect.ValueOf(tracker), map[any]bool{}), "\n")
	if strings.Contains(strings.ToLower(all), mark) || strings.Contains(all, "203.0.113") {
		t.Errorf("the tracker holds %s", all)
	}
	for _, expected := range []string{"https://other.example", "https://other.example:8443", "partner"} {
		if !strings.Contains(all, expected) {
			t.Errorf("%s is missing in %s", expected, all)
		}
	}
}

// texts returns all texts that a value holds or points to.
func texts(v reflect.Value, seen map[any]bool) (all []string) {
	switch v.Kind() {
	case reflect.String:
		return []string{v.String()}
	case reflect.Pointer, reflect.Interface:
		if v.Kind() == reflect.Pointer {
			if seen[v.Pointer()] {
				return nil
			}
			seen[v.Pointer()] = true
		}
		return texts(v.Elem(), seen)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		for i := range v.NumField() {
			all = append(all, texts(v.Field(i), seen)...)
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice { // and what lies behind its end
			v = v.Slice(0, v.Cap())
		}
		for i := range v.Len() {
			all = append(all, texts(v.Index(i), seen)...)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			all = append(append(all, texts(key, seen)...), texts(v.MapIndex(key), seen)...)
		}
	}
	return all
}

// Without a tracker nothing is counted, and a widget that isn't tracked takes no part.
func TestNoTracker(t *testing.T) {
	f := newFixture(t)
	f.do("GET", "/v1/widgets?id=support", "Origin", "https://other.example")
	f.do("GET", "/v1/widgets/support", "Origin", "https://other.example")
	tracker := embeds.New(atNoon, func(int) int { return 0 })
	tracker.SetWidgets([]string{"empty"})
	f.Handler = New(Options{
		Publisher: f.publisher, PublicURL: "https://wait.example.com", Metrics: prometheus.NewRegistry(), Log: quiet, Embeds: tracker,
		Widgets: []pages.Offered{{ID: "support"}, {ID: "empty"}}, Now: f.clock.now,
	})
	f.do("GET", "/v1/widgets", "Origin", "https://other.example")
	f.do("GET", "/v1/widgets/support", "Origin", "https://other.example")
	if shown, _ := counts(tracker); shown != "empty https://other.example 1" {
		t.Error(shown)
	}
}
