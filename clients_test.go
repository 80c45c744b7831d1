package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waitboard/internal/testlevel"
	"waitboard/internal/testprogram"
	"waitboard/simulator"
)

// A running is a service in a process of its own.
type running struct{ *testprogram.Process }

// run starts a service of one widget, support, through a shell command with the program as $0 and its configuration file as $1.
func run(t *testing.T, command string) (r running, folder string) {
	t.Helper()
	folder = t.TempDir()
	sim, err := simulator.Start(simulator.Options{Seed: 3, InitTime: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	file := filepath.Join(folder, "waitboard.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, `
listen: 127.0.0.1:0
admin: ""
sources: {hq: {url: %q, key_env: KEY, interval: 100ms}}
widgets: {support: {metrics: {waiting: {metric: K0FLAEB6}}}}
`, sim.URL()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", command, program(t), file)
	cmd.Env = append(os.Environ(), "KEY="+sim.Key())
	return running{testprogram.Start(t, cmd)}, folder
}

const clientsFolder = "internal/clients"

// copied returns a copy of a folder, in which generated files may lie. It has a go.mod or package.json of its own.
func copied(t *testing.T, folder string) string {
	t.Helper()
	to := t.TempDir()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, f.Name()), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// inFolder runs a command, which must succeed.
func inFolder(t *testing.T, folder, name string, arguments ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, arguments...)
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out)
	}
}

// document saves the service's OpenAPI document in a folder.
func (r running) document(t *testing.T, folder string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, "openapi.json"), []byte(fetch(t, r.URL+"/v1/openapi.json")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// oapi-codegen generates a client that compiles and reads the service. So do clients of event streams in Go.
func TestGoClients(t *testing.T) {
	testlevel.Full(t)
	r, _ := run(t, `exec "$0" serve --config "$1"`)
	r.shows(t)
	folder := copied(t, clientsFolder)
	r.document(t, folder)
	if err := os.Mkdir(filepath.Join(folder, "api"), 0o700); err != nil {
		t.Fatal(err)
	}
	inFolder(t, folder, "go", "tool", "oapi-codegen", "-generate", "types,client", "-package", "api", "-o", "api/api.go", "openapi.json")
	inFolder(t, folder, "go", "run", ".", r.URL)
}

// The types that openapi-typescript generates narrow a snapshot, and the npm package eventsource reads a stream.
func TestNPMClients(t *testing.T) {
	testlevel.Full(t)
	testlevel.Need(t, "npm", "npm")
	r, _ := run(t, `exec "$0" serve --config "$1"`)
	r.shows(t)
	folder := copied(t, clientsFolder+"/node")
	r.document(t, folder)
	inFolder(t, folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	inFolder(t, folder, "node_modules/.bin/openapi-typescript", "openapi.json", "-o", "api.ts")
	inFolder(t, folder, "node_modules/.bin/tsc", "--strict", "--noEmit", "--module", "nodenext", "--skipLibCheck", "use.ts")
	inFolder(t, folder, "node", "events.js", r.URL)
}

// shows waits until the widget has a value.
func (r running) shows(t *testing.T) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !strings.Contains(fetch(t, r.URL+"/v1/widgets/support"), `"state":"open"`) {
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatal("the widget has no value")
		}
	}
}
