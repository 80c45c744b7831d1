package neighbors

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"waitboard/internal/testlevel"
)

// A cache is a caching proxy on a Unix socket in a folder, in front of the service.
type cache struct {
	name  string
	long  bool // it is configured to serve old answers for long while the service is down, whatever their headers say
	start func(t *testing.T, folder, service string)
}

var caches = []cache{
	{"nginx", false, func(t *testing.T, folder, service string) { startNginx(t, folder, service, "") }},
	{"nginx with use_stale", true, func(t *testing.T, folder, service string) {
		startNginx(t, folder, service, "proxy_cache_use_stale error timeout updating; proxy_cache_background_update on; proxy_cache_lock on;")
	}},
	{"Varnish", false, func(t *testing.T, folder, service string) { startVarnish(t, folder, service, "") }},
	{"Varnish with grace", true, func(t *testing.T, folder, service string) {
		startVarnish(t, folder, service, "sub vcl_backend_response { set beresp.grace = 1h; }")
	}},
}

// startNginx starts nginx with the configuration for a cache that its guides show.
func startNginx(t *testing.T, folder, service, more string) {
	t.Helper()
	runNginx(t, folder, fmt.Sprintf(`http {
	access_log off;
	proxy_cache_path cache keys_zone=waits:1m;
	server {
		listen unix:%s/socket;
		location / {
			proxy_pass %s;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $host;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
			proxy_cache waits;
			add_header X-Cache $upstream_cache_status always;
			%s
		}
	}
}
`, folder, service, more))
}

// runNginx starts nginx with a block http in a folder, where it also puts its own files.
func runNginx(t *testing.T, folder, http string) {
	t.Helper()
	nginx := testlevel.Need(t, "nginx", "nginx-light")
	owner := ""
	if u, err := user.Current(); err == nil && u.Uid == "0" {
		owner = "user root;" // its workers write into the folder
	}
	http = strings.Replace(http, "http {", "http {\nclient_body_temp_path body; proxy_temp_path temp; fastcgi_temp_path fastcgi; scgi_temp_path scgi; uwsgi_temp_path uwsgi;", 1)
	file := write(t, filepath.Join(folder, "nginx.conf"), fmt.Sprintf(`%s
daemon off; worker_processes 1; pid nginx.pid; error_log stderr notice;
events { worker_connections 64; }
%s`, owner, http))
	start(t, exec.Command(nginx, "-p", folder, "-c", file))
}

// startVarnish starts Varnish with its own rules, and more.
func startVarnish(t *testing.T, folder, service, more string) {
	t.Helper()
	varnish := testlevel.Need(t, "varnishd", "varnish")
	at, err := url.Parse(service)
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, filepath.Join(folder, "default.vcl"), fmt.Sprintf(`vcl 4.1;
backend default { .host = %q; .port = %q; }
%s
sub vcl_deliver { if (obj.hits > 0) { set resp.http.X-Cache = "HIT"; } else { set resp.http.X-Cache = "MISS"; } }
`, at.Hostname(), at.Port(), more))
	start(t, exec.Command(varnish, "-F", "-j", "none", "-n", filepath.Join(folder, "varnish"), "-a", filepath.Join(folder, "socket"), "-f", file, "-s", "malloc,8m", "-p", "thread_pools=1"))
}

// through starts the cache, and returns a client that reaches the service through it.
func (c cache) through(t *testing.T, service string) *http.Client {
	t.Helper()
	folder := folder(t)
	c.start(t, folder, service)
	transport := &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(folder, "socket"))
	}}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	eventually(t, "the cache serves", func() bool {
		got, err := get(client, front+"/healthz")
		return err == nil && got.StatusCode == http.StatusOK
	})
	return client
}

// front is the address by which clients reach the service through a cache.
const front = "http://wait.example.com"

// eachCache runs a test behind each cache, with a service of its own.
func eachCache(t *testing.T, configuration string, test func(t *testing.T, c cache, s *service, client *http.Client)) {
	t.Helper()
	testlevel.Full(t)
	for _, c := range caches {
		t.Run(c.name, func(t *testing.T) {
			s := newService(t, "127.0.0.1:0", configuration)
			client := c.through(t, s.URL)
			eventually(t, "there are values", func() bool {
				got, err := get(http.DefaultClient, s.URL+"/v1/widgets/support")
				return err == nil && strings.Contains(got.body, `"state":"open"`)
			})
			test(t, c, s, client)
		})
	}
}

// must is get for requests that can't fail.
func must(t *testing.T, client *http.Client, path string, headers ...string) answer {
	t.Helper()
	got, err := get(client, front+path, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

const usual = `
sources: {hq: {url: "{source}", key_env: KEY, interval: 500ms}}
widgets:
  support: {title: Customer support, metrics: {wait: {metric: Current Wait Time, label: Current wait time}, waiting: {metric: K0FLAEB6, label: Calls in queue}}}
  partner: {title: Partners, origins: ["https://a.example", "https://b.example"], metrics: {waiting: {metric: K0FLAEB6, label: Calls in queue}}}
`

// A visitor never gets another visitor's language, whoever came first.
func TestCachesAndLanguages(t *testing.T) {
	t.Parallel()
	eachCache(t, usual, func(t *testing.T, c cache, s *service, client *http.Client) {
		for _, path := range []string{"/embed/support", "/w/support", "/embed/missing", "/"} {
			want := map[string]string{}
			languages := []string{"de", "fr", "en", "ar", "de-AT,de;q=0.9,en;q=0.5", "xx, fr"}
			for _, language := range languages {
				got, err := get(http.DefaultClient, s.URL+path, "Accept-Language", language)
				if err != nil {
					t.Fatal(err)
				}
				want[language] = htmlLanguage(got.body)
			}
			if negotiated := strings.HasPrefix(path, "/embed/"); negotiated && (want["de"] != "de" || want["fr"] != "fr" || want["ar"][:2] != "ar") {
				t.Fatalf("%s: without a cache the languages are %q", path, want)
			}
			for range 2 {
				for _, language := range languages {
					if got := htmlLanguage(must(t, client, path, "Accept-Language", language).body); got != want[language] {
						t.Errorf("%s: Accept-Language %q gets %q, want %q", path, language, got, want[language])
					}
				}
			}
		}
		// A page whose address names the language is shared.
		_ = must(t, client, "/embed/support?locale=de", "Accept-Language", "fr")
		if got := must(t, client, "/embed/support?locale=de", "Accept-Language", "ar"); htmlLanguage(got.body) != "de" {
			t.Errorf("?locale=de is in %q", htmlLanguage(got.body))
		}
	})
}

// htmlLanguage returns the language of a page.
func htmlLanguage(page string) string {
	_, rest, _ := strings.Cut(page, `<html lang="`)
	language, _, _ := strings.Cut(rest, `"`)
	return language
}

// A site never gets an answer that another site may read and it may not, and sites that may read a widget do.
func TestCachesAndOrigins(t *testing.T) {
	t.Parallel()
	eachCache(t, usual, func(t *testing.T, c cache, s *service, client *http.Client) {
		allowed := map[string]bool{"https://a.example": true, "https://b.example": true}
		for range 2 {
			for _, origin := range []string{"", "https://a.example", "https://b.example", "https://stranger.example", "null"} {
				var headers []string
				if origin != "" {
					headers = []string{"Origin", origin}
				}
				for _, path := range []string{"/v1/widgets/partner", "/v1/widgets/partner/text", "/v1/widgets/partner/shields.json", "/v1/widgets?id=partner", "/v1/widgets?id=partner&id=support&phrases=en"} {
					got := must(t, client, path, headers...)
					to, several := got.Header.Get("Access-Control-Allow-Origin"), strings.Contains(path, "?")
					switch {
					case allowed[origin] && to != origin && (!several || to != "*"):
						t.Errorf("%s: %s is allowed, and gets Access-Control-Allow-Origin %q", path, origin, to)
					case !allowed[origin] && to != "" && !several:
						t.Errorf("%s: %q gets Access-Control-Allow-Origin %q", path, origin, to)
					case to != "" && to != "*" && to != origin:
						t.Errorf("%s: %q gets Access-Control-Allow-Origin of another site, %q", path, origin, to)
					case several && strings.Contains(got.body, `"id":"partner"`) != (allowed[origin] || origin == ""):
						t.Errorf("%s: %q gets %s", path, origin, got.body)
					}
				}
			}
		}
	})
}

// A client never gets an encoding that it does not accept, and the caches do cache.
func TestCachesAndEncodings(t *testing.T) {
	t.Parallel()
	eachCache(t, usual, func(t *testing.T, c cache, s *service, client *http.Client) {
		for _, path := range []string{"/v1/widgets/support", "/v1/widgets?id=support", "/v1/widget.js", "/v1/openapi.json", "/embed/support", "/v1/widgets/support/badge.svg"} {
			for range 2 {
				for _, accepted := range []string{"gzip", "identity", "gzip, deflate, br", "br"} {
					got := must(t, client, path, "Accept-Encoding", accepted)
					encoding, zipped := got.Header.Get("Content-Encoding"), strings.HasPrefix(got.body, "\x1f\x8b")
					if zipped != (encoding == "gzip") || encoding != "" && encoding != "gzip" || zipped && !strings.Contains(accepted, "gzip") || got.StatusCode != http.StatusOK || got.body == "" {
						t.Errorf("%s: a client that accepts %q gets status %d, Content-Encoding %q, compressed %v", path, accepted, got.StatusCode, encoding, zipped)
					}
				}
			}
		}
		if got := must(t, client, "/v1/widget.js").Header.Get("X-Cache"); got != "HIT" {
			t.Errorf("the script comes from the cache as %q, want HIT", got)
		}
	})
}
