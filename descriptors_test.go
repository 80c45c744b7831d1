//go:build unix

package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// With few file descriptors and more streams than they allow, the service answers other requests, and doesn't take an unreadable
// configuration for a wrong one.
func TestFewFileDescriptors(t *testing.T) {
	r, folder := run(t, `ulimit -n 64 && exec "$0" serve --config "$1"`)
	statuses := map[string]int{}
	for range 100 { // each waits for its answer, as the streams of many visitors don't come at one instant
		conn, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "http://"))
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
		resp, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Get(r.URL + "/v1/widgets/support")
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
	r.Kill()
	if text := r.Log(); strings.Contains(text, "rejected") || strings.Contains(text, "too many open files") {
		t.Errorf("the log is\n%s", text)
	}
}
