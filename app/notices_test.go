package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waitboard/app"
	"waitboard/config"
	"waitboard/simulator"
)

// ask sends a request to the admin listener. headers are pairs of name and value.
func (s *service) ask(method, path, body string, headers ...string) (status int, answer string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.admin+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

func (s *service) putNotice(widget, body string) string {
	s.t.Helper()
	status, answer := s.ask("PUT", "/widgets/"+widget+"/notice", body, "Content-Type", "application/json")
	if status != http.StatusOK {
		s.t.Fatalf("%d %s", status, answer)
	}
	return answer
}

// end stops the service and waits for it.
func (s *service) end() {
	s.t.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		s.t.Errorf("stopped with %v", err)
	}
	close(s.ended)
}

const noticeYAML = `
data_dir: %s
sources: {hq: {url: %q, key_env: KEY}}
widgets:
  support: {notice: Calls may be recorded., metrics: {waiting: {metric: K0FLAEB6}}}
  sales: {metrics: {waiting: {metric: K0FLAEB6}}}
`

// Every outlet shows the configuration's notice, then an operator's, through a restart and until its end.
func TestNotices(t *testing.T) {
	t.Parallel()
	inFakeTime(t, noticesInEveryOutlet)
}

func noticesInEveryOutlet(w *world) {
	t := w.t
	sim := w.simulate(simulator.Options{Seed: 7})
	dir := filepath.Join(t.TempDir(), "state")
	cfg := func() *config.Config {
		return w.read(fmt.Sprintf(noticeYAML, dir, sim.URL()), map[string]string{"KEY": sim.Key()})
	}
	const configured, down, sold = "Calls may be recorded.", "Phones are down, use <chat>", "Sold out"
	s := w.serve(cfg())
	everywhere := func(want string, not ...string) {
		t.Helper()
		for _, path := range []string{"/v1/widgets/support", "/v1/widgets", "/v1/widgets/support/text", "/v1/widgets/support/shields.json", "/"} {
			_, body := s.get(s.url + path)
			if path == "/" {
				body = strings.NewReplacer("&lt;", "<", "&gt;", ">").Replace(body)
			} else {
				body = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(body)
			}
			if !strings.Contains(body, want) {
				t.Errorf("%s has no %q: %s", path, want, body)
			}
			for _, text := range not {
				if strings.Contains(body, text) {
					t.Errorf("%s has %q: %s", path, text, body)
				}
			}
		}
	}
	w.pass(0)
	if got := s.snapshot("support"); got.State != "open" {
		t.Errorf("at first: %+v", got)
	}
	everywhere(configured)

	answer := s.putNotice("support", `{"text":"Phones are down, use <chat>","closed":true,"for":"1h"}`)
	if !strings.Contains(answer, `"persistent":true`) {
		t.Errorf("answered %s", answer)
	}
	everywhere(down, configured)
	if got := s.snapshot("support"); got.State != "closed" || len(got.Metrics) != 0 {
		t.Errorf("closed: %+v", got)
	}
	if got := s.snapshot("sales"); got.State != "open" {
		t.Errorf("the other widget: %+v", got)
	}
	s.metric("waitboard_notices 1")
	if _, page := s.ask("GET", "/", ""); !strings.Contains(page, `value="Phones are down, use &lt;chat&gt;"`) {
		t.Errorf("the dashboard: %s", page)
	}

	s.end()
	if log := s.log.String(); !strings.Contains(log, "notice set") {
		t.Error("not logged")
	}
	s = w.serve(cfg())
	everywhere(down, configured)
	if got := s.snapshot("support"); got.State != "closed" {
		t.Errorf("after a restart: %+v", got)
	}

	// It ends automatically; the configuration's is back.
	s.putNotice("support", `{"text":"Sold out","for":"5m"}`)
	w.pass(5*time.Minute - tick)
	everywhere(sold, down, configured)
	w.pass(2 * tick)
	everywhere(configured, down, sold)

	// It is removed.
	s.putNotice("sales", `{"text":"Sold out"}`)
	if status, _ := s.ask("DELETE", "/widgets/sales/notice", ""); status != http.StatusNoContent {
		t.Errorf("DELETE: %d", status)
	}
	s.end()
	s = w.serve(cfg())
	everywhere(configured, down, sold)
}

// The service starts with a damaged file, and sets the file aside.
func TestDamagedNotices(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "notices.json"), []byte(`{"version":1,"not`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, parse(t, fmt.Sprintf(noticeYAML, dir, "http://127.0.0.1:1"), map[string]string{"KEY": "k"}))
	if _, body := s.get(s.url + "/v1/widgets/support"); !json.Valid([]byte(body)) {
		t.Errorf("got %s", body)
	}
	if aside, err := os.ReadFile(filepath.Join(dir, "notices.json.set-aside-1")); string(aside) != `{"version":1,"not` || err != nil || !strings.Contains(s.log.String(), "notices lost") {
		t.Errorf("%s, %v, log %s", aside, err, s.log)
	}
}

// A notice survives the removal of its widget. The folder can't change during a reload.
func TestNoticesAndReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := map[string]string{"KEY": "k"}
	both := fmt.Sprintf(noticeYAML, dir, "http://127.0.0.1:1")
	one, _, _ := strings.Cut(both, "  sales:")
	s := serveReloading(t, parse(t, both, keys))
	s.putNotice("sales", `{"text":"Sold out"}`)
	s.reload(parse(t, one, keys))
	if _, page := s.ask("GET", "/", ""); !strings.Contains(page, "not in the configuration") || !strings.Contains(page, "Sold out") {
		t.Errorf("gone: %s", page)
	}
	s.reload(parse(t, both, keys))
	if _, text := s.get(s.url + "/v1/widgets/sales/text"); !strings.Contains(text, "Sold out") {
		t.Errorf("back: %s", text)
	}
	s.reload(parse(t, strings.Replace(one, dir, t.TempDir(), 1), keys))
	if status, _ := s.get(s.url + "/v1/widgets/sales"); status != http.StatusOK || !strings.Contains(s.log.String(), "data_dir can't change") {
		t.Errorf("another folder took effect: %d", status)
	}
}

// Without a token the admin listener needs a loopback address, under any host name. With a token every request needs it.
func TestAdminToken(t *testing.T) {
	const token = "correct-horse-battery"
	yaml := "admin_token_env: TOKEN\nsources: {hq: {url: 'http://127.0.0.1:1', key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: M}}}}"
	keys := map[string]string{"KEY": "k", "TOKEN": token}
	open := strings.TrimPrefix(yaml, "admin_token_env: TOKEN\n")

	cfg := parse(t, open, keys)
	cfg.Admin = "0.0.0.0:0" // what a host name may resolve to; the file itself is rejected
	_, err := app.New(app.Options{Config: cfg, Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "admin: 0.0.0.0:0 can be reached from other machines") || !strings.Contains(err.Error(), "admin_token_env") {
		t.Errorf("got %v", err)
	}
	if resolved, err := net.LookupHost("localhost"); err == nil && len(resolved) > 0 {
		cfg := parse(t, open, keys)
		cfg.Admin = "localhost:0"
		if s := serve(t, cfg); s.admin != "" {
			if status, _ := s.ask("GET", "/metrics", ""); status != http.StatusOK {
				t.Errorf("localhost: %d", status)
			}
		}
	}
	for _, address := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		cfg := parse(t, yaml, keys)
		cfg.Admin = address
		s := serve(t, cfg)
		for _, path := range []string{"/", "/metrics", "/debug/pprof/", "/widgets/w", "/widgets/w/notice"} {
			if status, body := s.ask("GET", path, ""); status != http.StatusUnauthorized || strings.Contains(body, token) {
				t.Errorf("%s %s without: %d %s", address, path, status, body)
			}
			if status, _ := s.ask("GET", path, "", "Authorization", "Bearer "+token); status == http.StatusUnauthorized {
				t.Errorf("%s %s with the token: %d", address, path, status)
			}
		}
		s.ask("GET", "/", "", "Authorization", "Bearer wrong-"+token)
		if strings.Contains(s.log.String(), token) {
			t.Error("the log holds the token")
		}
	}
}

// A reload can't remove the token.
func TestReloadKeepsToken(t *testing.T) {
	const yaml = "admin_token_env: TOKEN\nsources: {hq: {url: 'http://127.0.0.1:1', key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: M}}}}"
	keys := map[string]string{"KEY": "k", "TOKEN": "the-token-before-it"}
	cfg := parse(t, yaml, keys)
	cfg.Admin = "0.0.0.0:0"
	s := serveReloading(t, cfg)
	open := parse(t, strings.TrimPrefix(yaml, "admin_token_env: TOKEN\n"), keys)
	open.Admin = "0.0.0.0:0"
	s.reload(open)
	if status, _ := s.ask("GET", "/", ""); status != http.StatusUnauthorized {
		t.Errorf("without the token: %d", status)
	}
	keys["TOKEN"] = "the-token-after-it"
	other := parse(t, yaml, keys)
	other.Admin = "0.0.0.0:0"
	s.reload(other)
	for token, want := range map[string]int{"the-token-before-it": 401, "the-token-after-it": 200} {
		if status, _ := s.ask("GET", "/", "", "Authorization", "Bearer "+token); status != want {
			t.Errorf("%s: %d", token, status)
		}
	}
}
