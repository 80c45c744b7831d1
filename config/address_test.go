package config

import "testing"

func TestOriginNormalizes(t *testing.T) {
	for text, want := range map[string]string{
		"https://www.example.com":       "https://www.example.com",
		"HTTPS://WWW.Example.COM":       "https://www.example.com",
		"https://www.example.com:443":   "https://www.example.com",
		"http://www.example.com:80":     "http://www.example.com",
		"http://www.example.com:443":    "http://www.example.com:443",
		"https://www.example.com:08443": "https://www.example.com:8443",
		"https://*.Example.com:443":     "https://*.example.com",
		"http://*.example.com:8080":     "http://*.example.com:8080",
		"http://localhost:3000":         "http://localhost:3000",
		"http://10.0.0.5":               "http://10.0.0.5",
		"http://[::1]:8080":             "http://[::1]:8080",
		"https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
	} {
		if got, wrong := origin(text); got != want || wrong != nil {
			t.Errorf("origin(%q) = %q, %v, want %q", text, got, wrong, want)
		}
	}
}

func TestOriginRejects(t *testing.T) {
	for _, text := range []string{
		"", " ", "null", "*", "www.example.com", "//www.example.com", "https:www.example.com", "https://", "https://*", "https://*.", "https://*.10.0.0.5",
		"https://*.[::1]", "https://www.example.com/", "https://www.example.com/a", "https://www.example.com?a", "https://www.example.com#a",
		"https://www.example.com:", "https://www.example.com:0", "https://www.example.com:x", "https://www.example.com:65536", "https://a b.example",
		"https://a,b.example", "https://-a.example", "https://a..example", "https://a.example.", "https://.example", "https://%41.example", "https://[::1",
		"https://[10.0.0.5]", "https://[fe80::1%25eth0]", "file://", "javascript://x", "https://x\\y", "https://*.*.example", "https://a.*.example",
	} {
		if got, wrong := origin(text); wrong == nil || wrong.message == "" || wrong.hint == "" {
			t.Errorf("origin(%q) = %q, want a message and a hint", text, got)
		}
	}
}

func TestAddress(t *testing.T) {
	for text, want := range map[string]bool{
		"127.0.0.1:8080": true, ":8080": true, "[::1]:0": true, "localhost:65535": true, "wait.example.com:80": true,
		"8080": false, "127.0.0.1": false, "127.0.0.1:": false, "127.0.0.1:http": false, "127.0.0.1:65536": false, "::1:80:": false,
		"http://127.0.0.1:80": false, "127.0.0.1:80/": false, "127.0.0.1:-1": false, "a b:80": false,
	} {
		c := checker{report: &report{places: map[string]place{}, failed: map[string]bool{}}}
		c.address("listen", text)
		if got := len(c.problems) == 0; got != want {
			t.Errorf("%q is good: %v, want %v", text, got, want)
		}
	}
}

func TestSourceURL(t *testing.T) {
	for text, want := range map[string]string{ // "" for rejected
		"https://chronicall.example.com:9080/rest/": "https://chronicall.example.com:9080/rest",
		"http://10.0.0.5:9080":                      "http://10.0.0.5:9080",
		"HTTPS://Tenant.xima.cloud//":               "HTTPS://Tenant.xima.cloud",
		"http://[fd00::5]:9080/rest":                "http://[fd00::5]:9080/rest",
		"https://a.example/api/v10":                 "https://a.example/api/v10",
		"https://a.example/api/v1":                  "",
		"https://a.example/rest/api/v1/":            "",
		"https://a.example?":                        "",
		"https://a.example#":                        "",
		"https://@a.example":                        "",
		"https://a.example:":                        "",
		"https://a.example:0":                       "",
		"https://":                                  "",
		"/rest":                                     "",
		"ftp://a.example":                           "",
	} {
		c := checker{report: &report{places: map[string]place{}, failed: map[string]bool{}}}
		got := c.sourceURL("url", text)
		if len(c.problems) > 0 {
			got = ""
		}
		if got != want {
			t.Errorf("%q becomes %q, want %q (%v)", text, got, want, c.problems)
		}
	}
}
