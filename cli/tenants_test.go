package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// client returns the file of one client, whose widget has the ID and title of the client.
func clientFile(id, title, url, key string) string {
	return fmt.Sprintf("sources:\n  %s: {url: %q, %s, interval: 100ms}\nwidgets:\n  %s: {title: %s, metrics: {m: {metric: K0FLAEB6, source: %s}}}\n", id, url, key, id, title, id)
}

// tree writes files into a new folder, and returns the path of the first.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	folder := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(folder, files[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, files[0])
}

// TestServeTenants breaks, repairs and removes one client's file, and its key. Another client's widgets are served all the time.
func TestServeTenants(t *testing.T) {
	sim := simulate(t)
	const main = "listen: localhost:0\nadmin: 127.0.0.1:0\ninclude: [clients/*.yaml]\n"
	a := clientFile("a", "First", sim.URL(), "key_file: a.key")
	path := tree(t, "waitboard.yaml", main, "clients/a.yaml", a, "clients/a.key", sim.Key(), "clients/b.yaml", clientFile("b", "Other", sim.URL(), "key_env: KEY"), "clients/c.yaml", "sources: [")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), "clients", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := newPipe()
	done := make(chan int)
	go func() {
		done <- Run(ctx, []string{"serve", "--config", path}, func(string) (string, bool) { return sim.Key(), true }, io.Discard, in)
	}()
	log := out.untilHas("for=admin url=")
	log += out.untilHas("\n")
	urls := regexp.MustCompile(`url=(\S+)`).FindAllStringSubmatch(log, 2)
	if !strings.Contains(log, `level=ERROR msg="included file can't be used, skipping it" file=clients/c.yaml`) {
		t.Errorf("at the start: %s", log)
	}
	get := func(url string) (int, string) {
		t.Helper()
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	holds := func(when, title string, admin ...string) {
		t.Helper()
		if status, body := get(urls[0][1] + "/v1/widgets/a"); title == "" && status != http.StatusNotFound || !strings.Contains(body, `"title":"`+title) {
			t.Errorf("%s: the widget is %d %s", when, status, body)
		}
		if _, body := get(urls[0][1] + "/v1/widgets/b"); !strings.Contains(body, `"title":"Other"`) {
			t.Errorf("%s: the other widget is %s", when, body)
		}
		_, page := get(urls[1][1] + "/")
		_, metrics := get(urls[1][1] + "/metrics")
		if strings.Contains(page, sim.Key()) {
			t.Error("the dashboard shows a key")
		}
		for _, part := range admin {
			if !strings.Contains(page+metrics, part) {
				t.Errorf("%s: operators don't see %s", when, part)
			}
		}
	}
	const inForce = `in force" because="a file has changed"`

	holds("at the start", "First", `waitboard_config_file_ok{file="clients/a.yaml"} 1`, `waitboard_config_file_ok{file="clients/c.yaml"} 0`, "Its sources and widgets are missing.", "clients/c.yaml:")
	write("a.yaml", strings.Replace(a, "title: First", "titel: Wrong", 1))
	if log := out.untilHas(inForce); !strings.Contains(log, "a.yaml:4:7: widgets.a.titel: is not a known key (did you mean title?)") || strings.Contains(log, "c.yaml") {
		t.Errorf("broken: %s", log)
	}
	holds("broken", "First", `waitboard_config_file_ok{file="clients/a.yaml"} 0`, "its previous sources and widgets stay", "did you mean title?", "waitboard_config_last_reload_successful 1")
	if err := hangUp(); err != nil {
		t.Fatal(err)
	}
	if log := out.untilHas("because=SIGHUP"); strings.Contains(log, "mistake") {
		t.Errorf("logged again: %s", log)
	}
	write("a.yaml", strings.Replace(a, "First", "Second", 1))
	if log := out.untilHas(inForce); !strings.Contains(log, `msg="included file recovered" file=clients/a.yaml`) {
		t.Errorf("repaired: %s", log)
	}
	holds("repaired", "Second", `waitboard_config_file_ok{file="clients/a.yaml"} 1`)
	write("a.key", "")
	if log := out.untilHas(inForce); !strings.Contains(log, `msg="source lost its key or certificates, continuing with the previous ones" source=a`) {
		t.Errorf("without its key: %s", log)
	}
	holds("without its key", "Second", "The previous ones stay in use.", "sources.a.key_file: the file is empty (it must hold the key; copy it again)")
	write("a.yaml", strings.Replace(a, sim.URL(), "http://127.0.0.1:1/rest", 1)) // another server must not get the key
	out.untilHas(inForce)
	holds("without a key for another server", "First", "can&#39;t be read.", "sources.a.key_file: the file is empty")
	if status, _ := get(urls[0][1] + "/readyz"); status != http.StatusOK {
		t.Errorf("not ready: %d", status)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(path), "clients", "a.yaml")); err != nil {
		t.Fatal(err)
	}
	out.untilHas(inForce)
	holds("removed", "")
	cancel()
	out.untilHas("stopped")
	if code := <-done; code != 0 {
		t.Errorf("exit code %d", code)
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestCheckTenants checks output and exit code for configurations that are partly wrong.
func TestCheckTenants(t *testing.T) {
	sim := simulate(t)
	const include = "listen: 127.0.0.1:0\nadmin: \"\"\ninclude: [clients/*.yaml]\n"
	good := clientFile("good", "Good", sim.URL(), "key_env: KEY")
	tests := []struct {
		name           string
		files          []string
		code           int
		stdout, stderr []string
	}{
		{"all in order", []string{"waitboard.yaml", include, "clients/good.yaml", good}, 0, []string{"clients/good.yaml  ok", "Fit to serve."}, nil},
		{"a wrong file", []string{"waitboard.yaml", include, "clients/good.yaml", good, "clients/wrong.yaml", "colour: red\n"}, 1,
			[]string{"clients/wrong.yaml  can't be used", "wrong.yaml:1:1: colour: is not a known key", "Served anyway: good\n\nNot fit to serve.\n"}, nil},
		{"a source without its key", []string{"waitboard.yaml", include, "clients/good.yaml", good, "clients/poor.yaml", clientFile("poor", "Poor", sim.URL(), "key_env: NOT_SET")}, 1,
			[]string{"misconfigured: ", "poor.yaml:2:", "the environment variable NOT_SET is not set", "Served anyway: good\n\nNot fit to serve.\n"}, nil},
		{"the only source without its key", []string{"waitboard.yaml", "sources: {hq: {url: 'http://a/rest', key_env: NOT_SET}}\nwidgets: {w: {metrics: {m: {metric: M}}}}\n"}, 2,
			nil, []string{"waitboard.yaml:1:38: sources.hq.key_env: the environment variable NOT_SET is not set"}},
		{"nothing but wrong files", []string{"waitboard.yaml", include, "clients/wrong.yaml", "colour: red\n"}, 2, nil, []string{"wrong.yaml:1:1: colour"}},
		{"no files", []string{"waitboard.yaml", include, "clients/readme", ""}, 2, nil, []string{"there is nothing to serve"}},
		{"a mistake in the configuration file", []string{"waitboard.yaml", include + "colour: red\n", "clients/good.yaml", good}, 2, nil, []string{"waitboard.yaml:4:1: colour"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := tree(t, test.files...)
			commands := []string{"check"}
			if test.code == 2 {
				commands = append(commands, "serve")
			}
			for _, command := range commands {
				code, stdout, stderr := run(t, map[string]string{"KEY": sim.Key()}, command, "--config", path)
				if code != test.code || strings.Contains(stdout+stderr, sim.Key()) {
					t.Errorf("%s: exit code %d\n%s%s", command, code, stdout, stderr)
				}
				for _, part := range test.stdout {
					if !strings.Contains(stdout, part) {
						t.Errorf("%s: no %q in\n%s", command, part, stdout)
					}
				}
				for _, part := range test.stderr {
					if !strings.Contains(stderr, part) {
						t.Errorf("%s: no %q in\n%s", command, part, stderr)
					}
				}
			}
		})
	}
}
