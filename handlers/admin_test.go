package handlers

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/locale"
	"waitboard/notices"
	"waitboard/publish"
)

// An adminFixture is the operators' side of a service with the widgets support and sales.
type adminFixture struct {
	http.Handler
	board   *publish.Publisher
	notices *notices.Store
	log     *strings.Builder
}

var adminNoon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newAdmin(t testing.TB, dir *datadir.Dir, change func(o *AdminOptions)) *adminFixture {
	t.Helper()
	f := &adminFixture{log: &strings.Builder{}}
	widget := func(id string) domain.Widget {
		return domain.Widget{ID: id, Title: id, Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: time.Second}
	}
	now := func() time.Time { return adminNoon }
	f.board = publish.New(publish.Options{Widgets: []domain.Widget{widget("support"), widget("sales")}, Now: now})
	t.Cleanup(f.board.Close)
	log := slog.New(slog.NewTextHandler(f.log, nil))
	var err error
	if f.notices, err = notices.Open(notices.Options{Dir: dir, Show: f.board.SetNotice, Now: now, Log: log}); err != nil {
		t.Fatal(err)
	}
	o := AdminOptions{
		Metrics: prometheus.NewRegistry(), Publisher: f.board, Notices: f.notices, Loopback: true, Now: now, Log: log,
		Status: func() AdminStatus {
			return AdminStatus{Version: "test", Widgets: []AdminWidget{{ID: "support", Title: "<i>Help</i>", Page: "https://wait.example.com/w/support", State: "open", Notice: "<b>down</b>", End: "soon"}, {ID: "sales", State: "open"}}}
		},
	}
	if change != nil {
		change(&o)
	}
	f.Handler = Admin(o)
	return f
}

// do makes a request to 127.0.0.1; headers come in pairs, and the first of them may be Host.
func (f *adminFixture) do(method, path, body string, headers ...string) *http.Response {
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

func (f *adminFixture) put(body string) *http.Response {
	return f.do("PUT", "/widgets/support/notice", body, "Content-Type", "application/json; charset=utf-8")
}

// problemOf is the code and detail of an error answer.
func problemOf(t *testing.T, resp *http.Response) (code, detail string) {
	t.Helper()
	var p struct {
		Code, Detail string
		Status       int
	}
	if err := json.Unmarshal([]byte(text(t, resp)), &p); err != nil || p.Status != resp.StatusCode || resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("no problem: %v, %+v, %v", err, p, resp.Header)
	}
	return p.Code, p.Detail
}

func TestPutNotice(t *testing.T) {
	const down = `"text":"Phones are down, use chat"`
	tests := []struct{ name, body, want string }{ // want: the answer, or part of the detail
		{"text alone", `{` + down + `}`, `{"widget":"support",` + down + `,"closed":false,"persistent":false}`},
		{"until", `{` + down + `,"closed":true,"until":"2026-11-24T09:00:00+01:00"}`, `{"widget":"support",` + down + `,"closed":true,"until":"2026-11-24T08:00:00Z","persistent":false}`},
		{"for", `{` + down + `,"for":"1h30m"}`, `{"widget":"support",` + down + `,"closed":false,"until":"2026-11-23T13:30:00Z","persistent":false}`},
		{"nulls", `{` + down + `,"until":null,"for":null,"closed":null}`, `{"widget":"support",` + down + `,"closed":false,"persistent":false}`},
		{"spaces around", ` {"text":" a\n"} ` + "\n", `{"widget":"support","text":"a","closed":false,"persistent":false}`},
		{"the longest text, in its longest notation", `{"text":"` + strings.Repeat(`\ud83d\udcde`, 500) + `"}`, `{"widget":"support","text":"` + strings.Repeat("📞", 500) + `","closed":false,"persistent":false}`},
		{"markup", `{"text":"<script>"}`, `{"widget":"support","text":"\u003cscript\u003e","closed":false,"persistent":false}`},
		{"no body", ``, "must be a JSON object"},
		{"no JSON", `down`, "must be a JSON object"},
		{"half", `{"text":"a`, "must be a JSON object"},
		{"list", `["text"]`, "must be a JSON object"},
		{"null", `null`, "missing or empty"},
		{"nothing", `{}`, "missing or empty"},
		{"empty", `{"text":""}`, "missing or empty"},
		{"too long", `{"text":"` + strings.Repeat("x", 501) + `"}`, "has 501 characters"},
		{"lines", `{"text":"a\nb"}`, "one line"},
		{"override", `{"text":"a\u202eb"}`, "turn its direction"},
		{"half a surrogate", `{"text":"a\ud800"}`, "UTF-8"},
		{"not UTF-8", "{\"text\":\"a\xff\"}", "UTF-8"},
		{"unknown field", `{` + down + `,"colour":"red"}`, `There is no field "colour"; there are text, closed, until and for.`},
		{"text of another type", `{"text":1}`, "text must be text."},
		{"closed of another type", `{` + down + `,"closed":"yes"}`, "closed must be true or false."},
		{"until of another type", `{` + down + `,"until":1}`, "until must be text."},
		{"trailing", `{` + down + `} {}`, "Something follows"},
		{"trailing garbage", `{` + down + `}x`, "must be a JSON object"},
		{"both", `{` + down + `,"until":"2026-11-24T08:00:00Z","for":"2h"}`, "exclude each other"},
		{"past", `{` + down + `,"until":"2026-11-23T11:59:59Z"}`, "in the past"},
		{"the beginning of time", `{` + down + `,"until":"0001-01-01T00:00:00Z"}`, "until must be a time"},
		{"without a zone", `{` + down + `,"until":"2026-11-24T08:00:00"}`, "until must be a time"},
		{"empty until", `{` + down + `,"until":""}`, "until must be a time"},
		{"too far", `{` + down + `,"until":"2027-11-24T08:00:00Z"}`, "30 days"},
		{"too long a time", `{` + down + `,"for":"721h"}`, "30 days"},
		{"days", `{` + down + `,"for":"2d"}`, "for must be a duration"},
		{"no time", `{` + down + `,"for":"0s"}`, "for must be a duration"},
		{"negative", `{` + down + `,"for":"-2h"}`, "for must be a duration"},
		{"empty for", `{` + down + `,"for":""}`, "for must be a duration"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newAdmin(t, nil, nil)
			resp := f.put(test.body)
			page, _ := f.board.Page("support")
			if !strings.HasPrefix(test.want, "{") {
				code, detail := problemOf(t, resp)
				if resp.StatusCode != 400 || code != "invalid_notice" || !strings.Contains(detail, test.want) || page.Snapshot.Notice != "" {
					t.Errorf("%d %s: %s; shown %q", resp.StatusCode, code, detail, page.Snapshot.Notice)
				}
				return
			}
			if body := text(t, resp); resp.StatusCode != 200 || body != test.want+"\n" || resp.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
			if got := text(t, f.do("GET", "/widgets/support/notice", "")); got != test.want+"\n" {
				t.Errorf("GET: %s", got)
			}
			if page.Snapshot.Notice == "" {
				t.Error("not shown")
			}
			if log := f.log.String(); !strings.Contains(log, `msg="an operator's notice is shown" widget=support`) || !strings.Contains(log, "from=192.0.2.1") {
				t.Errorf("log: %s", log)
			}
		})
	}
}

func TestNoticeRequests(t *testing.T) {
	const json, form = "application/json", "application/x-www-form-urlencoded"
	f := newAdmin(t, nil, nil)
	tests := []struct {
		method, path, contentType, body string
		status                          int
		code                            string
	}{
		{"GET", "/widgets/support/notice", "", "", 404, "no_notice"},
		{"DELETE", "/widgets/support/notice", "", "", 204, ""},
		{"GET", "/widgets/nosuch/notice", "", "", 404, "widget_not_found"},
		{"PUT", "/widgets/nosuch/notice", json, `{"text":"a"}`, 404, "widget_not_found"},
		{"POST", "/widgets/nosuch/notice", form, `text=a`, 404, "widget_not_found"},
		{"DELETE", "/widgets/nosuch/notice", "", "", 404, "widget_not_found"},
		{"PATCH", "/widgets/nosuch/notice", "", "", 404, "widget_not_found"},
		{"GET", "/widgets/nosuch", "", "", 404, "widget_not_found"},
		{"PATCH", "/widgets/support/notice", json, `{}`, 405, "method_not_allowed"},
		{"OPTIONS", "/widgets/support/notice", "", "", 405, "method_not_allowed"},
		{"PUT", "/widgets/support/notice", "", `{"text":"a"}`, 415, "unsupported_media_type"},
		{"PUT", "/widgets/support/notice", "text/plain", `{"text":"a"}`, 415, "unsupported_media_type"},
		{"PUT", "/widgets/support/notice", form, `text=a`, 415, "unsupported_media_type"},
		{"POST", "/widgets/support/notice", json, `{"text":"a"}`, 415, "unsupported_media_type"},
		{"POST", "/widgets/support/notice", "multipart/form-data; boundary=x", "--x--", 415, "unsupported_media_type"},
		{"PUT", "/widgets/support/notice", json, `{"text":"a"` + strings.Repeat(" ", maxNotice) + `}`, 413, "body_too_large"},
		{"PUT", "/widgets/support/notice", json, `{"text":"a"}` + strings.Repeat(" ", maxNotice), 413, "body_too_large"},
		{"POST", "/widgets/support/notice", form, "text=a&x=" + strings.Repeat("x", maxNotice), 413, "body_too_large"},
		{"POST", "/widgets/support/notice", form, "text=%zz", 400, "invalid_notice"},
		{"PUT", "/widgets/support/notice", json, `{"text":"a"}`, 200, ""},
		{"HEAD", "/widgets/support/notice", "", "", 200, ""},
		{"DELETE", "/widgets/support/notice", "", "", 204, ""},
		{"DELETE", "/widgets/support/notice", "", "", 204, ""},
		{"GET", "/widgets/support/notice", "", "", 404, "no_notice"},
	}
	for _, test := range tests {
		resp := f.do(test.method, test.path, test.body, "Content-Type", test.contentType)
		if resp.StatusCode != test.status {
			t.Errorf("%s %s %s: %d", test.method, test.path, test.contentType, resp.StatusCode)
		} else if test.code != "" {
			if code, _ := problemOf(t, resp); code != test.code {
				t.Errorf("%s %s %s: %s", test.method, test.path, test.contentType, code)
			}
		}
		if allow := resp.Header.Get("Allow"); (allow == "GET, HEAD, PUT, POST, DELETE") != (test.status == 405) {
			t.Errorf("%s: Allow %q", test.method, allow)
		}
	}
	if n := strings.Count(f.log.String(), "taken back"); n != 2 { // one is the end of the notice that was shown
		t.Errorf("taken back %d times:\n%s", n, f.log)
	}
}

// What can't be saved is refused, and neither shown nor taken down.
func TestNoticeNotSaved(t *testing.T) {
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := newAdmin(t, dir, nil)
	if body := text(t, f.put(`{"text":"before"}`)); !strings.Contains(body, `"persistent":true`) {
		t.Errorf("got %s", body)
	}
	if err := os.MkdirAll(dir.Path("notices.json.tmp/in-the-way"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, resp := range []*http.Response{
		f.put(`{"text":"after"}`),
		f.do("DELETE", "/widgets/support/notice", ""),
	} {
		if code, detail := problemOf(t, resp); resp.StatusCode != 500 || code != "not_saved" || !strings.Contains(detail, "nothing was changed: can't write") {
			t.Errorf("%d %s %s", resp.StatusCode, code, detail)
		}
	}
	if page, _ := f.board.Page("support"); page.Snapshot.Notice != "before" || !strings.Contains(f.log.String(), "level=ERROR") {
		t.Errorf("shown %q, log %s", page.Snapshot.Notice, f.log)
	}
}

// A notice whose widget has gone from the configuration can be seen and taken back, and not changed.
func TestNoticeOfNoWidget(t *testing.T) {
	f := newAdmin(t, nil, nil)
	f.put(`{"text":"a"}`)
	f.board.Replace(nil)
	if resp := f.put(`{"text":"b"}`); resp.StatusCode != 404 {
		t.Errorf("PUT: %d", resp.StatusCode)
	}
	for _, test := range []struct {
		method string
		status int
	}{{"GET", 200}, {"DELETE", 204}, {"GET", 404}} {
		if resp := f.do(test.method, "/widgets/support/notice", ""); resp.StatusCode != test.status {
			t.Errorf("%s: %d", test.method, resp.StatusCode)
		}
	}
}

func TestNoticeForm(t *testing.T) {
	f := newAdmin(t, nil, nil)
	post := func(body string) *http.Response {
		return f.do("POST", "/widgets/support/notice", body, "Content-Type", "application/x-www-form-urlencoded", "Origin", "http://127.0.0.1:9090", "Sec-Fetch-Site", "same-origin")
	}
	shown := func() domain.Notice { n, _ := f.notices.Get("support"); return n }
	if body := text(t, f.do("GET", "/widgets/support", "")); !strings.Contains(body, `action="support/notice"`) || strings.Contains(body, "Take it back") || !strings.Contains(body, "data_dir") {
		t.Errorf("at first: %s", body)
	}
	resp := post("text=+%3Cb%3E%22down%22+&closed=on&for=2h")
	want := domain.Notice{Text: `<b>"down"`, Closed: true, Until: adminNoon.Add(2 * time.Hour)}
	if resp.StatusCode != 303 || resp.Header.Get("Location") != "../.." || shown() != want {
		t.Errorf("%d %v, shown %v", resp.StatusCode, resp.Header, shown())
	}
	body := text(t, f.do("GET", "/widgets/support", ""))
	for _, part := range []string{`value="&lt;b&gt;&#34;down&#34;"`, " checked>", "ends in 2h0m0s, at 2026-11-23 14:00:00 UTC", "Take it back"} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s in %s", part, body)
		}
	}
	for body, problem := range map[string]string{
		"text=&for=2h": "missing or empty", "text=a%0Ab&for=2h": "one line", "text=a&for=x": "must be a duration", "for=2h": "missing or empty",
	} {
		resp := post(body)
		if page := text(t, resp); resp.StatusCode != 400 || !strings.Contains(page, `role="alert"`) || !strings.Contains(page, problem) || shown() != want {
			t.Errorf("%s: %d, shown %v: %s", body, resp.StatusCode, shown(), page)
		}
	}
	if resp := post("text=a&for="); resp.StatusCode != 303 || shown() != (domain.Notice{Text: "a"}) {
		t.Errorf("%d, shown %v", resp.StatusCode, shown())
	}
	if resp := post("remove=1"); resp.StatusCode != 303 || shown() != (domain.Notice{}) {
		t.Errorf("%d, shown %v", resp.StatusCode, shown())
	}
}

// Who may reach what: other sites' pages, foreign host names, and those without the token are kept out of everything.
func TestAdminGuard(t *testing.T) {
	const token = "correct-horse-battery"
	open := newAdmin(t, nil, nil)
	asking := newAdmin(t, nil, func(o *AdminOptions) { o.Authorized = func(s string) bool { return s == token } })
	public := newAdmin(t, nil, func(o *AdminOptions) { o.Loopback, o.Authorized = false, func(s string) bool { return s == token } })
	basic := func(password string) string {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth("anybody", password)
		return r.Header.Get("Authorization")
	}
	tests := []struct {
		name    string
		f       *adminFixture
		headers []string
		refused int // 0: not
		code    string
	}{
		{"curl", open, nil, 0, ""},
		{"localhost", open, []string{"Host", "localhost:9090"}, 0, ""},
		{"IPv6", open, []string{"Host", "[::1]:9090"}, 0, ""},
		{"rebinding", open, []string{"Host", "evil.example:9090"}, 403, "host_refused"},
		{"rebinding, as the same origin", open, []string{"Host", "evil.example:9090", "Origin", "http://evil.example:9090", "Sec-Fetch-Site", "same-origin"}, 403, "host_refused"},
		{"typed by hand", open, []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 0, ""},
		{"own page", open, []string{"Origin", "http://127.0.0.1:9090", "Sec-Fetch-Site", "same-origin"}, 0, ""},
		{"own page, an old browser", open, []string{"Origin", "http://127.0.0.1:9090"}, 0, ""},
		{"foreign origin", open, []string{"Origin", "https://evil.example"}, 403, "cross_site"},
		{"another port", open, []string{"Origin", "http://127.0.0.1:3000"}, 403, "cross_site"},
		{"another port, a new browser", open, []string{"Origin", "http://127.0.0.1:3000", "Sec-Fetch-Site", "same-site"}, 403, "cross_site"},
		{"sandboxed frame", open, []string{"Origin", "null"}, 403, "cross_site"},
		{"script of another site", open, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}, 403, "cross_site"},
		{"frame in another site", open, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403, "cross_site"},
		{"form of another site", open, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 403, "cross_site"},
		{"no token", asking, nil, 401, "unauthorized"},
		{"bearer", asking, []string{"Authorization", "Bearer " + token}, 0, ""},
		{"bearer in small letters", asking, []string{"Authorization", "bearer " + token}, 0, ""},
		{"password", asking, []string{"Authorization", basic(token)}, 0, ""},
		{"wrong bearer", asking, []string{"Authorization", "Bearer " + token + "x"}, 401, "unauthorized"},
		{"part of it", asking, []string{"Authorization", "Bearer " + token[:10]}, 401, "unauthorized"},
		{"empty bearer", asking, []string{"Authorization", "Bearer "}, 401, "unauthorized"},
		{"wrong password", asking, []string{"Authorization", basic("x")}, 401, "unauthorized"},
		{"another scheme", asking, []string{"Authorization", "Digest " + token}, 401, "unauthorized"},
		{"the token alone", asking, []string{"Authorization", token}, 401, "unauthorized"},
		{"by name, through a proxy", asking, []string{"Host", "ops.example.com", "Authorization", "Bearer " + token}, 0, ""},
		{"rebinding, and so without the token", asking, []string{"Host", "evil.example"}, 401, "unauthorized"},
		{"other site with the token", asking, []string{"Origin", "https://evil.example", "Authorization", basic(token)}, 403, "cross_site"},
		{"public, by name", public, []string{"Host", "ops.example.com", "Authorization", basic(token)}, 0, ""},
		{"public, no token", public, []string{"Host", "ops.example.com"}, 401, "unauthorized"},
		{"public, other site", public, []string{"Host", "ops.example.com", "Origin", "https://evil.example", "Authorization", basic(token)}, 403, "cross_site"},
	}
	requests := []struct {
		method, path string
		status       int // when it is not refused
	}{
		{"GET", "/", 200}, {"GET", "/metrics", 200}, {"GET", "/debug/pprof/", 200}, {"GET", "/debug/pprof/cmdline", 200}, {"HEAD", "/", 200},
		{"GET", "/widgets/support", 200}, {"GET", "/widgets/support/notice", 404}, {"DELETE", "/widgets/support/notice", 204},
		{"PUT", "/widgets/support/notice", 415}, {"POST", "/widgets/support/notice", 415}, {"GET", "/nosuch", 404}, {"OPTIONS", "/", 405},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, r := range requests {
				resp := test.f.do(r.method, r.path, "", test.headers...)
				want := r.status
				if test.refused != 0 {
					want = test.refused
					if code, _ := problemOf(t, resp); r.method != "HEAD" && code != test.code {
						t.Errorf("%s %s: %s", r.method, r.path, code)
					}
				}
				if resp.StatusCode != want {
					t.Errorf("%s %s: %d, want %d", r.method, r.path, resp.StatusCode, want)
				}
				for header, want := range map[string]string{
					"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Content-Security-Policy": adminPolicy,
					"Cache-Control": "no-store", "Access-Control-Allow-Origin": "",
				} {
					if got := resp.Header.Get(header); got != want {
						t.Errorf("%s %s: %s %q", r.method, r.path, header, got)
					}
				}
				if asks := len(resp.Header.Values("WWW-Authenticate")); (asks == 2) != (resp.StatusCode == 401) {
					t.Errorf("%s %s: WWW-Authenticate %d times", r.method, r.path, asks)
				}
			}
		})
	}
	if log := asking.log.String(); strings.Contains(log, token) || !strings.Contains(log, "wrong token") {
		t.Errorf("log: %s", log)
	}
	// A link from another site may be followed, which reads nothing for it; a form may not be sent.
	link := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	if resp := open.do("GET", "/", "", link...); resp.StatusCode != 200 {
		t.Errorf("a link: %d", resp.StatusCode)
	}
	if resp := open.do("POST", "/widgets/support/notice", "text=a", append(link, "Content-Type", "application/x-www-form-urlencoded")...); resp.StatusCode != 403 {
		t.Errorf("a form: %d", resp.StatusCode)
	}
}

func TestAdminPage(t *testing.T) {
	body := text(t, newAdmin(t, nil, nil).do("GET", "/", ""))
	for _, part := range []string{"<q>&lt;b&gt;down&lt;/b&gt;</q> ends soon", `<a href="widgets/support">change</a>`, `<a href="widgets/sales">set</a>`, `<a href="https://wait.example.com/w/support">&lt;i&gt;Help&lt;/i&gt;</a> (support)`, `>sales</td>`, "data_dir"} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s in %s", part, body)
		}
	}
}

// A notice ends on the board by itself, and is then not there for operators either.
func TestNoticeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := publish.New(publish.Options{Widgets: []domain.Widget{{ID: "support", Title: "Support", Locale: locale.English()}}, Now: time.Now})
		defer b.Close()
		log := slog.New(slog.DiscardHandler)
		store, err := notices.Open(notices.Options{Show: b.SetNotice, Now: time.Now, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		f := &adminFixture{Handler: Admin(AdminOptions{Metrics: prometheus.NewRegistry(), Publisher: b, Notices: store, Now: time.Now, Log: log})}
		f.put(`{"text":"Phones are down","closed":true,"for":"2h"}`)
		look := func() (domain.State, int) {
			synctest.Wait()
			page, _ := b.Page("support")
			return page.Snapshot.State, f.do("GET", "/widgets/support/notice", "").StatusCode
		}
		time.Sleep(2*time.Hour - time.Millisecond)
		if state, status := look(); state != domain.Closed || status != 200 {
			t.Errorf("before its end: %s, %d", state, status)
		}
		time.Sleep(2 * time.Millisecond)
		if state, status := look(); state != domain.Initializing || status != 404 {
			t.Errorf("after its end: %s, %d", state, status)
		}
	})
}

// Any body is answered, and what is taken can be read again.
func FuzzPutNotice(f *testing.F) {
	for _, body := range []string{"", "{}", `{"text":"Phones are down","closed":true,"until":"2026-11-24T08:00:00Z"}`, `{"text":"a","for":"2h"}`, `{"text":"\u202e"}`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		a := newAdmin(t, nil, nil)
		resp := a.put(body)
		n, shown := a.notices.Get("support")
		switch resp.StatusCode {
		case http.StatusOK:
			var out noticeJSON
			if err := json.Unmarshal([]byte(text(t, resp)), &out); err != nil || !shown || out.Text != n.Text || out.Closed != n.Closed || (out.Until == nil) != n.Until.IsZero() {
				t.Errorf("answered %+v, shown %+v, %v", out, n, err)
			}
			if page, _ := a.board.Page("support"); page.Snapshot.Notice != n.Text || strings.ContainsAny(n.Text, "\n\r") {
				t.Errorf("shown %q", page.Snapshot.Notice)
			}
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			if _, detail := problemOf(t, resp); detail == "" || shown {
				t.Errorf("refused with %q, shown %v", detail, shown)
			}
		default:
			t.Errorf("status %d", resp.StatusCode)
		}
	})
}
