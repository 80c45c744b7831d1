package doctor

import (
	"net/url"
	"strings"
	"testing"
)

func address(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestMatchesSource(t *testing.T) {
	const page, secure = "http://www.example.com/a", "https://www.example.com/a"
	tests := []struct {
		source, target, self string
		want                 bool
	}{
		{"*", "https://wait.example.com/x", secure, true},
		{"*", "http://wait.example.com:8080/x", secure, true},
		{"*", "data:text/plain,x", secure, false},
		{"'none'", "https://wait.example.com/x", secure, false},
		{"'self'", "https://www.example.com/x", secure, true},
		{"'SELF'", "https://WWW.example.com:443/x", secure, true},
		{"'self'", "https://wait.example.com/x", secure, false},
		{"'self'", "https://www.example.com/x", page, true},
		{"'self'", "http://www.example.com/x", secure, false},
		{"'self'", "https://www.example.com:8443/x", secure, false},
		{"'self'", "http://127.0.0.1:8080/x", "http://127.0.0.1:8080/", true},
		{"'unsafe-inline'", "https://wait.example.com/x", secure, false},
		{"https:", "https://wait.example.com/x", secure, true},
		{"HTTPS:", "https://wait.example.com/x", secure, true},
		{"https:", "http://wait.example.com/x", secure, false},
		{"http:", "https://wait.example.com/x", secure, true},
		{"data:", "https://wait.example.com/x", secure, false},
		{"wait.example.com", "https://wait.example.com/x", secure, true},
		{"WAIT.example.com", "https://wait.example.com/x", secure, true},
		{"wait.example.com", "https://wait.example.com/x", page, true},
		{"wait.example.com", "http://wait.example.com/x", page, true},
		{"wait.example.com", "http://wait.example.com/x", secure, false},
		{"wait.example.com", "https://wait.example.com:8443/x", secure, false},
		{"wait.example.com:8443", "https://wait.example.com:8443/x", secure, true},
		{"wait.example.com:*", "https://wait.example.com:8443/x", secure, true},
		{"wait.example.com:", "https://wait.example.com/x", secure, false},
		{"https://wait.example.com", "https://wait.example.com/x", secure, true},
		{"https://wait.example.com", "http://wait.example.com/x", page, false},
		{"http://wait.example.com", "https://wait.example.com/x", secure, true},
		{"http://wait.example.com:80", "https://wait.example.com/x", secure, true},
		{"https://wait.example.com:80", "https://wait.example.com/x", secure, false},
		{"https://wait.example.com/", "https://wait.example.com/v1/widget.js", secure, true},
		{"https://wait.example.com/v1/", "https://wait.example.com/v1/widget.js", secure, true},
		{"https://wait.example.com/v1", "https://wait.example.com/v1/widget.js", secure, false},
		{"https://wait.example.com/v1/widget.js", "https://wait.example.com/v1/widget.js", secure, true},
		{"https://wait.example.com/v1/widget%2Ejs", "https://wait.example.com/v1/widget.js", secure, true},
		{"https://wait.example.com/V1/", "https://wait.example.com/v1/widget.js", secure, false},
		{"https://wait.example.com/%zz", "https://wait.example.com/%25zz", secure, false},
		{"*.example.com", "https://wait.example.com/x", secure, true},
		{"*.example.com", "https://a.b.example.com/x", secure, true},
		{"*.example.com", "https://example.com/x", secure, false},
		{"*.example.com", "https://evilexample.com/x", secure, false},
		{"https://*.example.com:*", "https://wait.example.com:1/x", secure, true},
		{"https://*", "https://wait.example.com/x", secure, true},
		{"*example.com", "https://wait.example.com/x", secure, false},
		{"example.com", "https://wait.example.com/x", secure, false},
		{"wss://wait.example.com", "https://wait.example.com/x", secure, true},
		{"ht!tp://wait.example.com", "https://wait.example.com/x", secure, false},
		{"", "https://wait.example.com/x", secure, false},
	}
	for _, test := range tests {
		if got := matchesSource(test.source, address(t, test.target), address(t, test.self)); got != test.want {
			t.Errorf("%s for %s at %s: %v", test.source, test.target, test.self, got)
		}
	}
}

func TestAllowsScript(t *testing.T) {
	tests := []struct {
		sources, nonce, integrity string
		want                      bool
	}{
		{"https://wait.example.com", "", "", true},
		{"'self'", "", "", false},
		{"'none'", "", "", false},
		{"", "", "", false},
		{"'nonce-abc'", "abc", "", true},
		{"'NONCE-abc'", "abc", "", true},
		{"'nonce-abc'", "ABC", "", false},
		{"'nonce-abc'", "", "", false},
		{"'nonce-'", "", "", false},
		{"'strict-dynamic' https://wait.example.com", "", "", false},
		{"'strict-dynamic' 'nonce-abc' https:", "abc", "", true},
		{"'sha384-x+y/'", "", "sha384-x+y/", true},
		{"'sha384-x-y_'", "", "sha384-x+y/", true},
		{"'sha384-xy'", "", "sha384-xy sha512-z", false},
		{"'sha384-xy' 'sha512-z'", "", "sha384-xy sha512-z", true},
		{"'sha384-xy'", "", "sha384-xy md5-a", true},
		{"'sha384-xy'", "", "md5-a", false},
		{"'strict-dynamic' 'sha384-xy'", "", "sha384-xy", true},
		{"'unsafe-inline' 'unsafe-eval'", "", "", false},
	}
	for _, test := range tests {
		l := load{url: address(t, "https://wait.example.com/v1/widget.js"), nonce: test.nonce, integrity: test.integrity}
		if got := allowsScript(strings.Fields(test.sources), l, address(t, "https://www.example.com/")); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

func TestPolicies(t *testing.T) {
	tests := []struct {
		text, directive, from, sources string
	}{
		{"script-src 'self'; default-src *", "script-src-elem", "script-src", "'self'"},
		{"default-src a b", "script-src-elem", "default-src", "a b"},
		{"script-src-elem x; script-src y", "script-src-elem", "script-src-elem", "x"},
		{"Script-SRC A; script-src B", "script-src-elem", "script-src", "A"},
		{"  ;; img-src\t*\n;", "img-src", "img-src", "*"},
		{"child-src x; default-src y", "frame-src", "child-src", "x"},
		{"style-src 'none'", "img-src", "", ""},
		{"connect-src", "connect-src", "connect-src", ""},
	}
	for _, test := range tests {
		from, sources := parsePolicy(test.text).sources(test.directive)
		if from != test.from || strings.Join(sources, " ") != test.sources {
			t.Errorf("%q: %s %s", test.text, from, sources)
		}
	}
	if all := parsePolicies([]string{"default-src 'self', script-src *", ",;,", "img-src x"}); len(all) != 3 {
		t.Errorf("%d policies", len(all))
	}
}

func FuzzPolicy(f *testing.F) {
	f.Add("default-src 'self' https://*.example.com:*/x; script-src 'nonce-a' 'strict-dynamic'", "https://wait.example.com/v1/widget.js")
	f.Add("img-src ://x :// * *. :", "http://[::1]:80/")
	f.Fuzz(func(t *testing.T, text, target string) {
		u, err := url.Parse(target)
		if err != nil {
			return
		}
		self := address(t, "https://www.example.com/")
		for _, p := range parsePolicies([]string{text}) {
			for directive := range fallbacks {
				_, sources := p.sources(directive)
				one := allowsURL(sources, u, self)
				if more := allowsURL(append([]string{"'none'"}, sources...), u, self); more != one {
					t.Errorf("'none' with other sources counts: %q", text)
				}
				allowsScript(sources, load{url: u}, self)
			}
		}
	})
}
