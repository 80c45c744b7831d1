package doctor

import (
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const scriptText = "/* the script */"

// newService answers as ours does, in what matters here: support may be read and framed by any, partner by one site. Headers of
// isolation can be left out, as some proxies do.
func newService(t *testing.T, bare bool) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		origin := "*"
		if strings.Contains(r.URL.Path, "partner") {
			origin = "https://www.example.com"
		}
		if origin == "*" || r.Header.Get("Origin") == origin {
			h.Set("Access-Control-Allow-Origin", origin)
		}
		if !bare {
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
			h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		}
		switch path := strings.TrimPrefix(r.URL.Path, "/base"); path {
		case "/v1/widget.js", "/v1/widget.1a2b.js":
			fmt.Fprint(w, scriptText)
		case "/v1/widgets":
			fmt.Fprint(w, `{"widgets":[{"id":"support"},{"id":"sales"}]}`)
		case "/assets/embed.1a2b.js", "/w/support":
			fmt.Fprint(w, scriptText)
		case "/v1/widgets/support", "/v1/widgets/sales", "/v1/widgets/partner", "/v1/widgets/support/badge.svg":
			fmt.Fprint(w, "{}")
		case "/embed/support", "/embed/partner":
			if bare {
				h.Set("X-Frame-Options", "SAMEORIGIN")
			} else if origin != "*" {
				h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors "+origin)
			}
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// newPage serves a page; headers come in pairs.
func newPage(t *testing.T, body string, headers ...string) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return s
}

// said is all that is not fine, in one text.
func said(r *Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		if f.Verdict != Fine {
			fmt.Fprintf(&b, "%s: %s -> %s\n", f.Verdict, f.Text, f.Do)
		}
	}
	return b.String()
}

func TestExamine(t *testing.T) {
	sum := sha512.Sum384([]byte(scriptText))
	integrity := "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
	service, bare := newService(t, false), newService(t, true)
	const policy, trial, embedder = "Content-Security-Policy", "Content-Security-Policy-Report-Only", "Cross-Origin-Embedder-Policy"
	const usual = `<wait-time widget=support></wait-time><script async src=S/v1/widget.js></script>`
	const frame, image = `<iframe src="S/embed/support?theme=dark"></iframe>`, `<img src=S/v1/widgets/support/badge.svg alt="">`
	tests := []struct {
		name, body string
		headers    []string
		options    Options
		fine       bool
		wants      []string // parts of the findings that are not fine; nil for none
	}{
		{"the element", usual, nil, Options{}, true, nil},
		{"one line", `<p></p><script async src=S/v1/widget.js data-widget=support></script>`, nil, Options{}, true, nil},
		{"below a path", strings.ReplaceAll(usual, "S/", "S/base/"), nil, Options{}, true, nil},
		{"an iframe", frame, nil, Options{}, true, nil},
		{"an image", image, nil, Options{}, true, nil},
		{"a link", `<a href="S/w/support?theme=dark">Customer support</a>`, nil, Options{}, true, nil},
		{"a link to none", `<a href="S/w/nosuch">Customer support</a>`, nil, Options{}, false, []string{`no widget "nosuch"`}},
		{"a link elsewhere", usual + `<a href="http://127.0.0.1:1/w/wiki">More</a>`, nil, Options{}, true, nil},
		{"a page of the service", `<wait-time widget=support></wait-time><script src=S/assets/embed.1a2b.js></script>`, nil, Options{}, true, nil},
		{"a module", `<wait-time widget=support></wait-time><script type=module>import './app.js'</script>`, nil, Options{}, true, []string{"a module of the page may set it"}},
		{"a module with api", `<wait-time widget=support api=S/></wait-time><script type=module src=app.js></script>`, nil, Options{}, true, nil},
		{"relative to a base", `<base href="S/base/">` + `<img src=v1/widgets/support/badge.svg>`, nil, Options{}, true, nil},
		{"a slash that closes nothing", `<wait-time widget="support" /><form><input></form><h2>Hours</h2><script src=S/v1/widget.js></script>`, nil, Options{}, false,
			[]string{`stops: <wait-time> of support`, "no end tag", `close the tag: <wait-time widget="support"></wait-time>`}},
		{"no end tag, upper case", `<p>You wait <WAIT-TIME widget=support> now.</p><script src=S/v1/widget.js></script>`, nil, Options{}, false, []string{"no end tag"}},
		{"no end tag, one of two", `<wait-time widget=support></wait-time><wait-time widget="sales" /><h2>Hours</h2><script src=S/v1/widget.js></script>`, nil, Options{}, false,
			[]string{"<wait-time> of sales"}},
		{"no end tag, in a list item", `<ul><li><wait-time widget="support" /><li>Call us</ul><script src=S/v1/widget.js></script>`, nil, Options{}, true, []string{"note: <wait-time> of support", "no end tag"}},
		{"a slash in a template", "<template><wait-time /></template>" + usual, nil, Options{}, true, nil},
		{"closed, with the link that stands in", `<p><wait-time widget=support><a href="S/w/support">Wait</a></wait-time></p><script src=S/v1/widget.js></script>`, nil, Options{}, true, nil},
		{"closed, with a text before what follows", `<p><wait-time widget=support><b>Wait</b></wait-time> now</p><script src=S/v1/widget.js></script>`, nil, Options{}, true, nil},
		{"closed, with something of the page's", `<p><wait-time widget=support><b>Wait</b></wait-time></p><script src=S/v1/widget.js></script>`, nil, Options{}, true, []string{"data-fallback"}},
		{"closed, with what stands in", `<p><wait-time widget=support><b data-fallback>Wait</b></wait-time></p><script src=S/v1/widget.js></script>`, nil, Options{}, true, nil},
		{"one line in the head", `<head><script async src=S/v1/widget.js data-widget=support></script></head><p>Call us</p>`, nil, Options{}, false,
			[]string{"stops: the script S/v1/widget.js: it is in the head", "put <wait-time widget=support></wait-time> where the widget belongs"}},
		{"one line that waits for consent", `<p></p><script type=text/plain src=S/v1/widget.js data-widget=support></script>`, nil, Options{}, true, []string{"note: the script S/v1/widget.js: browsers don't run it"}},
		{"one line for Rocket Loader", `<p></p><script type=0123-text/javascript src=S/v1/widget.js data-widget=support></script>`, nil, Options{}, true, []string{"browsers don't run it"}},
		{"two services", usual + `<script async src=S/base/v1/widget.js></script>`, nil, Options{}, false, []string{"scripts of several services, and the element names none -> add api="}},
		{"two services, both named", `<wait-time widget=support api=S/></wait-time><wait-time widget=sales api=S/base/></wait-time><script async src=S/v1/widget.js></script><script async src=S/base/v1/widget.js></script>`, nil, Options{}, true, nil},
		{"a script in a site's cache", strings.Replace(usual, "S/", "S/wp-content/cache/min/1/", 1), nil, Options{}, false, []string{"its script comes from a cache, not from the service -> exclude /v1/widget."}},
		{"nothing", "<p>Call us</p>", nil, Options{}, false, []string{"no snippet"}},
		{"in a comment", "<!-- " + usual + " -->", nil, Options{}, false, []string{"no snippet"}},
		{"in a template", "<template>" + usual + "</template>", nil, Options{}, false, []string{"no snippet"}},
		{"as text", "<p>&lt;wait-time widget=&quot;support&quot;&gt;&lt;/wait-time&gt;</p>", nil, Options{}, false, []string{"as text"}},
		{"the element alone", "<wait-time widget=support></wait-time>", nil, Options{}, false, []string{"its script is not"}},
		{"the element without a widget", "<wait-time></wait-time><script src=S/v1/widget.js></script>", nil, Options{}, false, []string{"a <wait-time> has no widget"}},
		{"a widget that there is not", strings.Replace(usual, "support", "supportt", 1), nil, Options{}, false, []string{`no widget "supportt"`, "did you mean support?"}},
		{"a letter missing", strings.Replace(usual, "support", "suppor", 1), nil, Options{}, false, []string{`no widget "suppor"`, "did you mean support?"}},
		{"nothing near", strings.Replace(usual, "support", "billing", 1), nil, Options{}, false, []string{`no widget "billing"`, "support, sales"}},
		{"a letter missing in the option", usual, nil, Options{Widget: "suppor"}, false, []string{"embeds support, and not suppor", "did you mean support?"}},
		{"an iframe of none", strings.Replace(frame, "support", "nosuch", 1), nil, Options{}, false, []string{`no widget "nosuch"`}},
		{"the widget that matters", usual, nil, Options{Widget: "support"}, true, nil},
		{"another than matters", usual, nil, Options{Widget: "sales"}, false, []string{"embeds support, and not sales"}},
		{"another service", usual, nil, Options{Service: "https://wait.example.com/"}, false, []string{"not of https://wait.example.com"}},
		{"the service", usual, nil, Options{Service: "S/"}, true, nil},
		{"not a service", usual, nil, Options{Service: "S/w/support"}, false, []string{"waitboard is not at S/w/support", "of S, not of S/w/support"}},
		{"another that there is", usual, nil, Options{Service: "S/base"}, false, []string{"of S, not of S/base"}},
		{"an element that names no service", `<wait-time widget=support api=/wait></wait-time><script src=S/v1/widget.js></script>`, nil, Options{}, true, nil},
		{"of another's origins", strings.Replace(usual, "support", "partner", 1), nil, Options{}, false, []string{"don't let scripts of P read it -> add P to the widget's origins"}},
		{"framed by another", strings.Replace(frame, "support", "partner", 1), nil, Options{}, false, []string{"don't let pages of P frame it"}},
		{"X-Frame-Options", strings.ReplaceAll(frame, "S/", "B/"), nil, Options{}, false, []string{"X-Frame-Options: SAMEORIGIN"}},
		{"sandboxed", strings.Replace(frame, "<iframe", "<iframe sandbox", 1), nil, Options{}, true, []string{"its sandbox blocks scripts"}},
		{"sandboxed with scripts", strings.Replace(frame, "<iframe", `<iframe sandbox="allow-scripts"`, 1), nil, Options{}, true, []string{"links do nothing in its sandbox"}},
		{"sandboxed with scripts and popups", strings.Replace(frame, "<iframe", `<iframe sandbox="allow-scripts allow-popups"`, 1), nil, Options{}, true, nil},
		{"integrity", `<p></p><script src=S/v1/widget.1a2b.js data-widget=support crossorigin=anonymous integrity="` + integrity + `"></script>`, nil, Options{}, true, nil},
		{"wrong integrity", `<script src=S/v1/widget.1a2b.js data-widget=support integrity="sha384-AAAA"></script>`, nil, Options{}, false, []string{"integrity"}},
		{"a version that has gone", `<script src=S/v1/widget.ffff.js data-widget=support></script>`, nil, Options{}, false, []string{"status 404"}},
		{"a policy that allows it", usual, []string{policy, "default-src 'self'; script-src S; connect-src S; style-src 'none'"}, Options{}, true, nil},
		{"script-src", usual, []string{policy, "script-src 'self'"}, Options{}, false, []string{"blocks it (script-src) -> add S to script-src"}},
		{"connect-src", usual, []string{policy, "script-src S; connect-src 'self'"}, Options{}, false, []string{"(connect-src) -> add S to connect-src"}},
		{"default-src", usual, []string{policy, "default-src 'none'; script-src S"}, Options{}, false, []string{"(default-src) -> add connect-src S"}},
		{"frame-src", frame, []string{policy, "child-src 'none'"}, Options{}, false, []string{"(child-src)"}},
		{"img-src", image, []string{policy, "img-src data:"}, Options{}, false, []string{"(img-src)"}},
		{"in a meta element", `<meta http-equiv="content-security-POLICY" content="script-src 'self'">` + usual, nil, Options{}, false, []string{"(script-src)"}},
		{"each policy counts", usual, []string{policy, "script-src S", policy, "script-src 'self'"}, Options{}, false, []string{"(script-src)"}},
		{"report-only policy", usual, []string{trial, "script-src 'self'"}, Options{}, true, []string{"note", "a report-only content security policy"}},
		{"a nonce is needed", usual, []string{policy, "script-src 'strict-dynamic' 'nonce-abc' S"}, Options{}, false, []string{"nonce"}},
		{"and given", strings.Replace(usual, "async", "nonce=abc", 1), []string{policy, "script-src 'strict-dynamic' 'nonce-abc'"}, Options{}, true, nil},
		{"a sandbox", usual, []string{policy, "sandbox"}, Options{}, false, []string{"allow-scripts"}},
		{"isolated", usual + frame + image, []string{embedder, "require-corp"}, Options{}, true, nil},
		{"isolated, and a proxy takes headers away", strings.ReplaceAll(usual, "S/", "B/"), []string{embedder, "require-corp"}, Options{}, false, []string{"Cross-Origin-Resource-Policy"}},
		{"isolated, and the frame too", strings.ReplaceAll(frame, "S/", "B/"), []string{embedder, "require-corp"}, Options{}, false, []string{"the frame lacks it"}},
		{"a service that is not there", strings.ReplaceAll(usual, "S/", "http://127.0.0.1:1/"), nil, Options{}, false, []string{"can't be reached"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			names := strings.NewReplacer("S", service.URL, "B/", bare.URL+"/")
			body := strings.NewReplacer("S/", service.URL+"/", "B/", bare.URL+"/").Replace(test.body)
			var headers []string
			for i, h := range test.headers {
				if i%2 == 1 {
					h = strings.ReplaceAll(h, "S", service.URL)
				}
				headers = append(headers, h)
			}
			page := newPage(t, body, headers...)
			test.options.Page, test.options.Service = page.URL, strings.Replace(test.options.Service, "S", service.URL, 1)
			report, err := Examine(t.Context(), test.options)
			if err != nil {
				t.Fatal(err)
			}
			got := said(report)
			if report.Fine() != test.fine || (got == "") != (test.wants == nil) {
				t.Errorf("fine: %v\n%s", report.Fine(), got)
			}
			for _, want := range test.wants {
				want = strings.ReplaceAll(want, "P ", page.URL+" ")
				if strings.Contains(want, "add S") || strings.Contains(want, "src S") || strings.Contains(want, " S/") {
					want = names.Replace(want)
				}
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
		})
	}
}

func TestBaseOf(t *testing.T) {
	for named, want := range map[string]string{
		"https://wait.example.com": "https://wait.example.com", "https://WAIT.example.com:443///": "https://wait.example.com",
		"http://wait.example.com:8080/base/?x#y": "http://wait.example.com:8080/base",
		"wait.example.com":                       "", "//wait.example.com": "", "wait.example.com:8080": "", "ftp://wait.example.com": "", "https://": "", "https:/wait.example.com": "", "https://%zz": "",
	} {
		if got := baseOf(named); got != want {
			t.Errorf("%q: %q", named, got)
		}
	}
}

func TestMixedContent(t *testing.T) {
	tests := []struct {
		page, service string
		want          bool
	}{
		{"https://www.example.com/", "http://wait.example.com", true},
		{"https://www.example.com/", "https://wait.example.com", false},
		{"http://www.example.com/", "http://wait.example.com", false},
		{"https://www.example.com/", "http://localhost:8080", false},
		{"https://www.example.com/", "http://127.0.0.1:8080", false},
		{"https://www.example.com/", "http://10.0.0.1", true},
	}
	for _, test := range tests {
		v := &visit{page: answer{url: address(t, test.page)}, report: &Report{}}
		v.mixed(embed{kind: element, base: test.service, widget: "w"})
		if got := !v.report.Fine(); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

func TestExamineRejectsPages(t *testing.T) {
	var hops int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "ftp://example.com/", http.StatusFound)
		case "/pdf":
			w.Header().Set("Content-Type", "application/pdf")
		case "/far":
			if hops++; hops < 5 {
				http.Redirect(w, r, "/far", http.StatusFound)
				return
			}
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, strings.Repeat(" ", maxBody), "<wait-time>")
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	encrypted := httptest.NewUnstartedServer(nil)
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0) // doctor rejects its certificate
	encrypted.StartTLS()
	defer encrypted.Close()
	for address, want := range map[string]string{
		encrypted.URL: "signed by an authority that is not trusted here", strings.Replace(server.URL, "http:", "https:", 1): "this port does not speak TLS",
		"example.com": "http://", "ftp://example.com/": "http://", "https://": "http://", "%zz": "http://",
		server.URL + "/round": "more than 5 redirects", server.URL + "/away": "not http", server.URL + "/pdf": "not an HTML page", server.URL + "/x": "status 403",
		"http://127.0.0.1:1/": "can't be fetched: the connection is refused",
	} {
		if _, err := Examine(t.Context(), Options{Page: address}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
	report, err := Examine(t.Context(), Options{Page: server.URL + "/far"})
	if err != nil || !strings.Contains(said(report), "larger than 5 MB") || !strings.Contains(said(report), "no snippet") {
		t.Errorf("%v %+v", err, report)
	}
}
