package cli

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"waitboard/internal/testengine"
	"waitboard/internal/testlevel"
)

// programVariable makes the test binary the program, which a demo runs for each replica.
const programVariable = "WAITBOARD_TEST_PROGRAM"

// A running demo prints its addresses and events.
type runningDemo struct {
	t        *testing.T
	head     []string
	lines    *bufio.Scanner
	open     string
	replicas []string // addresses
	engine   string   // address
	pids     []int    // of the replicas, then of the engine
}

var (
	openLine    = regexp.MustCompile(`^Open +(\S+)/ `)
	replicaLine = regexp.MustCompile(`^Replica \d +(\S+)/ .*  kill (\d+)$`)
	engineLine  = regexp.MustCompile(`^Engine +redis://(\S+)(?:   kill (\d+))?`)
	pollsLine   = regexp.MustCompile(`  replica (\d) polls the phone system, .* kill (\d+)$`)
)

// read reads what a demo prints until it is complete.
func read(t *testing.T, stdout io.Reader) *runningDemo {
	t.Helper()
	d := &runningDemo{t: t, lines: bufio.NewScanner(stdout)}
	for d.lines.Scan() {
		line := d.lines.Text()
		d.head = append(d.head, line)
		if found := openLine.FindStringSubmatch(line); found != nil {
			d.open = found[1]
		}
		if found := replicaLine.FindStringSubmatch(line); found != nil {
			pid, _ := strconv.Atoi(found[2])
			d.replicas, d.pids = append(d.replicas, found[1]), append(d.pids, pid)
		}
		if found := engineLine.FindStringSubmatch(line); found != nil {
			pid, _ := strconv.Atoi(found[2])
			d.engine, d.pids = found[1], append(d.pids, pid)
		}
		if strings.Contains(line, "Ctrl-C") {
			return d
		}
	}
	t.Fatalf("the demo has not started:\n%s", strings.Join(d.head, "\n"))
	return nil
}

// polls waits until the demo prints that a replica polls, other than one, and returns its number.
func (d *runningDemo) polls(but int) int {
	d.t.Helper()
	for d.lines.Scan() {
		if found := pollsLine.FindStringSubmatch(d.lines.Text()); found != nil {
			if n, _ := strconv.Atoi(found[1]); n != but {
				return n
			}
		}
	}
	d.t.Fatal("the demo has ended")
	return 0
}

// startDemo runs a demo in this process. stop ends it, and returns its exit code.
func startDemo(t *testing.T, args ...string) (d *runningDemo, stop func() int) {
	t.Helper()
	t.Setenv(programVariable, "1")
	ctx, cancel := context.WithCancel(t.Context())
	stdout, printed := io.Pipe()
	code := make(chan int, 1)
	go func() {
		defer printed.Close() //nolint:errcheck // it never fails
		code <- Run(ctx, append([]string{"demo", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, args...), os.LookupEnv, printed, os.Stderr)
	}()
	stop = sync.OnceValue(func() int {
		cancel()
		_, _ = io.Copy(io.Discard, stdout)
		return <-code
	})
	t.Cleanup(func() { stop() })
	return read(t, stdout), stop
}

// needEngine skips a test if no engine is installed.
func needEngine(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("valkey-server"); err != nil {
		testlevel.Need(t, "redis-server", "redis-server")
	}
}

// within waits for a condition, much longer than it should take.
func within(t *testing.T, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(time.Minute)
	defer end.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatal("not in time: " + what)
		}
	}
}

// widget returns the status and the entity tag of a widget that has values; empty: it has none yet.
func widget(t *testing.T, url string) (status int, tag string) {
	t.Helper()
	response, err := http.Get(url + "/v1/widgets/support")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), `"state":"open"`) {
		tag = response.Header.Get("Etag")
	}
	return response.StatusCode, tag
}

// refuses reports whether nobody listens at an address.
func refuses(address string) bool {
	connection, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err == nil {
		_ = connection.Close()
	}
	return err != nil
}

func TestDemoReplicas(t *testing.T) {
	testlevel.Short(t)
	needEngine(t)
	defer http.DefaultClient.CloseIdleConnections()
	d, stop := startDemo(t, "--replicas", "3", "--speed", "0.01")
	if len(d.replicas) != 3 {
		t.Errorf("%d replicas:\n%s", len(d.replicas), strings.Join(d.head, "\n"))
	}
	within(t, "equal answers", func() bool {
		_, first := widget(t, d.open)
		for _, address := range d.replicas {
			if _, tag := widget(t, address); tag == "" || tag != first {
				return false
			}
		}
		return true
	})
	holder := d.polls(0)
	killed, err := os.FindProcess(d.pids[holder-1])
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.Kill(); err != nil {
		t.Fatal(err)
	}
	answers := func() {
		for range 6 {
			if status, tag := widget(t, d.open); status != http.StatusOK || tag == "" {
				t.Errorf("status %d, tag %q", status, tag)
			}
		}
	}
	within(t, "the replica has ended", func() bool { return refuses(d.replicas[holder-1]) })
	answers()
	d.polls(holder)
	answers()
	if code := stop(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	for _, pid := range d.pids {
		if process, err := os.FindProcess(pid); err == nil && process.Signal(syscall.Signal(0)) == nil {
			t.Errorf("process %d of %d has not ended", pid, d.pids)
		}
	}
	d.gone()
}

// What a demo prints fits a screen, also with as many replicas as there may be.
func TestDemoPrintsTwentyLines(t *testing.T) {
	var out bytes.Buffer
	all := make([]*replica, maxReplicas)
	for n := range all {
		all[n] = &replica{number: n + 1}
	}
	(&demoCommand{}).printReplicas(&invocation{stdout: &out}, "http://127.0.0.1:8080", all, &engine{url: "redis://127.0.0.1:6379"}, simulate(t))
	if lines := strings.Count(out.String(), "\n"); lines > 20 {
		t.Errorf("%d lines:\n%s", lines, &out)
	}
}

// gone waits until no process of the demo listens.
func (d *runningDemo) gone() {
	d.t.Helper()
	for _, address := range append([]string{d.open, d.engine}, d.replicas...) {
		within(d.t, address+" is closed", func() bool { return refuses(address) })
	}
}

// Killing the demo leaves no process behind.
func TestDemoKilled(t *testing.T) {
	testlevel.Short(t)
	needEngine(t)
	t.Setenv(programVariable, "1")
	demo := exec.Command(os.Args[0], "demo", "--replicas", "2", "--fixtures", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	demo.Stderr = os.Stderr
	stdout, err := demo.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	d := read(t, stdout)
	if err := demo.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = demo.Wait()
	d.gone()
}

func TestDemoNamedEngine(t *testing.T) {
	testlevel.Short(t)
	engine := testengine.Start(t)
	d, stop := startDemo(t, "--replicas", "2", "--engine", "redis://:secret@"+engine.Addr())
	if text := strings.Join(d.head, "\n"); !strings.Contains(text, engine.Addr()) || strings.Contains(text, "secret") {
		t.Errorf("printed:\n%s", text)
	}
	d.polls(0)
	if code := stop(); code != exitOK || refuses(engine.Addr()) {
		t.Errorf("exit code %d, engine ended: %v", code, refuses(engine.Addr()))
	}
}

// A replica that can't start ends the demo, with its engine and the replicas before it.
func TestDemoReplicaFails(t *testing.T) {
	testlevel.Short(t)
	needEngine(t)
	t.Setenv(programVariable, "1")
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr")) // a file, because processes write to it at the same time
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()                                                                     //nolint:errcheck // the test reads it again
	args := strings.Fields("demo --replicas 2 --listen 127.0.0.1:0 --admin 127.0.0.1:65534") // the second one has no port
	code := Run(t.Context(), args, os.LookupEnv, io.Discard, stderr)
	printed, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	if text := string(printed); code != exitFailed || !strings.Contains(text, "choose other ports") || !strings.Contains(text, "replica 2 has not started") {
		t.Errorf("exit code %d, printed:\n%s", code, text)
	}
}
