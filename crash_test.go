package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"waitboard/simulator"
)

// crashes is how often the service is killed: WAITBOARD_CRASHES, or a few times.
func crashes(t *testing.T) int {
	t.Helper()
	text := os.Getenv("WAITBOARD_CRASHES")
	if text == "" {
		return 25
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("WAITBOARD_CRASHES: %v", err)
	}
	return n
}

const (
	crashHideAfter = 2 * time.Second
	crashGrace     = time.Second // for a busy machine: from when a value is due to be hidden until the reader has its answer
)

// Killed at any moment, the service starts again, and never shows a value that is too old, or from the future.
func TestKilledAtAnyMoment(t *testing.T) {
	path, folder := program(t), t.TempDir()
	sim, err := simulator.Start(simulator.Options{Seed: 3, InitTime: -1, Speed: 50})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	file := filepath.Join(folder, "waitboard.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, `
listen: 127.0.0.1:0
admin: ""
data_dir: data
sources: {hq: {url: %q, key_env: KEY, interval: 100ms}}
widgets: {w: {stale_after: 500ms, hide_after: %s, metrics: {wait: {metric: Current Wait Time}, waiting: {metric: K0FLAEB6}}}}
`, sim.URL(), crashHideAfter), 0o600); err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	seen := map[string]int{}
	var down time.Time // since when the source does not answer; zero: it does
	for n := range crashes(t) {
		up := n != 1 && (n == 0 || random.IntN(2) == 0)
		fault := simulator.Fault{}
		if !up {
			fault.Mode = simulator.ModeDown
		}
		if err := sim.SetFault(fault); err != nil {
			t.Fatal(err)
		}
		if up {
			down = time.Time{}
		} else if down.IsZero() {
			down = time.Now()
		}
		life := time.Duration(random.IntN([]int{20, 300}[random.IntN(2)])) * time.Millisecond // the first values are written within a few
		if n == 0 || random.IntN(12) == 0 {
			life += crashHideAfter
		}
		for kind, times := range liveAndBeKilled(t, path, file, sim.Key(), life, down) {
			if !up {
				kind += " without the source"
			}
			seen[kind] += times
		}
		if t.Failed() {
			t.Fatalf("life %d with seed %d", n, seed)
		}
	}
	t.Logf("answers: %v", seen)
	if seen["shown"] == 0 || seen["shown without the source"] == 0 {
		t.Errorf("nothing was restored: %v", seen)
	}
	if aside, err := filepath.Glob(filepath.Join(folder, "data", "*.set-aside-*")); err != nil || len(aside) > 0 {
		t.Errorf("a file was damaged: %v, %v", aside, err)
	}
}

var publicURL = regexp.MustCompile(`for=public url=(\S+)`)

// liveAndBeKilled starts the service, asks it for its widget again and again for so long, and kills it. It counts the answers by whether
// they show a value.
func liveAndBeKilled(t *testing.T, path, file, key string, life time.Duration, down time.Time) map[string]int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), path, "serve", "--config", file)
	cmd.Env = append(os.Environ(), "KEY="+key)
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
			url = found[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stderr) }()
	seen := map[string]int{}
	if url == "" {
		t.Errorf("it does not start: %s", &log)
	}
	for end := time.Now().Add(life); url != "" && !t.Failed(); {
		seen[ask(t, url, down)]++
		if !time.Now().Before(end) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return seen
}

// ask asks for the widget, and tells whether a value is shown. None can be younger than the time at which the source went down.
func ask(t *testing.T, url string, down time.Time) string {
	t.Helper()
	var s struct {
		State      string
		ObservedAt time.Time `json:"observed_at"`
		Metrics    []struct{ Value any }
	}
	asked := time.Now()
	body := fetch(t, strings.TrimSuffix(url, "/")+"/v1/widgets/w")
	answered := time.Now()
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Errorf("%v: %s", err, body)
	}
	if s.State != "open" {
		for _, m := range s.Metrics {
			if m.Value != nil {
				t.Errorf("a value while it is %s: %s", s.State, body)
			}
		}
		return "hidden"
	}
	if s.ObservedAt.After(answered) || !down.IsZero() && s.ObservedAt.After(down) || asked.Sub(s.ObservedAt) > crashHideAfter+crashGrace {
		t.Errorf("asked at %v: %s", asked, body)
	}
	return "shown"
}
