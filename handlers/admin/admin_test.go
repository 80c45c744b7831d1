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
	log       *strings.Builder
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newFixture(t testing.TB, dir *datadir.Dir, change func(o *Options)) *fixture {
	t.Helper()
	f := &fixture{log: &strings.Builder{}}
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
		Status: func() Status {
			return Status{Version: "test", Widgets: []WidgetStatus{{ID: "support", Title: "<i>Help</i>", Page: "https://wait.example.com/w/support", State: "open", Notice: "<b>down</b>", End: "soon"}, {ID: "sales", State: "open"}}}
		},
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

func TestDashboard(t *testing.T) {
	body := text(t, newFixture(t, nil, nil).do("GET", "/", ""))
	for _, part := range []string{"<q>&lt;b&gt;down&lt;/b&gt;</q> ends soon", `<a href="widgets/support">Change or remove<`, `<a href="widgets/sales">Write a notice<`, `<a href="https://wait.example.com/w/support">&lt;i&gt;Help&lt;/i&gt;</a> <code>support</code>`, `>sales</td>`, "data_dir"} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s in %s", part, body)
		}
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
