// Package testengine runs real Redis or Valkey servers for a test, Sentinels of them, and bad networks to them.
package testengine

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"waitboard/internal/testlevel"
)

// An Engine is a server on a free port of loopback. It stores nothing on disk, so a restart empties it.
type Engine struct {
	t         testing.TB
	program   string
	port      string
	arguments []string // before those of a restart

	mu      sync.Mutex // guards command
	command *exec.Cmd  // nil: stopped
}

// Start starts a server that ends with the test, with more arguments if needed. It skips the test if none is installed.
func Start(t testing.TB, arguments ...string) *Engine {
	t.Helper()
	e := newEngine(t)
	e.arguments = append([]string{"--port", e.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0", "--dir", t.TempDir()}, arguments...)
	e.Restart()
	return e
}

// StartSentinel starts a Sentinel that watches an engine. It promotes a replica of an engine that is silent for a second.
func StartSentinel(t testing.TB, name string, master *Engine) *Engine {
	t.Helper()
	e := newEngine(t)
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf(`port %[1]s
bind 127.0.0.1
sentinel monitor %[2]s 127.0.0.1 %[3]s 1
sentinel down-after-milliseconds %[2]s 1000
sentinel failover-timeout %[2]s 3000
`, e.port, name, master.port)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	e.arguments = []string{file, "--sentinel"}
	e.Restart()
	return e
}

func newEngine(t testing.TB) *Engine {
	t.Helper()
	program, err := exec.LookPath("valkey-server")
	if err != nil {
		program = testlevel.Need(t, "redis-server", "redis-server")
	}
	listener, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	e := &Engine{t: t, program: program, port: port}
	t.Cleanup(e.Kill)
	return e
}

// Addr returns host:port of the server.
func (e *Engine) Addr() string { return "127.0.0.1:" + e.port }

// URL returns the URL of the server.
func (e *Engine) URL() string { return "redis://" + e.Addr() + "/0" }

// FailoverURL returns the URL by which a Sentinel's engine is found.
func (e *Engine) FailoverURL(name string) string { return e.URL() + "?master_name=" + name }

// Restart starts the server after Kill, with more arguments if needed, and waits until it listens. It is empty.
func (e *Engine) Restart(arguments ...string) {
	e.t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	all := append(append([]string{}, e.arguments...), arguments...)
	command := exec.CommandContext(context.Background(), e.program, all...) //nolint:gosec // a test names the program
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		e.t.Fatal(err)
	}
	e.command = command
	lines := bufio.NewScanner(out)
	var printed strings.Builder
	for lines.Scan() {
		printed.WriteString(lines.Text() + "\n")
		// The first is of Sentinel, the second of a server that may still load its data.
		if strings.Contains(lines.Text(), "+monitor master") || strings.Contains(lines.Text(), "Server initialized") {
			go io.Copy(io.Discard, out) //nolint:errcheck // it ends with the server
			return
		}
	}
	e.t.Fatalf("the engine has not started; it printed:\n%s", &printed)
}

// Kill ends the server at once.
func (e *Engine) Kill() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.command != nil {
		_ = e.command.Process.Kill()
		_ = e.command.Wait()
		e.command = nil
	}
}

// listen opens a free port. It and the one 10,000 above, which cluster mode takes too, are below those that systems give to outgoing
// connections, so that no client takes it before the server does; and no engine has a port that is another's second one.
func listen() (listener net.Listener, err error) {
	for range 100 {
		if listener, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.N(10_000))); err == nil {
			return listener, nil
		}
	}
	return nil, err
}
