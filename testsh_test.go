package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// checkout returns a folder with test.sh and its inputs, and a folder of programs. The fake go, npm and browsers write their arguments to the
// file calls; go fails if its arguments contain $BREAK.
func checkout(t *testing.T, programs map[string]string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	script, err := os.ReadFile("test.sh")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"test.sh": string(script), "docs/api.md": "", "handlers/openapi.json": "", "web/src/a": "", "web/dist/a": "", "web/npm/a": "", "tools/go.mod": "", "tools/release/go.mod": "", "deploy/prometheus/alerts.yaml": "",
		"tools/node/node_modules/.bin/redocly": "#!/bin/sh\n", "tools/node/node_modules/.bin/tsc": "#!/bin/sh\n",
		"bin/go": `#!/bin/sh
echo "go $*" >> "$CALLS"
case "$*" in
*"${BREAK:-nothing}"*) echo "--- FAIL: TestBroken (0.00s)"; for i in 1 2 3 4 5 6 7 8 9 10; do printf 'log\nlog\nlog\nlog\nlog\n'; done; echo "broken: $*"; exit 1 ;;
"list ./...") echo waitboard/app; echo waitboard/browser ;;
"env CGO_ENABLED") echo 1 ;;
*-list*) echo FuzzOne; echo "ok  	waitboard/app" ;;
*TestOtherEngines*) echo "    --- PASS: TestOtherEngines/Firefox"; echo "    --- PASS: TestOtherEngines/WebKit" ;;
esac
`,
	}
	for name, text := range programs {
		files["bin/"+name] = "#!/bin/sh\n" + text + "\n"
	}
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"bash", "dirname", "mktemp", "mkdir", "sed", "tail", "grep", "tar", "rm", "cat", "tee", "diff", "touch", "chmod"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("test.sh can't run here: %v", err)
		}
		if err := os.Symlink(path, filepath.Join(folder, "bin", name)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

var (
	person = map[string]string{"id": "echo 1000", "uname": "echo Linux"}
	mac    = map[string]string{"id": "echo 501", "uname": "echo Darwin"}
	// root is a user whose apt-get installs everything.
	root = map[string]string{"id": "echo 0", "uname": "echo Linux", "apt-get": `echo "apt-get $*" >> "$CALLS"
case "$*" in
*nodejs*) for name in node npm; do echo "#!/bin/sh" > bin/$name; chmod +x bin/$name; done ;;
*chromium*) echo "#!/bin/sh" > bin/chromium; chmod +x bin/chromium ;;
*prometheus*) echo "#!/bin/sh" > bin/promtool; chmod +x bin/promtool ;;
*redis-server*) echo "#!/bin/sh" > bin/redis-server; chmod +x bin/redis-server ;;
*systemd*) for name in systemd-analyze adduser; do echo "#!/bin/sh" > bin/$name; chmod +x bin/$name; done ;;
*wordpress*) ;;
*nginx-light*) echo "#!/bin/sh" > bin/nginx; chmod +x bin/nginx ;;
*varnish*) echo "#!/bin/sh" > bin/varnishd; chmod +x bin/varnishd ;;
*caddy*) echo "#!/bin/sh" > bin/caddy; chmod +x bin/caddy ;;
*firefox-esr*) echo "#!/bin/sh" > bin/firefox-esr; chmod +x bin/firefox-esr ;;
*webkit2gtk-driver*) for name in WebKitWebDriver Xvfb; do echo "#!/bin/sh" > bin/$name; chmod +x bin/$name; done ;;
esac`}
	// offline is root without a network.
	offline = map[string]string{"id": "echo 0", "uname": "echo Linux", "apt-get": "echo no network >&2; exit 100"}
	// equipped has all tools of the default level.
	equipped = map[string]string{"id": "echo 1000", "uname": "echo Linux", "node": "", "npm": "", "chromium": "", "valkey-server": "", "promtool": ""}
)

func TestScriptOfChecks(t *testing.T) {
	for _, test := range []struct {
		name, arguments string
		programs        map[string]string
		environment     []string
		code            int
		counts          string
		says, calls     []string
	}{
		{"quick", "--quick", person, nil, 0, "2 passed, 0 failed, 0 skipped", nil, []string{`go test .*-short waitboard/app\n`}},
		{"quick needs nothing else in CI", "--quick", person, []string{"CI=true"}, 0, "2 passed, 0 failed, 0 skipped", nil, nil},
		{"usual", "", equipped, nil, 0, "12 passed, 0 failed, 0 skipped", nil, []string{`go test .*-race waitboard/app\n`, `-race .*\./browser`}},
		{"a failure stops nothing", "", equipped, []string{"BREAK=vet ./..."}, 1, "11 passed, 1 failed, 0 skipped",
			[]string{`FAILED +\d+s  go vet: exit code 1, output in \S+go_vet\.log\n`, `== FAILED: go vet, .*\n--- FAIL: TestBroken .*\n(log\n){39}broken: vet`, `passed +\d+s  Chromium\n`}, nil},
		{"two failures", "", equipped, []string{"BREAK=test -vet=off"}, 1, "10 passed, 2 failed, 0 skipped",
			[]string{`FAILED +\d+s  Go tests with the race detector`, `FAILED +\d+s  Chromium`}, nil},
		{"a person without tools", "", person, nil, 0, "7 passed, 0 failed, 6 skipped",
			[]string{`skipped +-  types \(tsc\): needs node npm: apt-get install nodejs npm, or brew install node\n`, `skipped +-  Chromium: needs chromium`}, nil},
		{"a Mac without tools", "", mac, []string{"BREAK=env CGO_ENABLED"}, 0, "7 passed, 0 failed, 6 skipped", nil, []string{`go test .*-race waitboard/app\n`}},
		{"no C compiler", "", person, []string{"BREAK=env CGO_ENABLED"}, 0, "7 passed, 0 failed, 7 skipped",
			[]string{`skipped +-  race detector: needs a C compiler`, `passed +\d+s  Go tests\n`}, []string{`TestSoak\$ waitboard/app\n`}},
		{"CI without tools", "", person, []string{"CI=true"}, 1, "7 passed, 6 failed, 0 skipped", []string{`FAILED +-  Chromium: .*CI skips nothing`}, nil},
		{"installation fails", "", offline, nil, 0, "7 passed, 0 failed, 6 skipped", []string{`no network`}, nil},
		{"npm ci fails", "", map[string]string{"id": "echo 1000", "uname": "echo Linux", "node": "", "npm": "exit 1", "chromium": "", "valkey-server": "", "promtool": ""}, nil, 1, "9 passed, 1 failed, 3 skipped",
			[]string{`skipped +-  types \(tsc\): npm ci failed`}, nil},
		{"full as root", "--full", root, []string{"CI=true"}, 0, "16 passed, 0 failed, 0 skipped", []string{`passed +\d+s  soak for 1m`, `passed +\d+s  WebKit`, `passed +\d+s  neighbors`},
			[]string{`apt-get \S+ \S+ update`, `install .* nodejs npm\n`, `install .* chromium fonts-liberation\n`, `install .* webkit2gtk-driver xvfb\n`, `install .* varnish\n`, `install .* wordpress `}},
		{"soak and fuzz", "--quick --soak 2h --fuzz 1m30s", person, nil, 0, "5 passed, 0 failed, 0 skipped",
			[]string{`soak for 2h`, `FuzzOne for 1m30s`}, []string{`-fuzz \^FuzzOne\$ -fuzztime 1m30s`}},
		{"help", "--help", person, nil, 0, "", []string{`^Runs the checks`}, nil},
		{"unknown argument", "--fast", person, nil, 2, "", []string{`unknown argument: --fast\n\nRuns the checks`}, nil},
		{"no duration", "--fuzz", person, nil, 2, "", []string{`--fuzz needs a duration`}, nil},
		{"two levels", "--quick --full", person, nil, 2, "", []string{`exclude each other`}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			folder := checkout(t, test.programs)
			command := exec.CommandContext(t.Context(), filepath.Join(folder, "bin", "bash"), append([]string{"test.sh"}, strings.Fields(test.arguments)...)...)
			command.Dir = folder
			calls := filepath.Join(folder, "calls")
			command.Env = append([]string{"PATH=" + filepath.Join(folder, "bin"), "TMPDIR=" + folder, "CALLS=" + calls}, test.environment...)
			output, err := command.CombinedOutput()
			if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := command.ProcessState.ExitCode(); got != test.code {
				t.Errorf("exit code %d, want %d", got, test.code)
			}
			if test.counts != "" && !strings.HasSuffix(string(output), "\n"+test.counts+"\n") {
				t.Errorf("the last line is not %q", test.counts)
			}
			called, _ := os.ReadFile(calls)
			for _, pattern := range test.says {
				if !regexp.MustCompile(pattern).Match(output) {
					t.Errorf("the output has no %s", pattern)
				}
			}
			for _, pattern := range test.calls {
				if !regexp.MustCompile(pattern).Match(called) {
					t.Errorf("no call matches %s", pattern)
				}
			}
			if n := strings.Count(string(called), " update "); n > 1 {
				t.Errorf("apt-get update ran %d times", n)
			}
			if t.Failed() {
				t.Logf("output:\n%s\ncalls:\n%s", output, called)
			}
		})
	}
}
