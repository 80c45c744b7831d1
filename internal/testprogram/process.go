package testprogram

import (
	"os"
	"os/exec"
	"testing"
)

// A Process is a service in a process of its own.
type Process struct {
	URL string // where it serves the public

	t     testing.TB
	cmd   *exec.Cmd
	log   *log
	ended chan struct{} // closed when the process has ended
	err   error         // what it ended with; not to be read before
}

// Serve starts the service with a configuration file, and with variables for its environment.
func Serve(t testing.TB, file string, environment ...string) *Process {
	t.Helper()
	cmd := exec.Command(Path(t), "serve", "--config", file) //nolint:gosec,noctx // the test ends it
	cmd.Env = append(os.Environ(), environment...)
	return Start(t, cmd)
}

// Start starts a command that runs the service, and waits until it listens. The process ends with the test. If the test has failed, it logs
// what the service has logged.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{t: t, cmd: cmd, log: newLog(), ended: make(chan struct{})}
	cmd.Stderr = p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.err = cmd.Wait(); close(p.ended) }()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("the log of %s:\n%s", p.URL, p.Log())
		}
	})
	p.URL = p.address(p.log.public)
	return p
}

// Admin returns where the service serves operators. It must be turned on.
func (p *Process) Admin() string { return p.address(p.log.admin) }

func (p *Process) address(logged chan string) string {
	p.t.Helper()
	select {
	case url := <-logged:
		logged <- url
		return url
	case <-p.ended:
		p.t.Fatalf("the service has not started: %v", p.err)
		return ""
	}
}

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) { _ = p.cmd.Process.Signal(s) } // a process that has ended needs none

// Wait waits until the process has ended, and returns an error unless its exit code is 0.
func (p *Process) Wait() error {
	<-p.ended
	return p.err
}

// Kill ends the process at once, and waits until it has ended.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// Log returns what the service has logged.
func (p *Process) Log() string { return p.log.String() }
