package admin

import (
	"encoding/json"
	"log/slog"
	"net/http"
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

func TestPutNotice(t *testing.T) {
	const down = `"text":"Phones are down, use chat"`
	tests := []struct{ name, body, want string }{ // want: the answer, or part of the detail
		{"text alone", `{` + down + `}`, `{"widget":"support",` + down + `,"closed":false,"persistent":false}`},
		{"until", `{` + down + `,"closed":true,"until":"2026-11-24T09:00:00+01:00"}`, `{"widget":"support",` + down + `,"closed":true,"until":"2026-11-24T08:00:00Z","persistent":false}`},
		{"for", `{` + down + `,"for":"1h30m"}`, `{"widget":"support",` + down + `,"closed":false,"until":"2026-11-23T13:30:00Z","persistent":false}`},
		{"days", `{` + down + `,"for":"1w2d"}`, `{"widget":"support",` + down + `,"closed":false,"until":"2026-12-02T12:00:00Z","persistent":false}`},
		{"from", `{` + down + `,"from":"2026-11-23T13:00:00Z","for":"30m"}`, `{"widget":"support",` + down + `,"closed":false,"from":"2026-11-23T13:00:00Z","until":"2026-11-23T13:30:00Z","persistent":false}`},
		{"no time", `{` + down + `,"from":"tomorrow"}`, "from must be a time such as"},
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
		{"a field twice", `{` + down + `,"closed":true,"text":"b"}`, "The field text is there twice."},
		{"a field twice, in other cases", `{` + down + `,"TEXT":"b"}`, "The field TEXT is there twice."},
		{"unknown field", `{` + down + `,"colour":"red"}`, `The field "colour" is unknown. The fields are text, closed, from, until and for.`},
		{"text of another type", `{"text":1}`, "text must be text."},
		{"closed of another type", `{` + down + `,"closed":"yes"}`, "closed must be true or false."},
		{"until of another type", `{` + down + `,"until":1}`, "until must be text."},
		{"trailing", `{` + down + `} {}`, "something after the end"},
		{"trailing garbage", `{` + down + `}x`, "must be a JSON object"},
		{"both", `{` + down + `,"until":"2026-11-24T08:00:00Z","for":"2h"}`, "exclude each other"},
		{"past", `{` + down + `,"until":"2026-11-23T11:59:59Z"}`, "in the past"},
		{"the beginning of time", `{` + down + `,"until":"0001-01-01T00:00:00Z"}`, "until must be a time"},
		{"without a zone", `{` + down + `,"until":"2026-11-24T08:00:00"}`, "until must be a time"},
		{"empty until", `{` + down + `,"until":""}`, "until must be a time"},
		{"too far", `{` + down + `,"until":"2027-11-24T08:00:00Z"}`, "30 days"},
		{"too long a time", `{` + down + `,"for":"721h"}`, "30 days"},
		{"too many days", `{` + down + `,"for":"31d"}`, "30 days"},
		{"no time", `{` + down + `,"for":"0s"}`, "for must be a duration"},
		{"negative", `{` + down + `,"for":"-2h"}`, "for must be a duration"},
		{"empty for", `{` + down + `,"for":""}`, "for must be a duration"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t, nil, nil)
			resp := f.put(test.body)
			page, _ := f.publisher.Page("support")
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
			if shown, waits := page.Snapshot.Notice != "", strings.Contains(test.body, `"from"`); shown == waits {
				t.Errorf("shown: %v", shown)
			}
			if log := f.log.String(); !strings.Contains(log, `msg="notice set" widget=support`) || !strings.Contains(log, "from=192.0.2.1") {
				t.Errorf("log: %s", log)
			}
		})
	}
}

func TestNoticeRequests(t *testing.T) {
	const json, form = "application/json", "application/x-www-form-urlencoded"
	f := newFixture(t, nil, nil)
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
		{"POST", "/widgets/support/notice", form, "text=a&x=" + strings.Repeat("x", maxForm), 413, "body_too_large"},
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
	if n := strings.Count(f.log.String(), "notice removed"); n != 1 {
		t.Errorf("removed %d times:\n%s", n, f.log)
	}
}

// A notice that can't be saved changes nothing.
func TestNoticeNotSaved(t *testing.T) {
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, dir, nil)
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
		if code, detail := problemOf(t, resp); resp.StatusCode != 500 || code != "not_saved" || !strings.Contains(detail, "nothing changed: can't write") {
			t.Errorf("%d %s %s", resp.StatusCode, code, detail)
		}
	}
	if page, _ := f.publisher.Page("support"); page.Snapshot.Notice != "before" || !strings.Contains(f.log.String(), "level=ERROR") {
		t.Errorf("shown %q, log %s", page.Snapshot.Notice, f.log)
	}
}

// A notice whose widget has left the configuration can be read and removed, but not changed.
func TestNoticeWithoutWidget(t *testing.T) {
	f := newFixture(t, nil, nil)
	f.put(`{"text":"a"}`)
	f.publisher.Replace(nil)
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
	f := newFixture(t, nil, nil)
	post := func(body string) *http.Response {
		return f.do("POST", "/widgets/support/notice", body, "Content-Type", "application/x-www-form-urlencoded", "Origin", "http://127.0.0.1:9090", "Sec-Fetch-Site", "same-origin")
	}
	shown := func() domain.Notice { n, _ := f.notices.Get("support"); return n }
	if body := text(t, f.do("GET", "/widgets/support", "")); !strings.Contains(body, `action="support/notice"`) || strings.Contains(body, ">Remove<") || !strings.Contains(body, "data_dir") {
		t.Errorf("at first: %s", body)
	}
	resp := post("text=+%3Cb%3E%22down%22+&closed=on&for=2h")
	want := domain.Notice{Text: `<b>"down"`, Closed: true, Until: noon.Add(2 * time.Hour)}
	if resp.StatusCode != 303 || resp.Header.Get("Location") != "../.." || shown() != want {
		t.Errorf("%d %v, shown %v", resp.StatusCode, resp.Header, shown())
	}
	body := text(t, f.do("GET", "/widgets/support", ""))
	for _, part := range []string{`value="&lt;b&gt;&#34;down&#34;"`, " checked>", "ends in 2 h, at 07:00 MST", ">Remove<"} {
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

// One form changes the notices of several widgets. They stay together when it is opened again.
func TestNoticeFormForSeveral(t *testing.T) {
	f := newFixture(t, nil, nil)
	post := func(body string) *http.Response {
		return f.do("POST", "/widgets/support/notice", body, "Content-Type", "application/x-www-form-urlencoded", "Origin", "http://127.0.0.1:9090", "Sec-Fetch-Site", "same-origin")
	}
	shown := func() (support, sales string) {
		a, _ := f.notices.Get("support")
		b, _ := f.notices.Get("sales")
		return a.Text, b.Text
	}
	steps := []struct {
		name, body     string
		status         int
		support, sales string
		form           string // part of the form afterwards
	}{
		{"an unknown widget", "text=a&for=2h&also=nosuch", 404, "", "", `value="sales"> `},
		{"both", "text=a&for=2h&also=sales", 303, "a", "a", `value="sales" checked> `},
		{"one", "text=b&for=same", 303, "b", "a", `has another notice`},
		{"both again", "text=c&for=same&closed=on&also=sales", 303, "c", "c", `value="sales" checked> `},
		{"one for longer", "text=c&for=4h&closed=on", 303, "c", "c", `value="sales" checked> `},
		{"neither", "remove=1&also=sales", 303, "", "", `value="sales"> `},
	}
	for _, step := range steps {
		resp := post(step.body)
		if support, sales := shown(); resp.StatusCode != step.status || support != step.support || sales != step.sales {
			t.Errorf("%s: %d, shown %q and %q", step.name, resp.StatusCode, support, sales)
		}
		if form := text(t, f.do("GET", "/widgets/support", "")); !strings.Contains(form, step.form) {
			t.Errorf("%s: no %s in %s", step.name, step.form, form)
		}
	}
}

// The form names the widget by its title, and links to its page.
func TestNoticeFormNamesTheWidget(t *testing.T) {
	form := text(t, newFixture(t, nil, nil).do("GET", "/widgets/support", ""))
	for _, part := range []string{"<h1>Notice on <bdi>&lt;i&gt;Help&lt;/i&gt;</bdi></h1>", `<a href="https://wait.example.com/w/support">`, "Hide the wait times and show only this notice", ">Publish<"} {
		if !strings.Contains(form, part) {
			t.Errorf("no %s in %s", part, form)
		}
	}
}

// A notice ends automatically, for visitors and operators.
func TestNoticeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := publish.New(publish.Options{Widgets: []domain.Widget{{ID: "support", Title: "Support", Locale: locale.English()}}, Now: time.Now})
		defer b.Close()
		log := slog.New(slog.DiscardHandler)
		store, err := notices.Open(notices.Options{Show: b.SetNotice, Now: time.Now, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		f := &fixture{Handler: New(Options{Metrics: prometheus.NewRegistry(), Publisher: b, Notices: store, Now: time.Now, Log: log})}
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

// FuzzPutNotice checks that any body gets an answer, and that an accepted notice can be read.
func FuzzPutNotice(f *testing.F) {
	for _, body := range []string{"", "{}", `{"text":"Phones are down","closed":true,"until":"2026-11-24T08:00:00Z"}`, `{"text":"a","for":"2h"}`, `{"text":"\u202e"}`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		a := newFixture(t, nil, nil)
		resp := a.put(body)
		n, shown := a.notices.Get("support")
		switch resp.StatusCode {
		case http.StatusOK:
			var out noticeJSON
			if err := json.Unmarshal([]byte(text(t, resp)), &out); err != nil || !shown || out.Text != n.Text || out.Closed != n.Closed || (out.Until == nil) != n.Until.IsZero() {
				t.Errorf("answer %+v, shown %+v, %v", out, n, err)
			}
			if page, _ := a.publisher.Page("support"); page.Snapshot.Notice != n.Text || strings.ContainsAny(n.Text, "\n\r") {
				t.Errorf("shown %q", page.Snapshot.Notice)
			}
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			if _, detail := problemOf(t, resp); detail == "" || shown {
				t.Errorf("rejected with %q, shown %v", detail, shown)
			}
		default:
			t.Errorf("status %d", resp.StatusCode)
		}
	})
}
