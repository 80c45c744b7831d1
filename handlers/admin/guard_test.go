package admin

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// The guard rejects pages of other sites, foreign host names, and requests without the token, at every address.
func TestGuard(t *testing.T) {
	const token = "correct-horse-battery"
	open := newFixture(t, nil, nil)
	asking := newFixture(t, nil, func(o *Options) { o.Authorized = func(s string) bool { return s == token } })
	public := newFixture(t, nil, func(o *Options) { o.Loopback, o.Authorized = false, func(s string) bool { return s == token } })
	basic := func(password string) string {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth("anybody", password)
		return r.Header.Get("Authorization")
	}
	tests := []struct {
		name     string
		f        *fixture
		headers  []string
		rejected int // status; 0: passes
		code     string
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
		status       int // if the guard lets it through
	}{
		{"GET", "/", 200}, {"GET", "/metrics", 200}, {"GET", "/debug/pprof/", 200}, {"GET", "/debug/pprof/cmdline", 200}, {"HEAD", "/", 200},
		{"GET", "/readyz", 503}, {"GET", "/readyz?verbose", 503}, {"GET", "/api/state", 200}, {"HEAD", "/api/state", 200}, {"GET", "/events", 503}, {"HEAD", "/events", 503},
		{"GET", "/widgets/support", 200}, {"GET", "/widgets/support/notice", 404}, {"DELETE", "/widgets/support/notice", 204},
		{"PUT", "/widgets/support/notice", 415}, {"POST", "/widgets/support/notice", 415}, {"GET", "/nosuch", 404}, {"OPTIONS", "/", 405},
	}
	for _, f := range []*fixture{open, asking, public} {
		f.changes.Close() // a stream would not end
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, asset := range []string{"/assets/admin.css", "/assets/admin.js"} {
				if resp := test.f.do("GET", asset, "", test.headers...); resp.StatusCode != max(test.rejected, 200) || resp.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
					t.Errorf("%s: %d %v", asset, resp.StatusCode, resp.Header)
				}
			}
			for _, r := range requests {
				resp := test.f.do(r.method, r.path, "", test.headers...)
				want := r.status
				if test.rejected != 0 {
					want = test.rejected
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
	if log := asking.log.String(); strings.Contains(log, token) || strings.Count(log, `kind="wrong token"`) != 1 {
		t.Errorf("log: %s", log)
	}
	if metrics := text(t, asking.do("GET", "/metrics", "", "Authorization", basic(token))); !strings.Contains(metrics, "waitboard_admin_wrong_tokens_total 80") {
		t.Errorf("wrong tokens are not counted:\n%s", metrics)
	}
	// A browser may follow a link from another site, which learns nothing. It may not send a form.
	link := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	if resp := open.do("GET", "/", "", link...); resp.StatusCode != 200 {
		t.Errorf("a link: %d", resp.StatusCode)
	}
	if resp := open.do("POST", "/widgets/support/notice", "text=a", append(link, "Content-Type", "application/x-www-form-urlencoded")...); resp.StatusCode != 403 {
		t.Errorf("a form: %d", resp.StatusCode)
	}
}
