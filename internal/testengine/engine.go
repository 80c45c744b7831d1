// Package testengine runs a real Redis or Valkey server for a test.
package testengine

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"waitboard/internal/testlevel"
)

// An Engine is a server on a free port of loopback. It stores nothing on disk, so a restart empties it.
type Engine struct {
	t       testing.TB
	program string
	port    string

	mu      sync.Mutex // guards command
	command *exec.Cmd  // nil: stopped
}

// Start starts a server that ends with the test. It skips the test if none is installed.
func Start(t testing.TB) *Engine {
	t.Helper()
	program, err := exec.LookPath("valkey-server")
	if err != nil {
		program = testlevel.Need(t, "redis-server", "redis-server")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	e := &Engine{t: t, program: program, port: port}
	t.Cleanup(e.Kill)
	e.Restart()
	return e
}

// Addr returns host:port of the server.
func (e *Engine) Addr() string { return "127.0.0.1:" + e.port }

// URL returns the URL of the server.
func (e *Engine) URL() string { return "redis://" + e.Addr() + "/0" }

// Restart starts the server after Kill, with more arguments if needed, and waits until it accepts connections. It is empty.
func (e *Engine) Restart(arguments ...string) {
	e.t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	dir := e.t.TempDir()
	all := append([]string{"--port", e.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir}, arguments...)
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
	for lines.Scan() {
		if strings.Contains(lines.Text(), "eady to accept connections") {
			go io.Copy(io.Discard, out) //nolint:errcheck // it ends with the server
			return
		}
	}
	e.t.Fatal("the engine has not started")
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
