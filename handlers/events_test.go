package handlers

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/handlers/pages"
	"waitboard/sse"
)

// still is a pace without heartbeats during a test.
var still = sse.Pace{Heartbeat: 3 * time.Hour, WriteTimeout: time.Hour, MaxAge: 6 * time.Hour, RetrySpread: time.Minute}

// A streaming fixture serves on a real port.
type streaming struct {
	*fixture
	t      *testing.T
	server *httptest.Server
	o      Options
	now    atomic.Pointer[http.Handler] // the current handler
}

// swap replaces the handler.
func (s *streaming) swap(h http.Handler) {
	s.Handler = h
	s.now.Store(&h)
}

func newStreaming(t *testing.T, limits EventLimits) *streaming {
	s := &streaming{fixture: newFixture(t), t: t}
	metrics := prometheus.NewRegistry()
	s.events = NewEvents(EventOptions{Publisher: s.publisher, Metrics: metrics, Now: time.Now, Pace: still})
	s.o = Options{
		Now:       s.clock.now,
		Publisher: s.publisher, PublicURL: "https://wait.example.com", Metrics: metrics, Log: quiet, Ready: func() bool { return true },
		Widgets: []pages.Offered{{ID: "support"}, {ID: "partner", Origins: []string{"https://www.example.com"}}, {ID: "empty"}, {ID: "secret", Unlisted: true}},
		Events:  s.events, EventLimits: limits, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}
	s.swap(New(s.o))
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*s.now.Load()).ServeHTTP(w, r) }))
	sse.Prepare(s.server.Config)
	s.server.Start()
	t.Cleanup(func() {
		s.events.Close()
		s.server.Close()
	})
	return s
}

// A follower is a client that reads a stream.
type follower struct {
	*http.Response
	t     testing.TB
	lines *bufio.Reader
}

// follow opens a stream; headers come in pairs.
func (s *streaming) follow(path string, headers ...string) *follower {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	s.t.Cleanup(cancel)
	r, _ := http.NewRequestWithContext(ctx, "GET", s.server.URL+path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := s.server.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = resp.Body.Close() })
	return &follower{resp, s.t, bufio.NewReader(resp.Body)}
}

// block returns the next event, or other text up to an empty line; empty at the end of the stream.
func (f *follower) block() (text string) {
	f.t.Helper()
	for {
		line, err := f.lines.ReadString('\n')
		if err == io.EOF && strings.Count(text, "\n") < 2 { // at most the retry of an event that never came
			return ""
		}
		if err != nil {
			f.t.Fatalf("%v after %q", err, text)
		}
		if text += line; line == "\n" {
			return text
		}
	}
}

// snapshot returns the data of the next event, which must be a snapshot.
func (f *follower) snapshot() string {
	f.t.Helper()
	block := f.block()
	_, data, ok := strings.Cut(block, "event: snapshot\ndata: ")
	if !ok {
		f.t.Fatalf("no snapshot: %q", block)
	}
	data, _, _ = strings.Cut(data, "\nid: ") // of several widgets
	return strings.TrimSuffix(data, "\n")
}

func TestEventsOfOne(t *testing.T) {
	s := newStreaming(t, EventLimits{Total: 10})
	f := s.follow("/v1/widgets/support/events")
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "*",
		"X-Content-Type-Options": "nosniff", "Content-Encoding": "", "Etag": "",
	} {
		if got := f.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	retry, first, _ := strings.Cut(f.block(), "\n") // of one block: some clients take a block without data for an event
	if !strings.HasPrefix(retry, "retry: ") {
		t.Errorf("starts with %q", retry)
	}
	id, rest, _ := strings.Cut(first, "\n")
	if want := "event: snapshot\ndata: " + text(t, s.do("GET", "/v1/widgets/support")) + "\n"; rest != want || !strings.HasPrefix(id, "id: ") {
		t.Errorf("got  %s\nwant %s", first, want)
	}
	s.observe("support", 3) // confirmed, and unchanged
	known := s.follow("/v1/widgets/support/events", "Last-Event-ID", strings.TrimPrefix(id, "id: "))
	if _, beat, _ := strings.Cut(known.block(), "\n"); !strings.HasPrefix(beat, `event: heartbeat`+"\n"+`data: {"id":"support","now":"`) || !strings.Contains(beat, `"stale":false}`) {
		t.Errorf("a client that has the snapshot gets %q", beat)
	}
	s.observe("support", 4)
	for _, each := range []*follower{f, known} {
		if got, want := each.snapshot(), text(t, s.do("GET", "/v1/widgets/support")); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// A stream leaves out widgets that do not exist, or that the origin may not read.
func TestEventsOfSeveral(t *testing.T) {
	const own, other = "https://www.example.com", "https://other.example"
	s := newStreaming(t, EventLimits{Total: 100})
	tests := []struct {
		query, origin string
		want          []string
		allow         string
	}{
		{"id=support&id=partner", "", []string{"support", "partner"}, ""},
		{"id=support&id=partner", own, []string{"support", "partner"}, own},
		{"id=support&id=partner&id=nosuch&id=support", other, []string{"support"}, other},
		{"id=secret&id=empty", other, []string{"secret", "empty"}, "*"},
	}
	for _, test := range tests {
		var header []string
		if test.origin != "" {
			header = []string{"Origin", test.origin}
		}
		f := s.follow(eventsPath+"?"+test.query, header...)
		if got := f.Header.Get("Access-Control-Allow-Origin"); got != test.allow {
			t.Errorf("%s from %q: allows %q", test.query, test.origin, got)
		}
		for _, id := range test.want {
			if got := f.snapshot(); !strings.HasPrefix(got, `{"id":"`+id+`"`) {
				t.Errorf("%s from %q: %s", test.query, test.origin, got)
			}
		}
		s.observe("partner", float64(len(test.query)))
		s.observe("support", float64(len(test.query)))
	}
}

func TestEventsRejected(t *testing.T) {
	s := newStreaming(t, EventLimits{Total: 4, PerAddress: 1, PerWidget: 2})
	const one = "/v1/widgets/support/events"
	steps := []struct {
		path, forwarded string
		status          int
		code            string
	}{
		{"/v1/widgets/nosuch/events", "203.0.113.1", 404, "widget_not_found"},
		{eventsPath, "203.0.113.1", 400, "no_ids"},
		{eventsPath + "?id=%zz", "203.0.113.1", 400, "malformed_query"},
		{eventsPath + "?id=x" + strings.Repeat("&id=x", maxIDs), "203.0.113.1", 400, "too_many_ids"},
		{eventsPath + "?id=nosuch", "203.0.113.1", 404, "widget_not_found"},
		{one, "203.0.113.1", 200, ""},
		{one, "203.0.113.1", 429, "too_many_streams"},
		{one, "2001:db8:1:2::3", 200, ""},
		{eventsPath + "?id=empty", "2001:db8:1:2:ffff::4", 429, "too_many_streams"}, // of the same /64
		{one, "2001:db8:1:3::3", 503, "streams_full"},
		{eventsPath + "?id=empty&id=support", "203.0.113.2", 503, "streams_full"},
		{"/v1/widgets/empty/events", "203.0.113.2", 200, ""},
		{"/v1/widgets/empty/events", "203.0.113.3", 200, ""},
		{"/v1/widgets/partner/events", "203.0.113.4", 503, "streams_full"},
	}
	for i, step := range steps {
		f := s.follow(step.path, "X-Forwarded-For", step.forwarded, "Origin", "https://www.example.com")
		if f.StatusCode != step.status || f.Header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("step %d: %d %v", i, f.StatusCode, f.Header)
		}
		if step.code == "" {
			continue
		}
		body, err := io.ReadAll(f.Body)
		if err != nil || !strings.Contains(string(body), `"code":"`+step.code+`"`) || f.Header.Get("Content-Type") != "application/problem+json" || f.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("step %d: %s %v", i, body, f.Header)
		}
		after, _ := strconv.Atoi(f.Header.Get("Retry-After"))
		if limited := step.status == 429 || step.status == 503; limited != (after >= 10 && after < 30) {
			t.Errorf("step %d: Retry-After %d", i, after)
		}
	}
	if resp := s.follow("/v1/widgets/support"); resp.StatusCode != 200 {
		t.Errorf("a snapshot: %d", resp.StatusCode)
	}
	s.events.Close()
	if resp := s.follow(one, "X-Forwarded-For", "203.0.113.9"); resp.StatusCode != 503 || !strings.Contains(resp.Header.Get("Content-Type"), "problem") {
		t.Errorf("after Close: %d", resp.StatusCode)
	}
}

// SparePrivate exempts clients at private addresses from the limit per address only.
func TestEventsSparePrivate(t *testing.T) {
	for _, spare := range []bool{false, true} {
		s := newStreaming(t, EventLimits{Total: 3, PerAddress: 1, SparePrivate: spare})
		s.follow("/v1/widgets/support/events")
		if got := s.follow("/v1/widgets/support/events").StatusCode; (got == 200) != spare {
			t.Errorf("spared %v: %d", spare, got)
		}
	}
}

func TestEventsOtherMethods(t *testing.T) {
	s := newStreaming(t, EventLimits{Total: 1})
	for _, path := range []string{"/v1/widgets/support/events", eventsPath + "?id=support"} {
		head := s.do("HEAD", path)
		if head.StatusCode != 200 || head.Header.Get("Content-Type") != "text/event-stream" || head.Header.Get("X-Accel-Buffering") != "no" {
			t.Errorf("HEAD: %d %v", head.StatusCode, head.Header)
		}
		if options := s.do("OPTIONS", path); options.StatusCode != 204 || options.Header.Get("Allow") != "GET, HEAD, OPTIONS" {
			t.Errorf("OPTIONS: %d %v", options.StatusCode, options.Header)
		}
		if post := s.do("POST", path); post.StatusCode != 405 {
			t.Errorf("POST: %d", post.StatusCode)
		}
	}
	if head := s.do("HEAD", "/v1/widgets/nosuch/events"); head.StatusCode != 404 {
		t.Errorf("HEAD of an unknown widget: %d", head.StatusCode)
	}
	if f := s.follow("/v1/widgets/support/events"); f.StatusCode != 200 { // the requests above opened no stream
		t.Errorf("%d", f.StatusCode)
	}
	// Without streams, the addresses are not found.
	s.o.Events, s.o.Metrics = nil, prometheus.NewRegistry()
	s.swap(New(s.o))
	for path, code := range map[string]string{"/v1/widgets/support/events": "not_found", eventsPath + "?id=support": "not_found", "/v1/widgets/nosuch/events": "widget_not_found"} {
		if resp := s.do("GET", path); resp.StatusCode != 404 || !strings.Contains(text(t, resp), code) {
			t.Errorf("%s without streams: %d", path, resp.StatusCode)
		}
	}
}

// The rate limit counts opening a stream as one request.
func TestEventsAreRequests(t *testing.T) {
	s := newStreaming(t, EventLimits{Total: 10})
	s.o.RateLimit, s.o.Now = RateLimit{Requests: 2, Per: time.Hour}, atNoon
	s.swap(New(s.o))
	f := s.follow("/v1/widgets/support/events")
	if got := f.Header.Get("RateLimit"); !strings.HasPrefix(got, `"default";r=1;`) {
		t.Errorf("RateLimit: %q", got)
	}
	f.snapshot()
	s.observe("support", 5)
	f.snapshot()
	if got := s.follow("/v1/widgets/support/text"); got.StatusCode != 200 {
		t.Errorf("the second: %d", got.StatusCode)
	}
	if got := s.follow("/v1/widgets/support/events"); got.StatusCode != 429 || got.Header.Get("Retry-After") == "" {
		t.Errorf("the third: %d", got.StatusCode)
	}
}

// Replacing the handler ends only the streams of widgets that are gone or have other origins.
func TestEventsOutliveHandlers(t *testing.T) {
	s := newStreaming(t, EventLimits{Total: 10})
	origin := []string{"Origin", "https://www.example.com"}
	stays, partner, both := s.follow("/v1/widgets/support/events"), s.follow("/v1/widgets/partner/events", origin...), s.follow(eventsPath+"?id=empty&id=partner", origin...)
	readToEnd := func(f *follower) {
		for f.block() != "" {
		}
	}
	stays.snapshot()
	old := s.Handler
	s.swap(New(s.o)) // with the same options
	s.observe("partner", 7)
	for range 2 { // the first snapshot, and this one
		for block := partner.block(); !strings.Contains(block, `"id":"partner"`); block = partner.block() {
		}
	}
	s.o.Widgets[1].Origins = []string{"https://other.example"}
	s.swap(New(s.o))
	readToEnd(partner)
	readToEnd(both)
	if f := s.follow(eventsPath+"?id=empty&id=partner", origin...); f.StatusCode != 200 || !strings.Contains(f.block(), `"id":"empty"`) {
		t.Errorf("remaining widgets: %d", f.StatusCode)
	}
	s.swap(old) // as for a request in flight
	readToEnd(s.follow("/v1/widgets/partner/events", origin...))
	s.observe("support", 8)
	stays.snapshot()
	s.publisher.Replace(nil)
	readToEnd(stays)
	s.o.EventLimits.Total = 0
	s.swap(New(s.o))
	if f := s.follow("/v1/widgets/support/events"); f.StatusCode != 404 {
		t.Errorf("removed widget: %d", f.StatusCode)
	}
}

// The ID of a snapshot event depends on what the snapshot shows, not on its age.
func TestEventIDIgnoresAge(t *testing.T) {
	f := newFixture(t)
	before, _ := f.publisher.Page("support")
	f.clock.advance(time.Second)
	f.observe("support", 3)
	same, _ := f.publisher.Page("support")
	f.observe("support", 4)
	other, _ := f.publisher.Page("support")
	if same.Change != before.Change || other.Change == same.Change || cmp.Equal(same.Plain.Body, before.Plain.Body) {
		t.Errorf("%q, %q, %q", before.Change, same.Change, other.Change)
	}
}
