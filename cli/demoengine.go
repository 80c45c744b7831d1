package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"time"

	"waitboard/app"
	"waitboard/config"
)

// An engine is what the replicas of a demo share. The demo has started it, or the user has named it.
type engine struct {
	url     string
	again   string    // the command that starts it again; empty: the user has named it
	process *exec.Cmd // nil: the user has named it
	alive   io.Closer // the engine ends when it is closed
}

var errNoEngine = errors.New(`--replicas: several replicas share an engine, Valkey or Redis, and none is installed. Install one:
  apt-get install redis-server      on Debian and Ubuntu
  brew install valkey               on macOS
or start one, and name it:
  docker run --rm -p 127.0.0.1:6379:6379 valkey/valkey
  waitboard demo --replicas 3 --engine redis://127.0.0.1:6379`)

// validateEngine checks the flag --engine. The error does not repeat it, because it may hold a password.
func (c *demoCommand) validateEngine() error {
	if u, err := url.Parse(c.Engine); err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Host == "" {
		return usageError{errors.New("--engine: must be a URL such as redis://127.0.0.1:6379, or rediss://user:password@host:6379/0")}
	}
	return nil
}

// openEngine returns the engine that the user has named, or starts one that is installed.
func (c *demoCommand) openEngine(ctx context.Context) (*engine, error) {
	if c.Engine != "" {
		e := &engine{url: c.Engine}
		if problem := e.problem(ctx); problem != "" {
			return nil, fmt.Errorf("--engine: %s", problem)
		}
		return e, nil
	}
	for _, name := range []string{"valkey-server", "redis-server"} {
		if program, err := exec.LookPath(name); err == nil {
			return startEngine(ctx, program)
		}
	}
	return nil, errNoEngine
}

// problem returns what is wrong with the engine, in a sentence; empty: nothing.
func (e *engine) problem(ctx context.Context) string {
	problem, _ := app.CheckCluster(ctx, config.Cluster{URL: config.NewSecret(e.url)}, time.Now)
	return problem
}

// untilOrphaned runs a program, and kills it when its own input ends, as it does when the demo is killed.
const untilOrphaned = `exec 3<&0
(cat <&3 >/dev/null; kill -9 $$ 2>/dev/null) &
exec "$@" 3<&- </dev/null`

// startTime is how long an engine may take to start.
const startTime = 10 * time.Second

// startEngine starts an engine on a free port of loopback. It stores nothing on disk.
func startEngine(ctx context.Context, program string) (*engine, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	e := &engine{
		url:   "redis://127.0.0.1:" + port,
		again: fmt.Sprintf("%s --port %s --bind 127.0.0.1 --save ''", filepath.Base(program), port),
	}
	e.process = exec.CommandContext(context.WithoutCancel(ctx), "sh", "-c", untilOrphaned, "sh", //nolint:gosec // a fixed command
		program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	e.process.SysProcAttr = ownGroup // replicas that end after Ctrl-C need it
	if e.alive, err = e.process.StdinPipe(); err != nil {
		return nil, err
	}
	if err := e.process.Start(); err != nil {
		return nil, fmt.Errorf("the engine can't be started: %w", err)
	}
	starting, stop := context.WithTimeout(ctx, startTime)
	defer stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		problem := e.problem(starting)
		if problem == "" {
			return e, nil
		}
		select {
		case <-tick.C:
		case <-starting.Done():
			e.end()
			return nil, fmt.Errorf("%s was started, and does not work: %s", program, problem)
		}
	}
}

// end ends an engine that the demo has started.
func (e *engine) end() {
	if e.process == nil {
		return
	}
	_ = e.alive.Close()
	_ = e.process.Process.Kill() // it has nothing to save
	_ = e.process.Wait()
}

// print prints a line about the engine.
func (e *engine) print(w io.Writer) {
	if e.process == nil {
		shown, _ := url.Parse(e.url)                                      // validateEngine has parsed it
		fmt.Fprintf(w, "Engine      %s://%s\n", shown.Scheme, shown.Host) // the rest may hold passwords
		return
	}
	fmt.Fprintf(w, "Engine      %s   kill %d   start it again: %s\n", e.url, e.process.Process.Pid, e.again)
}
