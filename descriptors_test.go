//go:build unix

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waitboard/simulator"
)

// With few file descriptors and more streams than they allow, the service answers other requests, and doesn't take an unreadable
// configuration for a wrong one.
func TestFewFileDescriptors(t *testing.T) {
	program, folder := program(t), t.TempDir()
	sim, err := simulator.Start(simulator.Options{Seed: 3, InitTime: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	file := filepath.Join(folder, "waitboard.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, `
listen: 127.0.0.1:0
admin: ""
sources: {hq: {url: %q, key_env: KEY}}
widgets: {support: {metrics: {wait: {metric: Current Wait Time}}}}
`, sim.URL()), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // only failures take that long
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", `ulimit -n 64 && exec "$0" serve --config "$1"`, program, file)
	cmd.Env = append(os.Environ(), "KEY="+sim.Key())
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	url := ""
	for lines := bufio.NewScanner(io.TeeReader(stderr, &log)); url == "" && lines.Scan(); {
		if found := publicURL.FindStringSubmatch(lines.Text()); found != nil {
			url = strings.TrimSuffix(found[1], "/")
		}
	}
	var draining sync.WaitGroup
	draining.Go(func() { _, _ = io.Copy(&log, stderr) })
	if url == "" {
		t.Fatalf("the service does not start: %s", &log)
	}

	statuses := map[string]int{}
	for range 100 { // each waits for its answer, as the streams of many visitors don't come at one instant
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		_, _ = io.WriteString(conn, "GET /v1/widgets/support/events HTTP/1.1\r\nHost: x\r\n\r\n")
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil {
			t.Fatalf("after %v: %v", statuses, err)
		}
		statuses[strings.TrimSpace(line)]++
	}
	if statuses["HTTP/1.1 200 OK"] != 24 || statuses["HTTP/1.1 503 Service Unavailable"] != 76 {
		t.Errorf("the streams are %v", statuses)
	}
	for i := range 100 { // visitors who each hold their connection
		transport := new(http.Transport)
		defer transport.CloseIdleConnections()
		resp, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Get(url + "/v1/widgets/support")
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("request %d: %d", i, resp.StatusCode)
		}
		if i == 50 { // makes the service look at its configuration
			if err := os.WriteFile(filepath.Join(folder, "other"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Process.Kill()
	draining.Wait()
	_ = cmd.Wait()
	if text := log.String(); strings.Contains(text, "rejected") || strings.Contains(text, "too many open files") {
		t.Errorf("the log is\n%s", text)
	}
}
