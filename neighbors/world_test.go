package neighbors

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waitboard/internal/testprogram"
	"waitboard/simulator"
)

func TestMain(m *testing.M) { os.Exit(testprogram.Main(m)) }

// patience is how long a test waits for any one thing. It only ends a wait that can't succeed, on the slowest machine too.
const patience = 3 * time.Minute

// eventually waits until something is done.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for end := time.After(patience); !done(); {
		select {
		case <-again.C:
		case <-end:
			t.Fatalf("never: %s", what)
		}
	}
}

// start runs a program until the test ends, or until the function that it returns kills it. Its output is logged if the test fails.
func start(t *testing.T, cmd *exec.Cmd) (kill func()) {
	t.Helper()
	var output strings.Builder
	if cmd.Stderr == nil {
		cmd.Stdout, cmd.Stderr = &output, &output
	}
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = ownGroup // its children end with it
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		killGroup(cmd.Process)
		_ = cmd.Wait()
	})
	t.Cleanup(func() {
		kill()
		if t.Failed() {
			t.Logf("%s:\n%s", filepath.Base(cmd.Path), output.String())
		}
	})
	return kill
}

// folder returns a folder for sockets, whose paths must be short.
func folder(t *testing.T) string {
	t.Helper()
	path, err := os.MkdirTemp("", "wb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(path) })
	return path
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
	return path
}

// A service is waitboard with a simulated phone system.
type service struct {
	*testprogram.Process
	sim *simulator.Simulator
}

// newService starts both. In the configuration, {source} stands for the simulator's address.
func newService(t *testing.T, listen, configuration string) *service {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 3, InitTime: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return serve(t, sim, "listen: "+listen+"\nadmin: \"\"\n"+strings.ReplaceAll(configuration, "{source}", sim.URL()), "KEY="+sim.Key())
}

// serve starts waitboard with a configuration, and waits until it listens.
func serve(t *testing.T, sim *simulator.Simulator, configuration string, environment ...string) *service {
	t.Helper()
	file := write(t, filepath.Join(t.TempDir(), "waitboard.yaml"), configuration)
	return &service{testprogram.Serve(t, file, environment...), sim}
}

// An answer is a response with its body as it came.
type answer struct {
	*http.Response
	body string
}

// get sends a request with headers, which come in pairs.
func get(client *http.Client, url string, headers ...string) (answer, error) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp, string(body)}, err
}
