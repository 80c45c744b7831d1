package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestCheckWebhooks checks that check sends test messages only if asked to, and what it says of each webhook.
func TestCheckWebhooks(t *testing.T) {
	sim := simulate(t)
	var received atomic.Int64
	good := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { received.Add(1) }))
	defer good.Close()
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "CANARY", http.StatusNotFound) }))
	defer bad.Close()
	for _, test := range []struct {
		name, hooks string
		arguments   []string
		code        int
		want        []string
	}{
		{"not asked to", "good: {url_env: GOOD, allow_private: true}", nil, 0, []string{"\nFit to serve.\n"}},
		{"delivered", "good: {url_env: GOOD, allow_private: true}", []string{"--send-test"}, 0, []string{"WEBHOOK  TEST MESSAGE", "good     delivered", "\nFit to serve.\n"}},
		{"each by itself", "bad: {url_env: BAD, allow_private: true}, good: {url_env: GOOD, allow_private: true}", []string{"--send-test"}, 1,
			[]string{"bad      not delivered: it answers with status 404", "good     delivered", "\nNot fit to serve.\n"}},
		{"no variable", "lost: {url_env: NOSUCH}", nil, 1, []string{"webhook lost: ", "the environment variable NOSUCH is not set", "\nNot fit to serve.\n"}},
		{"private", "good: {url_env: SECURE}", []string{"--send-test"}, 1, []string{"good     not delivered: its address is private or of this machine; set allow_private: true"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := received.Load()
			path := file(t, "listen: 127.0.0.1:0\nadmin: ''\nwebhooks: {"+test.hooks+"}\nsources: {hq: {url: '"+sim.URL()+"', key_env: KEY, mode: poll}}\nwidgets: {w: {metrics: {m: {metric: K0FLAEB6}}}}")
			env := map[string]string{"KEY": sim.Key(), "GOOD": good.URL, "BAD": bad.URL, "SECURE": strings.Replace(good.URL, "http:", "https:", 1)}
			code, stdout, stderr := run(t, env, append([]string{"check", "--config", path}, test.arguments...)...)
			if code != test.code || stderr != "" {
				t.Errorf("exit code %d: %s%s", code, stderr, stdout)
			}
			for _, want := range test.want {
				if !strings.Contains(stdout, want) {
					t.Errorf("%q is not in:\n%s", want, stdout)
				}
			}
			if strings.Contains(stdout, "127.0.0.1:") || strings.Contains(stdout, "CANARY") {
				t.Errorf("it repeats the URL or the answer:\n%s", stdout)
			}
			if sent := received.Load() > before; sent != strings.Contains(stdout, "good     delivered") {
				t.Errorf("sent %v:\n%s", sent, stdout)
			}
		})
	}
}
