package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"waitboard/domain"
	"waitboard/handlers/pages"
	"waitboard/handlers/respond"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/web"
)

// apiDocument is the part of the document that the tests read. Package jsonschema reads the schemas.
type apiDocument struct {
	Servers    []struct{ URL string }
	Paths      map[string]map[string]apiOperation
	Components struct {
		Headers   map[string]struct{ Required bool }
		Responses map[string]apiResponse
		Examples  map[string]apiExample
		Schemas   map[string]struct {
			Type                 string
			AdditionalProperties *bool
			Properties           map[string]struct{ AnyOf []struct{ Enum []string } }
		}
	}
	schemas *jsonschema.Compiler
}

type apiOperation struct {
	Parameters []struct {
		Name   string
		Schema struct {
			MaxItems int
			Enum     []string
		}
	}
	Responses map[string]apiResponse
}

type apiResponse struct {
	Ref     string `json:"$ref"`
	Headers map[string]struct {
		Ref string `json:"$ref"`
	}
	Content map[string]struct{ Examples map[string]apiExample }
	pointer string // where it is in the document
}

type apiExample struct {
	Ref   string `json:"$ref"`
	Value json.RawMessage
}

const apiURL = "http://test.invalid/openapi.json" // the document's name in the schemas; nothing loads it

func readDocument(t *testing.T, h http.Handler) *apiDocument {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", openAPIPath, nil))
	doc := &apiDocument{schemas: jsonschema.NewCompiler()}
	if err := json.Unmarshal(w.Body.Bytes(), doc); err != nil {
		t.Fatal(err)
	}
	raw, err := jsonschema.UnmarshalJSON(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc.schemas.DefaultDraft(jsonschema.Draft2020)
	doc.schemas.AssertFormat()
	forbidUnnamed(raw.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any))
	if err := doc.schemas.AddResource(apiURL, raw); err != nil {
		t.Fatal(err)
	}
	return doc
}

// forbidUnnamed makes the schemas of objects reject unknown fields. Partners need schemas that allow new fields; here a
// field without a description is a mistake.
func forbidUnnamed(schemas map[string]any) {
	for _, each := range schemas {
		if schema := each.(map[string]any); schema["properties"] != nil {
			schema["additionalProperties"] = false
		}
	}
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// response returns the documented response of a path and status.
func (d *apiDocument) response(path, status string) (apiResponse, bool) {
	r, ok := d.Paths[path]["get"].Responses[status]
	r.pointer = "#/paths/" + pointerEscapes.Replace(path) + "/get/responses/" + status
	if r.Ref != "" {
		pointer := r.Ref
		r, ok = d.Components.Responses[pointer[strings.LastIndex(pointer, "/")+1:]]
		r.pointer = pointer
	}
	return r, ok
}

// validate checks a body against the response's schema for a content type.
func (d *apiDocument) validate(r apiResponse, contentType string, body []byte) error {
	if _, ok := r.Content[contentType]; !ok {
		return fmt.Errorf("%s does not have the type %s", r.pointer, contentType)
	}
	schema, err := d.schemas.Compile(apiURL + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(r.pointer) + "/content/" + pointerEscapes.Replace(contentType) + "/schema")
	if err != nil {
		return err
	}
	switch {
	case contentType == eventsType[0]:
		return errors.Join(schema.Validate(string(body)), d.validateEvents(string(body)))
	case strings.HasPrefix(contentType, "text/"), contentType == "image/svg+xml":
		return schema.Validate(string(body))
	case contentType == "image/png": // JSON Schema can't describe it
		_, err := png.Decode(bytes.NewReader(body))
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

var eventPattern = regexp.MustCompile(`(?m)^(?:id: [\w-]{16}\n)?event: (\w+)\ndata: (.+)\n(?:id: [\w-]{16}\n)?$`)

// validateEvents checks the data of a stream's events against their schemas.
func (d *apiDocument) validateEvents(body string) error {
	found := eventPattern.FindAllStringSubmatch(body, -1)
	if len(found) == 0 || len(found) != strings.Count(body, "data:") {
		return fmt.Errorf("%d events in %q", len(found), body)
	}
	for _, event := range found {
		name, ok := map[string]string{"snapshot": "Snapshot", "heartbeat": "Heartbeat"}[event[1]]
		if !ok {
			return fmt.Errorf("an event %q", event[1])
		}
		schema, err := d.schemas.Compile(apiURL + "#/components/schemas/" + name)
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(event[2]))
		if err != nil {
			return err
		}
		if err := schema.Validate(value); err != nil {
			return err
		}
	}
	return nil
}

// newStates serves a widget in each state and with each type of metric, at noon of a Monday.
func newStates(t *testing.T) http.Handler {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	const minute = 60_000. // milliseconds
	metric := func(id string) domain.WidgetMetric {
		return domain.WidgetMetric{ID: id, Label: id, Ref: domain.Ref{Source: "hq", Metric: id}}
	}
	bad, span, many := metric("wait"), metric("wait"), metric("calls")
	bad.ID, span.ID, many.ID = "bad", "span", "many"
	bad.Levels = domain.Levels{Kind: domain.Duration, Moderate: minute, High: 5 * minute}
	bad.Link = domain.Link{When: domain.High, Label: "Request a callback", URL: "https://www.example.com/callback"}
	span.Display = domain.Display{Kind: domain.Duration, Buckets: []float64{5 * minute, 10 * minute}}
	many.Display = domain.Display{Kind: domain.Count, Above: 3}
	widget := func(id string, hours *domain.Hours, metrics ...domain.WidgetMetric) domain.Widget {
		return domain.Widget{ID: id, Title: id, Locale: locale.English(), StaleAfter: time.Minute, HideAfter: 5 * time.Minute, RefreshAfter: 10 * time.Second, Hours: hours, Metrics: metrics}
	}
	mornings := [7][]domain.Span{time.Tuesday: {{From: 8 * 60, To: 11 * 60}}}
	b := publish.New(publish.Options{Now: func() time.Time { return now }, Widgets: []domain.Widget{
		widget("kinds", nil, metric("wait"), metric("calls"), metric("busy"), metric("notice"), metric("none"), metric("unknown")),
		widget("ranges", nil, span, many),
		widget("link", nil, bad),
		widget("stale", nil, metric("old")),
		widget("closed", &domain.Hours{Zone: time.UTC, Weekly: mornings}, metric("wait")),
		widget("never", &domain.Hours{Zone: time.UTC}, metric("wait")),
		widget("initializing", nil, metric("unknown")),
		widget("unavailable", nil, metric("older")),
		widget("notice", nil, metric("calls")),
		widget("typical", nil, remembered(metric("wait"))),
		widget("expected", nil, estimated("expected"), estimated("nobody"), estimated("learning")),
	}})
	for _, id := range []string{"expected", "nobody"} {
		b.SetExpectation(domain.Placement{Widget: "expected", Metric: id}, &domain.Expectation{
			Waits: []domain.WaitRange{{Low: 2 * time.Minute, High: 9 * time.Minute}}, Score: domain.Score{Samples: 200, Covered: 140, Longer: 12},
		})
	}
	b.SetTypical(domain.Placement{Widget: "typical", Metric: "wait"}, typicalWeek())
	b.SetNotice("notice", domain.Notice{Text: "Phones are down, use chat"})
	t.Cleanup(b.Close)
	observe := func(id string, kind domain.Kind, reading domain.Reading, confirmed time.Time) {
		b.Readings().Apply("hq", map[string]domain.Observation{id: {Confirmed: confirmed, Kind: kind,
			Samples: map[string]domain.Sample{"": {Reading: reading, Confirmed: confirmed}}}})
	}
	observe("wait", domain.Duration, domain.Line(7*time.Minute, 1, now), now)
	observe("calls", domain.Count, domain.CountOf(3), now)
	observe("busy", domain.Boolean, domain.BooleanOf(true), now)
	observe("notice", domain.Text, domain.TextOf("Calls may be recorded"), now)
	observe("none", domain.Duration, domain.Reading{}, now)
	for _, id := range []string{"expected", "nobody", "learning"} {
		waits := 1.
		if id == "nobody" {
			waits = 0
		}
		observe("wait of "+id, domain.Duration, domain.Line(0, waits, now), now)
		observe("queue of "+id, domain.Count, domain.CountOf(waits), now)
		observe("agents of "+id, domain.Count, domain.CountOf(1), now)
	}
	observe("old", domain.Duration, domain.Line(time.Minute, 0, now), now.Add(-2*time.Minute))
	observe("older", domain.Count, domain.CountOf(1), now.Add(-time.Hour))
	var listed []pages.Offered
	for _, id := range b.IDs() {
		listed = append(listed, pages.Offered{ID: id})
	}
	return New(Options{Now: func() time.Time { return now }, Publisher: b, Widgets: listed, Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Ready: func() bool { return true },
		Problem: func() string { return "The engine of the cluster does not answer." }})
}

// estimated returns a metric that is estimated from metrics with names of their own.
func estimated(id string) domain.WidgetMetric {
	input := func(name string) domain.Input {
		return domain.Input{Ref: domain.Ref{Source: "hq", Metric: name + " of " + id}, Combine: domain.Sum}
	}
	e := &domain.Estimate{Wait: input("wait"), Queue: input("queue"), Agents: input("agents"), Low: 0.1, High: 0.8, Said: true}
	return domain.WidgetMetric{ID: id, Label: id, Ref: e.Wait.Ref, Estimate: e}
}

// remembered returns a metric with history.
func remembered(m domain.WidgetMetric) domain.WidgetMetric {
	m.History = domain.History{Keep: 8 * 7 * 24 * time.Hour, MinWeeks: 3, Low: 0.25, High: 0.8}
	return m
}

// typicalWeek returns a week of which each hour is typically 3 to 6 minutes, but on Monday at 15:00 2 to 6.
func typicalWeek() *domain.TypicalWeek {
	week := &domain.TypicalWeek{Kind: domain.Duration}
	for hour := range week.Hours {
		week.Hours[hour] = domain.TypicalHour{Low: 180_000, High: 360_000, Weeks: 8}
	}
	week.Hours[24+15].Low = 120_000
	return week
}

// TestOpenAPI checks a real answer of each path and status against the document.
func TestOpenAPI(t *testing.T) {
	const list, one, line, badge = "/v1/widgets", "/v1/widgets/{id}", "/v1/widgets/{id}/text", "/v1/widgets/{id}/shields.json"
	const typical, chart, bars = "/v1/widgets/{id}/typical", "/v1/widgets/{id}/typical.svg", "/v1/widgets/{id}/chart"
	const drawing, picture = "/v1/widgets/{id}/badge.svg", "/v1/widgets/{id}/badge.png"
	const hashed, paste = "/v1/widget.{hash}.js", "/v1/widgets/{id}/snippet"
	const events, eventsOfSeveral = "/v1/widgets/{id}/events", "/v1/events"
	usual, states := newFixture(t), newStates(t)
	// In broken, everything fails: its publisher is the zero value, and Ready panics.
	broken := New(Options{Now: time.Now, Publisher: new(publish.Publisher), Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Ready: func() bool { panic("broken") }})
	limited := newLimited(t, RateLimit{Requests: 1, Per: time.Minute})
	limited.do("192.0.2.1:1", "GET", "/") // uses up the quota of httptest's client
	closing := newFixture(t)
	closing.events.Close()
	gone, leave := context.WithCancel(t.Context()) // ends each stream after its first events
	leave()
	known, _ := usual.publisher.Page("partner")
	tests := []struct {
		path, id string // for a list, id is the query
		status   int
		service  http.Handler
	}{
		{list, "", 200, usual},
		{list, "", 200, states},
		{list, "?id=nosuch", 200, usual},
		{list, "?phrases=de", 200, usual},
		{list, "?phrases=ar&id=nosuch", 200, usual},
		{list, "?phrases=sv", 200, usual},
		{list, "?id=%zz", 400, usual},
		{list, "?id=x" + strings.Repeat("&id=x", maxIDs), 400, usual},
		{list, "?id=x", 500, broken},
		{one, "support", 200, usual},
		{one, "partner", 200, usual},
		{one, "kinds", 200, states},
		{one, "ranges", 200, states},
		{one, "link", 200, states},
		{one, "stale", 200, states},
		{one, "closed", 200, states},
		{one, "never", 200, states},
		{one, "initializing", 200, states},
		{one, "unavailable", 200, states},
		{one, "notice", 200, states},
		{one, "nosuch", 404, usual},
		{one, "x", 500, broken},
		{line, "kinds", 200, states},
		{line, "closed", 200, states},
		{line, "initializing", 200, states},
		{line, "nosuch", 404, usual},
		{line, "x", 500, broken},
		{one, "typical", 200, states},
		{one, "expected", 200, states},
		{typical, "expected", 200, states},
		{typical, "typical", 200, states},
		{typical, "kinds", 200, states},
		{typical, "nosuch", 404, states},
		{typical, "x", 500, broken},
		{bars, "typical", 200, states},
		{bars, "typical?range=week&locale=ar&metric=wait", 200, states},
		{bars, "kinds", 200, states},
		{bars, "nosuch", 404, states},
		{bars, "x", 500, broken},
		{chart, "typical", 200, states},
		{chart, "typical?range=week&theme=dark&metric=wait", 200, states},
		{chart, "kinds", 200, states},
		{chart, "nosuch", 404, states},
		{chart, "x", 500, broken},
		{badge, "support", 200, usual},
		{badge, "link", 200, states},
		{badge, "stale", 200, states},
		{badge, "closed", 200, states},
		{badge, "unavailable", 200, states},
		{badge, "nosuch", 404, usual},
		{badge, "x", 500, broken},
		{drawing, "kinds", 200, states},
		{drawing, "notice", 200, states},
		{drawing, "closed", 200, states},
		{drawing, "nosuch", 404, usual},
		{drawing, "x", 500, broken},
		{picture, "kinds", 200, states},
		{picture, "unavailable", 200, states},
		{picture, "nosuch", 404, usual},
		{picture, "x", 500, broken},
		{events, "support", 200, usual},
		{events, "partner", 200, usual}, // the client has this snapshot
		{events, "nosuch", 404, usual},
		{events, "support", 413, usual},
		{events, "support", 429, limited},
		{events, "x", 500, broken},
		{events, "support", 503, closing},
		{eventsOfSeveral, "?id=support&id=empty&id=nosuch", 200, usual},
		{eventsOfSeveral, "", 400, usual},
		{eventsOfSeveral, "?id=nosuch", 404, usual},
		{eventsOfSeveral, "?id=support", 413, usual},
		{eventsOfSeveral, "?id=support", 429, limited},
		{eventsOfSeveral, "?id=x", 500, broken},
		{eventsOfSeveral, "?id=support", 503, closing},
		{paste, "support", 200, usual},
		{paste, "support?kind=%zz", 400, usual},
		{paste, "support?layout=wide", 400, usual},
		{paste, "nosuch", 404, usual},
		{paste, "x", 500, broken},
		{oembedPath, "?url=https://wait.example.com/base/w/support", 200, usual},
		{oembedPath, "?url=%zz", 400, usual},
		{oembedPath, "?url=https://elsewhere.example.com/w/support", 404, usual},
		{oembedPath, "?url=x", 500, broken},
		{oembedPath, "?format=xml", 501, usual},
		{web.Script.Path, "", 200, usual},
		{web.Live.Path, "", 200, usual},
		{web.More.Path, "", 200, usual},
		{web.Chart.Path, "", 200, usual},
		{hashed, web.Script.Hash(), 200, usual},
		{hashed, "0123456789abcdef", 404, usual},
		{openAPIPath, "", 200, usual},
		{schemaPath, "", 200, usual},
		{"/healthz", "", 200, usual},
		{"/readyz", "", 200, states},
		{"/readyz", "", 503, usual},
		{"/readyz", "", 500, broken},

		{list, "", 304, usual},
		{one, "support", 304, usual},
		{line, "support", 304, usual},
		{typical, "typical", 304, states},
		{bars, "typical", 304, states},
		{chart, "typical", 304, states},
		{badge, "support", 304, usual},
		{drawing, "support", 304, usual},
		{picture, "support", 304, usual},
		{paste, "support", 304, usual},
		{oembedPath, "?url=https://wait.example.com/base/w/support", 304, usual},
		{web.Script.Path, "", 304, usual},
		{web.Live.Path, "", 304, usual},
		{web.More.Path, "", 304, usual},
		{web.Chart.Path, "", 304, usual},
		{hashed, web.Script.Hash(), 304, usual},
		{openAPIPath, "", 304, usual},
		{schemaPath, "", 304, usual},

		{list, "", 413, usual},
		{one, "support", 413, usual},
		{line, "support", 413, usual},
		{typical, "typical", 413, states},
		{bars, "typical", 413, states},
		{chart, "typical", 413, states},
		{badge, "support", 413, usual},
		{drawing, "support", 413, usual},
		{picture, "support", 413, usual},
		{paste, "support", 413, usual},
		{oembedPath, "?url=https://wait.example.com/base/w/support", 413, usual},
		{web.Script.Path, "", 413, usual},
		{web.Live.Path, "", 413, usual},
		{web.More.Path, "", 413, usual},
		{web.Chart.Path, "", 413, usual},
		{hashed, web.Script.Hash(), 413, usual},
		{openAPIPath, "", 413, usual},
		{schemaPath, "", 413, usual},
		{"/healthz", "", 413, usual},
		{"/readyz", "", 413, usual},

		{list, "", 429, limited},
		{one, "support", 429, limited},
		{line, "support", 429, limited},
		{typical, "typical", 429, limited},
		{bars, "typical", 429, limited},
		{badge, "support", 429, limited},
		{paste, "support", 429, limited},
		{oembedPath, "?url=https://wait.example.com/base/w/support", 429, limited},
		{openAPIPath, "", 429, limited},
	}
	doc := readDocument(t, usual)
	seen := map[string]bool{}
	var bodies strings.Builder
	for _, test := range tests {
		target := test.path + test.id
		if before, after, ok := strings.Cut(test.path, "{"); ok {
			id, query, _ := strings.Cut(test.id, "?")
			target = before + id + after[strings.Index(after, "}")+1:] + "?" + query
		}
		t.Run(fmt.Sprintf("%.40s %d", target, test.status), func(t *testing.T) {
			var sent io.Reader
			if test.status == 413 {
				sent = strings.NewReader("a body")
			}
			r := httptest.NewRequest("GET", target, sent).WithContext(gone)
			r.Header.Set("Last-Event-ID", known.Change)
			if test.status == 304 {
				r.Header.Set("If-None-Match", "*")
			}
			w := httptest.NewRecorder()
			test.service.ServeHTTP(w, r)
			if w.Code != test.status {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			status := fmt.Sprint(test.status)
			seen[test.path+" "+status] = true
			if test.path != openAPIPath && test.path != schemaPath { // these two name every field
				bodies.Write(w.Body.Bytes())
			}
			documented, ok := doc.response(test.path, status)
			if !ok {
				t.Fatal("not documented")
			}
			for name, header := range documented.Headers {
				if doc.Components.Headers[strings.TrimPrefix(header.Ref, "#/components/headers/")].Required && w.Header().Get(name) == "" {
					t.Errorf("no %s", name)
				}
			}
			if len(documented.Content) == 0 && w.Body.Len() == 0 {
				return
			}
			contentType, _, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
			if err != nil {
				t.Fatal(err)
			}
			if err := doc.validate(documented, contentType, w.Body.Bytes()); err != nil {
				t.Errorf("%v\n%q", err, w.Body)
			}
		})
	}
	for path, operations := range doc.Paths {
		for status := range operations["get"].Responses {
			if !seen[path+" "+status] {
				t.Errorf("%s %s is documented, but not tested here", path, status)
			}
		}
	}
	for name, schema := range doc.Components.Schemas {
		for field := range schema.Properties {
			if !strings.Contains(bodies.String(), `"`+field+`":`) {
				t.Errorf("%s of %s is documented, but in no answer here", field, name)
			}
		}
	}
}

// TestOpenAPIHasEveryRoute fails for a new route until it is documented, or listed here as a page for people.
func TestOpenAPIHasEveryRoute(t *testing.T) {
	people := []string{"/", "/assets/:name", "/builder", "/embed/:id", "/favicon.ico", "/preview/:id", "/w/:id"}
	p := &public{counted: newRequestCounter(prometheus.NewRegistry())}
	var routes []string
	for _, route := range p.routes().Routes() {
		if route.Method == http.MethodGet && !slices.Contains(people, route.Path) {
			path := strings.ReplaceAll(route.Path, ":id", "{id}")
			routes = append(routes, regexp.MustCompile(`[0-9a-f]{16}`).ReplaceAllString(path, "{hash}"))
		}
	}
	slices.Sort(routes)
	routes = slices.Compact(routes) // all pinned scripts have one entry
	if diff := cmp.Diff(routes, slices.Sorted(maps.Keys(readDocument(t, newFixture(t)).Paths))); diff != "" {
		t.Errorf("(-routes +documented):\n%s", diff)
	}
}

// TestOpenAPIExamples checks the document's examples against its schemas.
func TestOpenAPIExamples(t *testing.T) {
	doc := readDocument(t, newFixture(t))
	for path, operations := range doc.Paths {
		for status := range operations["get"].Responses {
			documented, _ := doc.response(path, status)
			for contentType, content := range documented.Content {
				for name, example := range content.Examples {
					if example.Ref != "" {
						example = doc.Components.Examples[strings.TrimPrefix(example.Ref, "#/components/examples/")]
					}
					body := []byte(example.Value)
					if strings.HasPrefix(contentType, "text/") {
						var plain string
						if err := json.Unmarshal(body, &plain); err != nil {
							t.Fatal(err)
						}
						body = []byte(plain)
					}
					if err := doc.validate(documented, contentType, body); err != nil {
						t.Errorf("%s %s: %s: %v", path, status, name, err)
					}
				}
			}
		}
	}
}

// TestOpenAPIMatchesCode checks what the document repeats from the code, and that its schemas allow new fields.
func TestOpenAPIMatchesCode(t *testing.T) {
	doc := readDocument(t, newFixture(t))
	if doc.Servers[0].URL != "https://wait.example.com/base" {
		t.Errorf("the server is %s", doc.Servers[0].URL)
	}
	if n := bytes.Count(openAPIDocument, openAPIServer); n != 1 {
		t.Errorf("the file has %d places for the server", n)
	}
	if got := doc.Paths[widgetsPath]["get"].Parameters[0].Schema.MaxItems; got != maxIDs {
		t.Errorf("up to %d IDs are documented", got)
	}
	f := newFixture(t)
	for _, p := range doc.Paths[widgetsPath+"/{id}/snippet"]["get"].Parameters {
		want := "The parameter " + p.Name + " must be one of " + strings.Join(p.Schema.Enum, ", ") + "."
		if body := text(t, f.do("GET", widgetsPath+"/support/snippet?"+p.Name+"=x")); len(p.Schema.Enum) > 0 && !strings.Contains(body, want) {
			t.Errorf("%s has the choices %q in the document; the answer is %s", p.Name, p.Schema.Enum, body)
		}
	}
	for name, schema := range doc.Components.Schemas {
		// shields.io accepts no other fields. All other objects may get new ones.
		if schema.AdditionalProperties != nil != (name == "ShieldsBadge") {
			t.Errorf("%s must allow new fields, unless it is for shields.io", name)
		}
	}
	bodies := map[string]string{} // by code
	for _, p := range []*respond.Problem{respond.ErrNoWidget, respond.ErrNoPage, respond.ErrQuery, errMethod, errBody, errManyIDs, errNotReady, errInternal, errRateLimited, errNoIDs, errStreams, errOwnStreams} {
		w := httptest.NewRecorder()
		p.Send(w, httptest.NewRequest("GET", "/", nil))
		bodies[p.Code] = w.Body.String()
	}
	for code, path := range map[string]string{"unknown_url": "/oembed", "unknown_format": "/oembed?format=xml", "unknown_choice": "/v1/widgets/support/snippet?layout=x"} {
		bodies[code] = text(t, f.do("GET", path))
	}
	for code, sent := range bodies {
		var body, example any
		if documented, ok := doc.Components.Examples["Problem_"+code]; ok {
			if json.Unmarshal([]byte(sent), &body) != nil || json.Unmarshal(documented.Value, &example) != nil {
				t.Fatal(code)
			}
			if diff := cmp.Diff(body, example); diff != "" {
				t.Errorf("example of %s (-real +documented):\n%s", code, diff)
			}
		}
	}
	codes := slices.Sorted(maps.Keys(bodies))
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range slices.AppendSeq(slices.Clone(codes), maps.Keys(doc.Paths)) {
		if !bytes.Contains(page, []byte("| `"+word+"` |")) {
			t.Errorf("docs/api.md has no row for %s", word)
		}
	}
	documented := doc.Components.Schemas["Problem"].Properties["code"].AnyOf[0].Enum
	slices.Sort(documented)
	if diff := cmp.Diff(codes, documented); diff != "" {
		t.Errorf("codes (-real +documented):\n%s", diff)
	}
}
