package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"waitboard/internal/testlevel"
	"waitboard/internal/testprogram"
	"waitboard/simulator"
)

// The browser of the scripts is Node with an element that prints its text.
const consoleElement = `
const element = { set textContent(text) { console.log(text); } };
globalThis.document = { querySelector: (selector) => selector === "#wait" ? element : null };
`

// The programs of docs/api.md show the values of a running service, and hide them when it no longer answers.
func TestAPIExamples(t *testing.T) {
	page, err := os.ReadFile("docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string][]string{}
	for _, found := range regexp.MustCompile("(?ms)^```(js|go)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1) {
		blocks[found[1]] = append(blocks[found[1]], found[2])
	}
	if len(blocks["js"]) != 3 || len(blocks["go"]) != 1 {
		t.Fatalf("the page has %d scripts and %d programs", len(blocks["js"]), len(blocks["go"]))
	}
	poll, seconds, follow := blocks["js"][0], blocks["js"][1], blocks["js"][2]
	for _, test := range []struct{ name, file, source string }{
		{"poll", "poll.mjs", consoleElement + poll + seconds + "\nsecondsNow({ value: 1 });"},
		{"follow", "follow.mjs", consoleElement + strings.Replace(poll, "\npoll();\n", "\n", 1) + follow},
		{"Go", "main.go", blocks["go"][0]},
	} {
		t.Run(test.name, func(t *testing.T) {
			service := serveSupport(t)
			if !strings.Contains(test.source, "https://wait.example.com") {
				t.Fatal("it has no address of a service")
			}
			file := filepath.Join(t.TempDir(), test.file)
			write(t, file, strings.ReplaceAll(test.source, "https://wait.example.com", service.URL))
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // only failures take that long
			defer cancel()
			var cmd *exec.Cmd
			if test.file == "main.go" {
				inFolder(t, filepath.Dir(file), "go", "build", "-o", "example", test.file)
				cmd = exec.CommandContext(ctx, filepath.Join(filepath.Dir(file), "example")) //nolint:gosec // just built
			} else {
				cmd = exec.CommandContext(ctx, node(t), "--experimental-eventsource", file) //nolint:gosec // ours
			}
			lines := printed(t, cmd)
			lines("Calls in queue")
			service.Kill()
			lines("Not available")
		})
	}
}

// node returns the path of Node. It skips the test if that is too old for EventSource.
func node(t *testing.T) string {
	t.Helper()
	path := testlevel.Need(t, "node", "nodejs")
	if err := exec.CommandContext(t.Context(), path, "--experimental-eventsource", "--version").Run(); err != nil { //nolint:gosec // ours
		t.Skipf("Node is older than 20.18: %v", err)
	}
	return path
}

// serveSupport runs a service of one widget, support, whose values are hidden soon.
func serveSupport(t *testing.T) *testprogram.Process {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 3, InitTime: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	file := filepath.Join(t.TempDir(), "waitboard.yaml")
	write(t, file, fmt.Sprintf(`
listen: 127.0.0.1:0
admin: ""
sources: {hq: {url: %q, key_env: KEY, interval: 1s}}
widgets: {support: {stale_after: 1s, hide_after: 2s, metrics: {waiting: {metric: Calls in Queue, label: Calls in queue}}}}
`, sim.URL()))
	service := testprogram.Serve(t, file, "KEY="+sim.Key())
	running{service}.shows(t)
	return service
}

// printed starts a command, and returns a function that waits until it prints a line with a text.
func printed(t *testing.T, cmd *exec.Cmd) func(want string) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = in, in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close() // the command has its own
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_, _ = cmd.Wait(), out.Close()
	})
	lines := bufio.NewScanner(out)
	return func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("it ended without %q", want)
	}
}
