package handlers

import (
	"strings"
	"testing"
)

func TestParseSite(t *testing.T) {
	longest := "https://" + strings.Repeat("a", maxHost)
	for text, want := range map[string]string{
		"https://www.example.com":                              "https://www.example.com",
		"https://www.example.com/":                             "https://www.example.com /",
		"https://www.example.com/contact?name=Ann#top":         "https://www.example.com /contact?name=Ann#top",
		"https://www.example.com?name=Ann":                     "https://www.example.com ?name=Ann",
		"https://www.example.com#top":                          "https://www.example.com #top",
		"HTTPS://WWW.Example.COM/Contact":                      "https://www.example.com /Contact",
		"https://www.example.com:443/":                         "https://www.example.com /",
		"http://www.example.com:80":                            "http://www.example.com",
		"http://www.example.com:443":                           "http://www.example.com:443",
		"https://www.example.com:8443/a":                       "https://www.example.com:8443 /a",
		"http://localhost:3000":                                "http://localhost:3000",
		"http://intranet/":                                     "http://intranet /",
		"https://example.com.":                                 "https://example.com.",
		"https://xn--bcher-kva.example":                        "https://xn--bcher-kva.example",
		"https://my_shop.example.com":                          "https://my_shop.example.com",
		"http://192.0.2.1:8080/":                               "http://192.0.2.1:8080 /",
		"http://[2001:db8::1]":                                 "http://[2001:db8::1]",
		"http://[2001:db8::1]:8080/x":                          "http://[2001:db8::1]:8080 /x",
		"https://[2001:db8::443]":                              "https://[2001:db8::443]",
		longest:                                                longest,
		longest + "/" + strings.Repeat("x", 9000):              longest + " /" + strings.Repeat("x", 9000),
		longest + "a":                                          "",
		longest + "a/":                                         "",
		"":                                                     "",
		"null":                                                 "",
		"about:blank":                                          "",
		"file:///home/ann/page.html":                           "",
		"data:text/html,<p>https://a.example":                  "",
		"chrome-extension://ghbmnnjooekpmoecnnnilnnbdlolhkhi":  "",
		"moz-extension://7c0a6a5d-0000-4000-8000-000000000000": "",
		"capacitor://localhost":                                "",
		"android-app://com.example":                            "",
		"Http://Localhost":                                     "http://localhost",
		"https":                                                "",
		"https://":                                             "",
		"https:///path":                                        "",
		"https://:8443":                                        "",
		"https://www.example.com:":                             "",
		"https://www.example.com:x":                            "",
		"https://www.example.com:123456":                       "",
		"https://ann@www.example.com/":                         "",
		"https://ann:secret@www.example.com":                   "",
		"https://.example.com":                                 "",
		"https://www..example.com":                             "",
		"https://bücher.example":                               "",
		"https://www.example.com\\@evil.example":               "",
		"https://www.exa mple.com":                             "",
		"https://<b>.example":                                  "",
		"https://%77ww.example.com":                            "",
		"https://[2001:db8::1":                                 "",
		"https://[fe80::1%25eth0]":                             "",
		"https://[192.0.2.1]":                                  "",
		"https://[2001:db8::1]x":                               "",
		"//www.example.com":                                    "",
	} {
		site, path, ok := parseSite(text)
		if got := strings.TrimSpace(site + " " + path); ok != (want != "") || ok && got != want {
			t.Errorf("%.80q: %.80q, %v", text, got, ok)
		}
	}
}

func FuzzParseSite(f *testing.F) {
	for _, text := range []string{"https://www.example.com:8443/contact", "http://[::1]:80", "HTTP://A@B", "null", "file:///x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		site, path, ok := parseSite(text)
		if !ok {
			return
		}
		if again, rest, ok := parseSite(site); !ok || again != site || rest != "" {
			t.Errorf("%q: %q is not a site", text, site)
		}
		if len(site) > len("https://")+maxHost || strings.ContainsAny(site[len("http://")+1:], "/?#@\\%<>\"' ") || path != "" && !strings.ContainsAny(path[:1], "/?#") {
			t.Errorf("%q: %q, %q", text, site, path)
		}
	})
}
