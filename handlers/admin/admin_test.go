package admin

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/api/operator"
	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/locale"
	"waitboard/notices"
	"waitboard/publish"
)

// A fixture is the admin handler of the widgets support and sales.
type fixture struct {
	http.Handler
	publisher *publish.Publisher
	notices   *notices.Store
	changes   *Changes
	log       *strings.Builder
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newFixture(t testing.TB, dir *datadir.Dir, change func(o *Options)) *fixture {
	t.Helper()
	f := &fixture{log: &strings.Builder{}, changes: &Changes{}}
	widget := func(id string) domain.Widget {
		return domain.Widget{ID: id, Title: id, Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: time.Second}
	}
	now := func() time.Time { return noon }
	f.publisher = publish.New(publish.Options{Widgets: []domain.Widget{widget("support"), widget("sales")}, Now: now})
	t.Cleanup(f.publisher.Close)
	log := slog.New(slog.NewTextHandler(f.log, nil))
	var err error
	if f.notices, err = notices.Open(notices.Options{Dir: dir, Show: f.publisher.SetNotice, Now: now, Log: log}); err != nil {
		t.Fatal(err)
	}
	o := Options{
		Metrics: prometheus.NewRegistry(), Publisher: f.publisher, Notices: f.notices, Loopback: true, Now: now, Log: log,
		Changes: f.changes, Readiness: func() Readiness { return Readiness{} }, State: testState,
	}
	if change != nil {
		change(&o)
	}
	f.Handler = New(o)
	return f
}

// do sends a request to 127.0.0.1; headers come in pairs, and may include Host.
func (f *fixture) do(method, path, body string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:9090"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w.Result()
}

func (f *fixture) put(body string) *http.Response {
	return f.do("PUT", "/widgets/support/notice", body, "Content-Type", "application/json; charset=utf-8")
}

// problemOf returns the code and detail of an error answer.
func problemOf(t *testing.T, resp *http.Response) (code, detail string) {
	t.Helper()
	var p struct {
		Code, Detail string
		Status       int
	}
	if err := json.Unmarshal([]byte(text(t, resp)), &p); err != nil || p.Status != resp.StatusCode || resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("not a problem: %v, %+v, %v", err, p, resp.Header)
	}
	return p.Code, p.Detail
}

// testState returns a small state of a service.
func testState() operator.State {
	until := noon.Add(2 * time.Hour)
	return operator.State{
		Now: noon, Version: "test", Config: operator.Config{InForce: true},
		Sources: []operator.Source{{ID: "hq", Address: "https://phones.example.com:9080", State: "ok", Key: "key_env KEY", Subscription: operator.Subscription{State: "off"}}},
		Widgets: []operator.Widget{
			{ID: "support", Title: "<i>Help</i>", Page: "https://wait.example.com/w/support", State: "open", Zone: "America/Denver", Sources: []string{"hq"}, Notice: &operator.Notice{Text: "<b>down</b>", Until: &until},
				Metrics: []operator.Metric{{ID: "wait", Label: "Wait", Source: "hq", Type: "duration", Value: 205., Text: "3:25", Public: "4 min"}}},
			{ID: "sales", Title: "Sales", State: "open", Zone: "UTC", Metrics: []operator.Metric{}},
		},
	}
}

// Programs get errors as problems, browsers as pages.
func TestErrors(t *testing.T) {
	asking := newFixture(t, nil, func(o *Options) { o.Authorized = func(string) bool { return false } })
	open := newFixture(t, nil, nil)
	tests := []struct {
		f            *fixture
		method, path string
		status       int
		code, allow  string
	}{
		{open, "GET", "/nosuch", 404, "not_found", ""},
		{open, "POST", "/nosuch", 404, "not_found", ""},
		{open, "POST", "/", 405, "method_not_allowed", "GET, HEAD"},
		{open, "POST", "/api/state", 405, "method_not_allowed", "GET, HEAD"},
		{open, "PUT", "/events", 405, "method_not_allowed", "GET, HEAD"},
		{open, "GET", "/assets/nosuch.js", 404, "not_found", ""},
		{open, "DELETE", "/metrics", 405, "method_not_allowed", "GET, HEAD"},
		{open, "GET", "/debug/pprof/nosuch", 404, "not_found", ""},
		{open, "GET", "/widgets/nosuch", 404, "widget_not_found", ""},
		{asking, "GET", "/", 401, "unauthorized", ""},
	}
	for _, test := range tests {
		resp := test.f.do(test.method, test.path, "")
		if code, _ := problemOf(t, resp); resp.StatusCode != test.status || code != test.code || resp.Header.Get("Allow") != test.allow {
			t.Errorf("%s %s: %d %s, Allow %q", test.method, test.path, resp.StatusCode, code, resp.Header.Get("Allow"))
		}
		page := test.f.do(test.method, test.path, "", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		if body := text(t, page); page.StatusCode != test.status || page.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(body, "<h1>"+http.StatusText(test.status)+"</h1>") {
			t.Errorf("%s %s in a browser: %d %v\n%s", test.method, test.path, page.StatusCode, page.Header, body)
		}
	}
}

func TestFavicon(t *testing.T) {
	resp := newFixture(t, nil, nil).do("GET", "/favicon.ico", "")
	if body := text(t, resp); resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "image/x-icon" || !strings.HasPrefix(body, "\x00\x00\x01\x00") || len(body) > 2000 || resp.Header.Get("Cache-Control") != "private, max-age=86400" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
