package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"waitboard/internal/testlevel"
	"waitboard/internal/testprogram"
	"waitboard/simulator"
)

// notRun names the blocks of commands that TestCommands doesn't run, by their first line, with the reason.
var notRun = map[string]string{
	"go run . demo": "TestDemo runs it",
	"sudo apt-get install ./waitboard_0.1.0_amd64.deb       # or: sudo dnf install ./waitboard-0.1.0-1.x86_64.rpm": "a test of its own installs the package",
	"docker build --file deploy/Dockerfile --tag waitboard .":                                                      "needs Docker",
}

// commandsOf lists the pages whose commands run, those of one page in one shell.
var commandsOf = []struct {
	page    string
	prepare func(t *testing.T, h *host)
	prints  []string // among what the commands print, in this order
}{
	{"README.md", nil, []string{"waitboard.yaml", "Current Wait Time", `"state":"open"`}},
	{"docs/install.md", unpacked, []string{"waitboard_0.1.0_linux_amd64.tar.gz: OK", "waitboard 0.1.0", "Current Wait Time", `"state":"open"`, "Fit to serve.", "Restore drill", "Killed", "Restore drill"}},
	{"docs/operations.md", embedded, []string{`"persistent":false`, "Phones are down, use chat"}},
	{"docs/embedding.md", embedded, []string{"<wait-time ", "All widgets can be seen."}},
}

// hostShell defines the commands of a host that a test must not run: sudo, systemctl and go.
//
//go:embed testdata/host.sh
var hostShell string

// A host is a folder that looks like a machine to the commands of a page.
type host struct {
	root    string // the root of its files
	program string // built from this source
	sim     *simulator.Simulator
	replace []string // pairs, in addition to the usual ones
}

var (
	shellOrYAML = regexp.MustCompile("(?ms)^```(sh|yaml)\n(.*?)^```$")
	pasted      = regexp.MustCompile("(?ms)^```html\n(<(?:wait-time|a) .*?)^```$") // what snippet prints
	systemPath  = regexp.MustCompile(`(^|[\s"])/(etc|run|usr|var)/`)
)

// script returns what a reader of a page does: runs the commands, and writes the files whose path is in the first line.
func (h *host) script(t *testing.T, text string, skipped map[string]bool) string {
	t.Helper()
	script := strings.Builder{}
	script.WriteString(hostShell)
	local := strings.NewReplacer(append(h.replace,
		"https://chronicall.example.com:9080/rest", h.sim.URL(), "KEY=…", "KEY="+h.sim.Key(), "http://127.0.0.1:8080", "$PUBLIC", "http://127.0.0.1:9090", "$ADMIN",
		"./waitboard serve\n", "serve ./waitboard waitboard.yaml\n", " -C /", " -C $ROOT/")...)
	blocks := 0
	for _, found := range shellOrYAML.FindAllStringSubmatch(text, -1) {
		body, _, _ := strings.Cut(found[2], "\n")
		first := body
		path, named := strings.CutPrefix(first, "# /")
		body = systemPath.ReplaceAllString(local.Replace(found[2]), "${1}$$ROOT/$2/")
		switch {
		case found[1] == "sh" && notRun[first] != "":
			skipped[first] = true
		case found[1] == "sh":
			fmt.Fprintf(&script, "echo '== %s' >&2\n%s", strings.ReplaceAll(first, "'", ""), body)
			blocks++
		case named:
			fmt.Fprintf(&script, "cat >\"$ROOT/%s\" <<YAML\nlisten: 127.0.0.1:0\nadmin: localhost:0\n%sYAML\n", path, body)
		}
	}
	if blocks == 0 {
		t.Fatal("the page has no commands")
	}
	return script.String()
}

// TestCommands runs the commands of the pages that people follow step by step, with a simulated phone system.
func TestCommands(t *testing.T) {
	path, skipped := program(t), map[string]bool{}
	for _, name := range []string{"bash", "curl", "sha256sum", "tar", "install"} {
		testlevel.Need(t, name, "bash curl coreutils tar")
	}
	for _, test := range commandsOf {
		t.Run(test.page, func(t *testing.T) {
			sim, err := simulator.Start(simulator.Options{Seed: 3, InitTime: -1})
			if err != nil {
				t.Fatal(err)
			}
			defer sim.Close()
			h := &host{root: t.TempDir(), program: path, sim: sim}
			work := filepath.Join(h.root, "home")
			for _, folder := range []string{"home", "etc/systemd/system", "run", "usr/bin", "var/lib"} {
				if err := os.MkdirAll(filepath.Join(h.root, folder), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if test.prepare != nil {
				test.prepare(t, h)
			}
			text, err := os.ReadFile(test.page)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // only failures take that long
			defer cancel()
			cmd := exec.CommandContext(ctx, "bash", "-c", h.script(t, string(text), skipped))
			cmd.Dir, cmd.Stdin = work, strings.NewReader(sim.Key()+"\n")
			cmd.Env = append(os.Environ(), "ROOT="+h.root, "PROGRAM="+path, "PATH="+filepath.Join(h.root, "usr/bin")+":"+os.Getenv("PATH"))
			cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(syscall.SIGTERM) }, 10*time.Second
			printed, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, printed)
			}
			for _, found := range pasted.FindAllStringSubmatch(string(text), -1) {
				if test.page == "docs/embedding.md" && !strings.Contains(string(printed), found[1]) {
					t.Errorf("snippet doesn't print\n%sbut\n%s", found[1], printed)
				}
			}
			rest := string(printed)
			for _, want := range test.prints {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("the commands don't print %q there:\n%s", want, printed)
				}
				rest = after
			}
		})
	}
	for first := range notRun {
		if !skipped[first] {
			t.Errorf("no page has the block %q", first)
		}
	}
}

// unpacked puts a release's archive and its checksum into the home folder.
func unpacked(t *testing.T, h *host) {
	t.Helper()
	const folder, name = "waitboard_0.1.0_linux_amd64/", "waitboard_0.1.0_linux_amd64.tar.gz"
	var archive bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&archive, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewWriter(zipped)
	for path, from := range map[string]string{"waitboard": h.program, "waitboard.service": "deploy/waitboard.service", "waitboard.yaml": "examples/waitboard.yaml"} {
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := files.WriteHeader(&tar.Header{Name: folder + path, Mode: 0o755, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(h.root, "home", name), archive.String())
	write(t, filepath.Join(h.root, "home/SHA256SUMS"), fmt.Sprintf("%x  %s\n%x  another.tar.gz\n", sha256.Sum256(archive.Bytes()), name, sha256.Sum256(nil)))
}

// embedded runs the service, and a page of a customer with its widget.
func embedded(t *testing.T, h *host) {
	t.Helper()
	file := filepath.Join(h.root, "home/waitboard.yaml")
	write(t, file, fmt.Sprintf(`
listen: 127.0.0.1:0
admin: localhost:0
public_url: https://wait.example.com
sources: {hq: {url: %q, key_env: CHRONICALL_KEY}}
widgets: {support: {title: Customer support, metrics: {wait: {metric: Current Wait Time, category: Support}, waiting: {metric: Calls in Queue}}}}
`, h.sim.URL()))
	service := testprogram.Serve(t, file, "CHRONICALL_KEY="+h.sim.Key())
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<!doctype html><title>Contact</title><body><script async src="%s/v1/widget.js" data-widget="support"></script>`, service.URL)
	}))
	t.Cleanup(site.Close)
	if err := os.Symlink(h.program, filepath.Join(h.root, "usr/bin/waitboard")); err != nil {
		t.Fatal(err)
	}
	h.replace = []string{"https://www.example.com", site.URL, "https://wait.example.com", service.URL, "http://127.0.0.1:9090", service.Admin()}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
