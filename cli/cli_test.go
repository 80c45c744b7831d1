package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waitboard/config"
	"waitboard/internal/golden"
	"waitboard/simulator"
	"waitboard/web"
)

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		os.Exit(Run(context.Background(), os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr))
	}
	goleak.VerifyTestMain(m)
}

// run executes a command line with the given environment.
func run(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), args, func(name string) (string, bool) { v, ok := env[name]; return v, ok }, &out, &errs)
	return code, out.String(), errs.String()
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "waitboard.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func simulate(t *testing.T) *simulator.Simulator {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 1, InitTime: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sim.Close() })
	return sim
}

// compare compares with a file in testdata, once the address that differs from run to run is masked.
func compare(t *testing.T, name, got string) {
	t.Helper()
	golden.Check(t, name, regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(got, "HOST:PORT"))
}

func TestArguments(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	good := file(t, "listen: "+taken.Addr().String()+"\nsources: {hq: {url: 'http://127.0.0.1:1', key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: M}}}}")
	env := map[string]string{"KEY": "k"}
	tests := []struct {
		args           string
		code           int
		stdout, stderr string // parts
	}{
		{"", 0, "waitboard demo", ""},
		{"--help", 0, "discover", ""},
		{"--help", 0, "Exit codes: 0 done, 1 failed, 2 wrong", ""},
		{"serve --help", 0, "--config", ""},
		{"version", 0, "waitboard " + version, ""},
		{"help", 0, "discover", ""},
		{"help serve", 0, "--config", ""},
		{"--version", 0, "waitboard " + version, ""},
		{"serve --config=", 2, "", "--config: the name of the file is missing"},
		{"nosuch", 2, "", "unexpected argument nosuch\n"},
		{"serve x.yaml", 2, "", "unexpected argument x.yaml (a configuration file is named with --config)\n"},
		{"check x.yaml", 2, "", "(a configuration file is named with --config)\n"},
		{"snippet w x.yaml", 2, "", "(a configuration file is named with --config)\n"},
		{"simulate x.yaml", 2, "", "unexpected argument x.yaml\n"},
		{"serve --nosuch", 2, "", "--nosuch"},
		{"serve --log-level loud", 2, "", "--log-level"},
		{"serve --config /nonexistent.yaml", 2, "", "/nonexistent.yaml: cannot be read: there is no such file"},
		{"check --config /nonexistent.yaml", 2, "", "/nonexistent.yaml: cannot be read: there is no such file"},
		{"serve --config " + good, 1, "", "listen: can't listen on " + taken.Addr().String()},
		{"check --patience 0s --config " + good, 2, "", "--patience: must be more than 0"},
		{"check --patience=-1s --config " + good, 2, "", "--patience: must be more than 0"},
		{"demo --listen 0.0.0.0:0", 2, "", "must be a loopback address"},
		{"demo --admin :0", 2, "", "must be a loopback address"},
		{"demo --listen " + taken.Addr().String(), 1, "", "--listen"},
		{"simulate --listen " + taken.Addr().String(), 1, "", "address already in use"},
		{"simulate --listen foo", 2, "", "API port: can't listen on foo: it is not an address of the form host:port"},
		{"simulate --listen 127.0.0.1:0 --control 127.0.0.1:99999", 2, "", "control port: can't listen on 127.0.0.1:99999: the port"},
		{"demo --listen 127.0.0.1:99999", 2, "", "listen: can't listen on 127.0.0.1:99999: the port"},
		{"simulate --speed=-1", 2, "", "peed"},
		{"snippet support --config /nonexistent.yaml", 2, "", "there is no such file"},
		{"snippet w --kind link --config " + good, 0, "/w/w", "has no public_url"},
		{"snippet w --kind image --metric m --config " + good, 2, "", "--metric: only the kinds element, script and react"},
		{"snippet w --kind nosuch", 2, "", "--kind"},
		{"snippet", 2, "", "widget"},
		{"doctor", 2, "", "url"},
		{"doctor example.com", 2, "", "http://"},
		{"doctor /tmp/x.html", 2, "", "http://"},
		{"doctor http://127.0.0.1:1/ --service wait.example.com", 2, "", "the service needs an address that starts with http:// or https://"},
		{"doctor http://127.0.0.1:1/", 1, "", "the page can't be fetched: the connection is refused; does it listen on that host and port?\n"},
		{"ready example.com", 2, "", "http://"},
		{"ready http://", 2, "", "http://"},
		{"ready http://127.0.0.1:1/", 1, "", "the service can't be reached: the connection is refused"},
		{"discover --key-env KEY", 2, "", "--url"},
		{"discover --url example.com --key-env KEY", 2, "", "--url: must start with http:// or https://"},
		{"discover --url http://127.0.0.1:1 --key-env NOSUCH", 2, "", "--key-env: the environment variable NOSUCH is not set (name the variable"},
		{"discover --url http://127.0.0.1:1 --key-env KEY", 1, "", "the connection is refused"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			code, stdout, stderr := run(t, env, strings.Fields(test.args)...)
			if code != test.code || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
				t.Errorf("exit code %d\nstdout: %s\nstderr: %s", code, stdout, stderr)
			}
			if printed := stderr != ""; printed != (code != 0 || test.stderr != "") {
				t.Errorf("exit code %d with stderr %q", code, stderr)
			}
		})
	}
}

func TestEmptyCommand(t *testing.T) {
	code, stdout, stderr := run(t, nil, "")
	if code != 2 || stdout != "" || !strings.Contains(stderr, "the name of the command is empty\n") || strings.Contains(stderr, "did you mean") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}

// full is an output that fails, like a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestFullOutput(t *testing.T) {
	sim := simulate(t)
	path := file(t, "sources: {hq: {url: '"+sim.URL()+"', key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: Notice}}}}")
	unfit := file(t, "sources: {hq: {url: '"+sim.URL()+"', key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: Nothing}}}}")
	for args, want := range map[string]int{
		"": 1, "--help": 1, "version": 1, "snippet w --config " + path: 1, "check --config " + path: 1, "check --config " + unfit: 1,
		"discover --key-env KEY --url " + sim.URL(): 1, "nosuch": 2,
	} {
		var errs bytes.Buffer
		code := Run(t.Context(), strings.Fields(args), func(string) (string, bool) { return sim.Key(), true }, full{}, &errs)
		if said := strings.Count(errs.String(), "no space left"); code != want || (said == 1) != (want == 1) {
			t.Errorf("%s: exit code %d: %s", args, code, errs.String())
		}
	}
}

func TestAllMistakesOfAFile(t *testing.T) {
	path := file(t, "sources: {hq: {url: ftp://x, key: SECRET, interval: 5}}\nwidgets: {w: {metrics: {m: {}}}}\n")
	code, _, stderr := run(t, nil, "serve", "--config", path)
	if lines := strings.Count(stderr, path+":"); code != 2 || lines < 4 || strings.Contains(stderr, "SECRET") {
		t.Errorf("exit code %d, %d lines:\n%s", code, lines, stderr)
	}
}

func TestDiscover(t *testing.T) {
	sim := simulate(t)
	env := map[string]string{"CHRONICALL_KEY": sim.Key()}
	code, stdout, stderr := run(t, env, "discover", "--url", sim.URL(), "--key-env", "CHRONICALL_KEY")
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	compare(t, "discover.txt", stdout)
	if _, err := config.Parse("discovered.yaml", []byte(stdout), func(string) (string, bool) { return "k", true }); err != nil {
		t.Errorf("what it prints is no configuration: %v", err)
	}
	if code, stdout, _ := run(t, env, "check", "--config", file(t, stdout)); code != 0 {
		t.Errorf("what it prints is not fit to serve:\n%s", stdout)
	}
	if code, _, stderr := run(t, map[string]string{"CHRONICALL_KEY": "wrong"}, "discover", "--url", sim.URL(), "--key-env", "CHRONICALL_KEY"); code != 1 || !strings.Contains(stderr, "the key is rejected") {
		t.Errorf("with a wrong key: exit code %d: %s", code, stderr)
	}
}

// TestDiscoverWritesANewFile checks that discover writes a complete file and never overwrites one.
func TestDiscoverWritesANewFile(t *testing.T) {
	sim := simulate(t)
	none := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "[]") }))
	defer none.Close()
	there := filepath.Join(t.TempDir(), "waitboard.yaml")
	run := func(url, key, path string) (int, string, string) {
		return run(t, map[string]string{"KEY": key}, "discover", "--url", url, "--key-env", "KEY", "--output", path)
	}
	for name, test := range map[string]struct{ url, key, path, want string }{
		"a wrong key":           {sim.URL(), "wrong", there, "the key is rejected"},
		"no metrics":            {none.URL, "k", there, "the key in KEY may read no metrics; assign some"},
		"a folder that is none": {sim.URL(), sim.Key(), filepath.Join(there, "x.yaml"), "no such file"},
	} {
		if code, stdout, stderr := run(test.url, test.key, test.path); code != 1 || stdout != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: exit code %d\n%s%s", name, code, stdout, stderr)
		}
	}
	if _, err := os.Stat(there); !errors.Is(err, os.ErrNotExist) {
		t.Error("there is a file:", err)
	}
	if code, stdout, stderr := run(sim.URL(), sim.Key(), there); code != 0 || stderr != "" || !strings.Contains(stdout, "waitboard check --config "+there) {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	written, err := os.ReadFile(there)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "discover.txt", strings.ReplaceAll(string(written), "KEY", "CHRONICALL_KEY"))
	if code, _, stderr := run(sim.URL(), sim.Key(), there); code != 1 || !strings.Contains(stderr, "exists already") {
		t.Errorf("once more: exit code %d: %s", code, stderr)
	}
	if again, _ := os.ReadFile(there); !bytes.Equal(again, written) {
		t.Error("the file has changed")
	}
}

func TestDiscoverFailures(t *testing.T) {
	for status, want := range map[int]string{
		http.StatusForbidden:           "the request is forbidden (status 403): ",
		http.StatusNotFound:            "check the path of --url",
		http.StatusInternalServerError: "returned no list: status 500",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		defer server.Close()
		code, _, stderr := run(t, map[string]string{"KEY": "k"}, "discover", "--url", server.URL, "--key-env", "KEY")
		if code != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%d: exit code %d: %s", status, code, stderr)
		}
	}
}

func TestCheck(t *testing.T) {
	sim := simulate(t)
	text := "listen: 127.0.0.1:0\nadmin: ''\nsources:\n  hq: {url: " + sim.URL() + ", key_env: KEY}\n  down: {url: 'http://127.0.0.1:1', key_env: KEY}\nwidgets:\n" + `
  support:
    metrics:
      notice: {source: hq, metric: Notice}
      callback: {source: hq, metric: Next Callback}
      hidden: {source: hq, metric: K0G5LMNP, display: {above: 5}}
      percent: {source: hq, metric: Service Level}
  broken:
    metrics:
      typo: {source: hq, metric: Currant Wait Time}
      twice: {source: hq, metric: Longest Talk Time}
      forbidden: {source: hq, metric: ` + sim.UnassignedID() + `}
      nobody: {source: hq, metric: Agent on Call, category: [Elvis Presley(121), Elvis Pressley(121)], combine: count}
      no-category: {source: hq, metric: Next Callback, category: Support}
      elsewhere: {source: down, metric: M}
`
	code, stdout, stderr := run(t, map[string]string{"KEY": sim.Key()}, "check", "--config", file(t, text))
	if code != 1 || stderr != "" {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	// The values depend on the hour, and so does the width of the columns.
	stdout = regexp.MustCompile(`Expect to wait|Calls are answered soon`).ReplaceAllString(stdout, "WORDS")
	compare(t, "check.txt", regexp.MustCompile(` {2,}`).ReplaceAllString(stdout, "  "))
}

// TestCheckAddressesInUse checks that an address in use is reported and does not make check fail.
func TestCheckAddressesInUse(t *testing.T) {
	sim := simulate(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	inUse := taken.Addr().String()
	for _, test := range []struct{ listen, admin, want string }{
		{"127.0.0.1:0", "", ""},
		{inUse, "", "\nNote: listen: " + inUse + " is in use. Unless waitboard itself uses it"},
		{"127.0.0.1:0", inUse, "\nNote: admin: " + inUse + " is in use. Unless waitboard itself uses it"},
		{"192.0.2.1:0", "", "\nNote: listen: can't listen on 192.0.2.1:0: "}, // of no machine
	} {
		path := file(t, fmt.Sprintf("listen: %q\nadmin: %q\nsources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: Notice}}}}", test.listen, test.admin, sim.URL()))
		code, stdout, _ := run(t, map[string]string{"KEY": sim.Key()}, "check", "--config", path)
		if code != 0 || !strings.Contains(stdout, test.want) || strings.Contains(stdout, "Note:") != (test.want != "") {
			t.Errorf("%+v: exit code %d:\n%s", test, code, stdout)
		}
	}
}

// TestCheckUnknownTypes checks that a metric that can never be shown makes check fail.
func TestCheckUnknownTypes(t *testing.T) {
	sim := simulate(t)
	for metric, want := range map[string]int{"Service Level": 1, "Service Level, combine: count": 1, "Notice": 0} {
		path := file(t, "sources: {hq: {url: '"+sim.URL()+"', key_env: KEY}}\nwidgets: {w: {locale: de, metrics: {m: {metric: "+metric+"}}}}")
		code, stdout, _ := run(t, map[string]string{"KEY": sim.Key()}, "check", "--config", path)
		if code != want || strings.Contains(stdout, `it will always be "Nicht verfügbar"`) != (want == 1) {
			t.Errorf("%s: exit code %d:\n%s", metric, code, stdout)
		}
	}
}

// TestCheckPatience checks that a short patience does not shorten a source's timeout.
func TestCheckPatience(t *testing.T) {
	for _, warm := range []time.Duration{-1, time.Hour} {
		sim, err := simulator.Start(simulator.Options{Seed: 1, InitTime: warm})
		if err != nil {
			t.Fatal(err)
		}
		defer sim.Close()
		path := file(t, "sources:\n  hq: {url: '"+sim.URL()+"', key_env: KEY}\n  down: {url: 'http://127.0.0.1:1', key_env: KEY}\n"+
			"widgets: {w: {metrics: {m: {source: hq, metric: Notice}, d: {source: down, metric: M}}}}")
		code, stdout, _ := run(t, map[string]string{"KEY": sim.Key()}, "check", "--patience", "1ns", "--config", path)
		if code != 1 || !strings.Contains(stdout, "the connection is refused") || !regexp.MustCompile(`hq +ok +1 of 1 found`).MatchString(stdout) ||
			warm > 0 != strings.Contains(stdout, "still initializing") {
			t.Errorf("%v: exit code %d:\n%s", warm, code, stdout)
		}
	}
}

// TestCheckSubscription checks that an unavailable subscription is reported without the key, and does not make check fail.
func TestCheckSubscription(t *testing.T) {
	sim := simulate(t)
	for mode, want := range map[string]string{
		"auto":      "polled; no subscription: forbidden: a metric is not assigned to the key's user, or a proxy or firewall blocks WebSockets (status 403)",
		"subscribe": "polled; no subscription: forbidden: ",
		"poll":      "1 of 1 found  polled\n",
	} {
		if err := sim.SetFault(simulator.Fault{Handshake: http.StatusForbidden}); err != nil {
			t.Fatal(err)
		}
		text := "sources: {hq: {url: '" + sim.URL() + "', key_env: KEY, mode: " + mode + "}}\nwidgets: {w: {metrics: {m: {metric: K0FLAEB6}}}}"
		code, stdout, stderr := run(t, map[string]string{"KEY": sim.Key()}, "check", "--config", file(t, text))
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("%s: exit code %d:\n%s%s", mode, code, stdout, stderr)
		}
		for _, secret := range []string{sim.Key(), "auth_token", sim.URL()} {
			if strings.Contains(stdout+stderr, secret) {
				t.Errorf("%s: it prints %s:\n%s%s", mode, secret, stdout, stderr)
			}
		}
	}
}

func TestSnippet(t *testing.T) {
	path := file(t, `public_url: https://wait.example.com/base/
sources: {hq: {url: "http://127.0.0.1:1", key_env: NOT_SET}}
widgets:
  support:
    title: "Support & <sales>"
    metrics:
      wait: {metric: A, link: {when: low, label: Callback, url: "https://www.example.com/"}}
      waiting: {metric: B}
  billing: {metrics: {wait: {metric: A}}}
`)
	code, stdout, stderr := run(t, nil, "snippet", "support", "--config", path)
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	compare(t, "snippet.txt", strings.NewReplacer(web.Script.Hash(), "HASH", web.Script.Integrity(), "INTEGRITY").Replace(stdout))
	tests := []struct{ args, stdout, stderr string }{
		{"billing --kind address", "https://wait.example.com/base/w/billing\n", ""},
		{"billing --kind address --layout line --theme dark --locale de-AT", "https://wait.example.com/base/w/billing?layout=line&locale=de-AT&theme=dark\n", ""},
		{"billing --kind script --metric wait", `<script async src="https://wait.example.com/base/v1/widget.js" style="display:block;min-height:176px" data-widget="billing" data-metric="wait"></script>` + "\n", ""},
		{"billing --kind script --pin", `<script async src="https://wait.example.com/base` + web.Script.PinnedPath() + `" integrity="` + web.Script.Integrity() + `" crossorigin="anonymous" style="display:block;min-height:176px" data-widget="billing"></script>` + "\n", ""},
		{"supportt", "", `there is no widget "supportt"; did you mean support?`},
		{"everything", "", `there is no widget "everything"; use one of support, billing`},
		{"support --metric wating", "", "did you mean waiting?"},
		{"support --locale tlh", "", "--locale: language"},
		{"support --layout wide", "", "--layout"},
	}
	for _, test := range tests {
		code, stdout, stderr := run(t, nil, append(strings.Fields("snippet --config "+path), strings.Fields(test.args)...)...)
		if stdout != test.stdout || !strings.Contains(stderr, test.stderr) || (code == 0) != (test.stderr == "") {
			t.Errorf("%s: exit code %d\n%s%s", test.args, code, stdout, stderr)
		}
	}
}

// TestSnippetMatchesService checks that the command prints what the service sends for the same options.
func TestSnippetMatchesService(t *testing.T) {
	path := file(t, `listen: 127.0.0.1:0
admin: ""
public_url: https://wait.example.com/base
sources: {hq: {url: "http://127.0.0.1:1", key_env: KEY}}
widgets:
  support:
    title: "Support & <sales>"
    origins: ["https://www.example.com"]
    metrics:
      wait: {metric: A, link: {when: low, label: Callback, url: "https://www.example.com/"}}
      waiting: {metric: B}
`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := newPipe()
	done := make(chan int)
	env := func(string) (string, bool) { return "k", true }
	go func() { done <- Run(ctx, []string{"serve", "--config", path}, env, io.Discard, in) }()
	url := regexp.MustCompile(`url=(\S+)`).FindStringSubmatch(out.untilHas("url="))[1]
	for _, choices := range []string{"", "pin=1", "kind=element&layout=line&theme=dark&locale=de&metric=wait&pin=1", "kind=script&metric=waiting", "kind=iframe&layout=compact&locale=ar", "kind=image&theme=light", "kind=link", "kind=address&layout=bare"} {
		args := []string{"snippet", "support", "--config", path}
		for choice := range strings.SplitSeq(choices, "&") {
			if flag := "--" + strings.TrimSuffix(choice, "=1"); flag != "--" {
				args = append(args, flag)
			}
		}
		code, printed, stderr := run(t, nil, args...)
		resp, err := http.Get(url + "/v1/widgets/support/snippet?" + choices)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if code != 0 || err != nil || string(body) != printed {
			t.Errorf("%q: the command prints, with exit code %d\n%s%s\nand the service sends\n%s", choices, code, printed, stderr, body)
		}
	}
	cancel()
	if code := <-done; code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestDoctor checks a page with a broken snippet, and the repaired page.
func TestDoctor(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Access-Control-Allow-Origin", "*") }))
	defer service.Close()
	policy := "script-src 'self'"
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", policy)
		fmt.Fprintf(w, `<p>Call us</p><script async src="%s/v1/widget.js" data-widget="support"></script>`, service.URL)
	}))
	defer page.Close()
	code, stdout, stderr := run(t, nil, "doctor", page.URL, "--widget", "support")
	if code != 1 || stderr != "" || !strings.Contains(stdout, "-> add "+service.URL+" to script-src") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	policy += " " + service.URL
	if code, stdout, stderr := run(t, nil, "doctor", page.URL); code != 0 || !strings.Contains(stdout, "All widgets can be seen.") {
		t.Errorf("mended: exit code %d\n%s%s", code, stdout, stderr)
	}
}

// TestReady checks that only a ready service passes.
func TestReady(t *testing.T) {
	status := http.StatusServiceUnavailable
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/board/readyz" {
			t.Errorf("requested %s", r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	defer service.Close()
	if code, stdout, stderr := run(t, nil, "ready", service.URL+"/board/?theme=dark#top"); code != 1 || stdout != "" || !strings.Contains(stderr, "returned status 503") {
		t.Errorf("starting: exit code %d\n%s%s", code, stdout, stderr)
	}
	status = http.StatusOK
	if code, stdout, stderr := run(t, nil, "ready", service.URL+"/board"); code != 0 || stdout != "ready\n" || stderr != "" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

// TestSimulate checks that simulate prints a configuration that works with it.
func TestSimulate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out, in := newPipe()
	done := make(chan int)
	go func() {
		done <- Run(ctx, []string{"simulate", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--key", "KEYOFTEST"}, os.LookupEnv, in, os.Stderr)
	}()
	text := out.until("Calls in queue\"\n")
	if !strings.Contains(text, "export CHRONICALL_KEY=KEYOFTEST") || !strings.Contains(text, "/fault") {
		t.Errorf("printed:\n%s", text)
	}
	if code, stdout, stderr := run(t, map[string]string{"CHRONICALL_KEY": "KEYOFTEST"}, "check", "--config", file(t, text)); code != 0 || !strings.Contains(stdout, "Fit to serve.") {
		t.Errorf("check: exit code %d\n%s%s", code, stdout, stderr)
	}
	cancel()
	if code := <-done; code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A pipe returns what a command prints while it runs.
type pipe struct{ chunks chan string }

func newPipe() (out, in pipe) { p := pipe{make(chan string, 64)}; return p, p }

func (p pipe) Write(b []byte) (int, error) { p.chunks <- string(b); return len(b), nil }

func (p pipe) until(end string) (text string) {
	for !strings.HasSuffix(text, end) {
		text += <-p.chunks
	}
	return text
}

func TestPrintable(t *testing.T) {
	if got := printable("a\x1b[31mb\r\n\u009bc é"); got != "a?[31mb???c é" {
		t.Errorf("got %q", got)
	}
}
