package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The program prints nothing of what a source sends beyond its answers.
func TestExcessIsNotPrinted(t *testing.T) {
	path := program(t)
	source, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests := make(chan struct{}, 1)
	go sendExcess(source, requests) // ends when source is closed
	defer source.Close()            //nolint:errcheck // it has served

	file := filepath.Join(t.TempDir(), "waitboard.yaml")
	config := fmt.Sprintf(`listen: 127.0.0.1:0
admin: ""
sources: {hq: {url: "http://%s/rest", key_env: CHRONICALL_KEY, mode: poll, interval: 100ms}}
widgets: {w: {title: W, metrics: {m: {source: hq, metric: M, label: M}}}}
`, source.Addr())
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a bound on failures alone
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "serve", "--config", file)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Env = &output, &output, append(os.Environ(), "CHRONICALL_KEY=secret")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		select {
		case <-requests:
		case <-ctx.Done():
			t.Error("no request")
		}
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil || strings.Contains(output.String(), "CANARY") || !strings.Contains(output.String(), "level=") {
		t.Errorf("%v, printed:\n%s", err, &output)
	}
}

// sendExcess answers requests, and sends more than it announces.
func sendExcess(source net.Listener, requests chan<- struct{}) {
	for {
		conn, err := source.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close() //nolint:errcheck // the other side may have closed it
			for reader := bufio.NewReader(conn); ; {
				if _, err := http.ReadRequest(reader); err != nil {
					return
				}
				select {
				case requests <- struct{}{}:
				default: // the test is over
				}
				_, _ = fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]CANARY")
			}
		}()
	}
}
