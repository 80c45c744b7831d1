package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A stage runs all servers on the first core, each on its own port.
type stage struct {
	ctx              context.Context
	programs, folder string
	file             string   // with the body that all serve
	fields           []string // waitboard's header fields, which the bare program sends too
	etag             string
	running          []*exec.Cmd

	waitboard, bare, nginx, caddy *exec.Cmd
}

const (
	ownURL   = "http://127.0.0.1:18080/v1/widgets/support"
	bareURL  = "http://127.0.0.1:18081/"
	nginxURL = "http://127.0.0.1:18082/snapshot.json"
	caddyURL = "http://127.0.0.1:18083/snapshot.json"
	upstream = "http://127.0.0.1:18090/rest"
)

func (s *stage) contenders() []contender {
	return []contender{
		{"waitboard", ownURL, s.waitboard, nil}, {"bare", bareURL, s.bare, nil}, {"nginx", nginxURL, s.nginx, nil}, {"caddy", caddyURL, s.caddy, nil},
		{"waitboard, compressed", ownURL, s.waitboard, []string{"Accept-Encoding: gzip"}},
		{"waitboard, 304", ownURL, s.waitboard, []string{"If-None-Match: " + s.etag}},
	}
}

// set starts all servers, and checks that they serve the same bytes.
func (s *stage) set() error {
	for _, url := range []string{ownURL, bareURL, nginxURL, caddyURL, upstream} {
		if _, _, err := s.get(url); err == nil {
			return fmt.Errorf("another program listens at %s; end it first", url)
		}
	}
	if err := s.simulate(); err != nil {
		return err
	}
	var err error
	if s.waitboard, err = s.start(filepath.Join(s.programs, "waitboard"), "serve", "--config", s.config("127.0.0.1:18080")); err != nil {
		return err
	}
	if err := s.answers(ownURL, `"state":"open"`); err != nil {
		return fmt.Errorf("waitboard: %w", err)
	}
	body, header, err := s.get(ownURL)
	if err != nil {
		return err
	}
	s.etag, s.file = header.Get("Etag"), filepath.Join(s.folder, "snapshot.json")
	for name, values := range header {
		if name != "Date" && name != "Connection" { // net/http writes these
			s.fields = append(s.fields, name+": "+values[0])
		}
	}
	nginx := filepath.Join(s.folder, "nginx.conf")
	if err := errors.Join(os.WriteFile(s.file, body, 0o644), os.WriteFile(nginx, []byte(strings.ReplaceAll(nginxConfig, "FOLDER", s.folder)), 0o644), os.Chmod(s.folder, 0o755)); err != nil { //nolint:gosec // nginx reads them as another user
		return err
	}
	for _, other := range []struct {
		process **exec.Cmd
		url     string
		command []string
	}{
		{&s.bare, bareURL, append([]string{filepath.Join(s.programs, "bare"), "127.0.0.1:18081", s.file}, s.fields...)},
		{&s.nginx, nginxURL, []string{"nginx", "-c", nginx, "-e", filepath.Join(s.folder, "nginx-error.log")}},
		{&s.caddy, caddyURL, []string{"caddy", "file-server", "--root", s.folder, "--listen", "127.0.0.1:18083"}},
	} {
		if *other.process, err = s.start(other.command...); err != nil {
			return err
		}
		if err := s.answers(other.url, string(body)); err != nil {
			return fmt.Errorf("%s: %w", other.command[0], err)
		}
	}
	return nil
}

// nginxConfig is Debian's configuration for one file, without log and master.
const nginxConfig = `daemon off;
pid FOLDER/nginx.pid;
worker_processes auto;
events { worker_connections 768; }
http {
	sendfile on;
	tcp_nopush on;
	types_hash_max_size 2048;
	types { application/json json; }
	access_log off;
	gzip on;
	server { listen 127.0.0.1:18082; root FOLDER; }
}
`

const key = "bench-key"

// simulate starts the simulated phone system.
func (s *stage) simulate() error {
	if _, err := s.startOn(loadCore, filepath.Join(s.programs, "waitboard"), "simulate", "--listen", "127.0.0.1:18090", "--control", "", "--key", key); err != nil {
		return err
	}
	return s.answers(upstream+"/api/v1/realtime/metrics", "") // any response, such as 401
}

// config writes a configuration with one source and one widget. The interval is so long that its bytes stay the same.
func (s *stage) config(listen string) string {
	path := filepath.Join(s.folder, strings.ReplaceAll(listen, ":", "-")+".yaml")
	text := fmt.Sprintf(`listen: %s
admin: ""
rate_limit: {requests: 0}
sources: {hq: {url: %q, key_env: BENCH_KEY, mode: poll, interval: 1h}}
widgets:
  support:
    title: Customer support
    stale_after: 2h
    hide_after: 4h
    metrics:
      wait: {metric: Current Wait Time, category: Support, label: Current wait time, display: {round: 1m}}
      waiting: {metric: K0FLAEB6, label: Calls in queue}
`, listen, upstream)
	_ = os.WriteFile(path, []byte(text), 0o600) // waitboard reports a missing file
	return path
}

// The cores: one for the measured server, one for everything else, including this program (see bench/run.sh).
const (
	serverCore = "0"
	loadCore   = "1"
)

func (s *stage) start(command ...string) (*exec.Cmd, error) { return s.startOn(serverCore, command...) }

func (s *stage) startOn(core string, command ...string) (*exec.Cmd, error) {
	process := exec.CommandContext(s.ctx, "taskset", append([]string{"-c", core}, command...)...) //nolint:gosec // fixed commands
	process.Env = append(os.Environ(), "BENCH_KEY="+key)
	process.Cancel = func() error { return process.Process.Signal(syscall.SIGTERM) } // a killed nginx leaves its workers behind
	if err := process.Start(); err != nil {
		return nil, err
	}
	s.running = append(s.running, process)
	return process, nil
}

func (s *stage) stop(process *exec.Cmd) {
	_ = process.Process.Signal(syscall.SIGTERM)
	_ = process.Wait()
}

func (s *stage) end() {
	for _, process := range s.running {
		s.stop(process)
	}
}

// wait waits for a time or the end of the run.
func (s *stage) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.ctx.Done():
	}
}

// answers waits until the response of an address contains a text.
func (s *stage) answers(url, text string) (err error) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end) && s.ctx.Err() == nil; {
		var body []byte
		switch body, _, err = s.get(url); {
		case err == nil && strings.Contains(string(body), text):
			return nil
		case err == nil:
			err = fmt.Errorf("%s answers: %s", url, body)
		}
		time.Sleep(200 * time.Microsecond)
	}
	return cmp.Or(err, s.ctx.Err())
}

// client reuses no connections, because idle ones delay servers that stop.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}

func (s *stage) get(url string) (body []byte, header http.Header, err error) {
	r, err := http.NewRequestWithContext(s.ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, nil, err
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // for reading
	body, err = io.ReadAll(resp.Body)
	return body, resp.Header, err
}
