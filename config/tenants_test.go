package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestTenants loads trees of files. Each archive in testdata/tenants has the files of a start (start/…), those that are written before a reload (reload/…),
// the paths that are removed before it (removed), and what both answer (want).
func TestTenants(t *testing.T) {
	archives, err := filepath.Glob("testdata/tenants/*.txtar")
	if err != nil || len(archives) < 20 {
		t.Fatalf("found %d archives, %v", len(archives), err)
	}
	for _, name := range archives {
		path, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			got, want := loadTree(t, archive)
			if strings.Contains(got, canary) {
				t.Error("it holds a secret")
			}
			if *update {
				setFile(archive, "want", got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// loadTree plays an archive in the current folder, and returns what happened and what should have.
func loadTree(t *testing.T, archive *txtar.Archive) (got, want string) {
	reloads, removed := false, ""
	for _, f := range archive.Files {
		switch step, name, _ := strings.Cut(f.Name, "/"); step {
		case "start":
			writeTree(t, name, f.Data)
		case "reload":
			reloads = true
		case "removed":
			reloads, removed = true, string(f.Data)
		case "want":
			want = string(f.Data)
		}
	}
	started, err := Load("waitboard.yaml", testEnv)
	got = "start\n" + served(started, err)
	if !reloads {
		return got, want
	}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "reload/"); ok {
			writeTree(t, name, f.Data)
		}
	}
	for name := range strings.FieldsSeq(removed) {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Reload("waitboard.yaml", testEnv, started)
	return got + "reload\n" + served(again, err), want
}

// writeTree writes one file; name@ is a link to what data names, name/ a folder.
func writeTree(t *testing.T, name string, data []byte) {
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if link, ok := strings.CutSuffix(name, "@"); ok && err == nil {
		_ = os.Remove(link)
		err = os.Symlink(strings.TrimSpace(string(data)), link)
	} else if err == nil && !strings.HasSuffix(name, "/") {
		err = os.WriteFile(name, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// served describes what a configuration serves, and from which files.
func served(c *Config, err error) string {
	var b strings.Builder
	if err != nil {
		var problems *Error
		if !errors.As(err, &problems) || c != nil {
			return fmt.Sprintf("Load = %v, %v, want an *Error", c, err)
		}
		fmt.Fprintf(&b, "rejected\n%v\n", err)
		return b.String()
	}
	for _, s := range c.Sources {
		fmt.Fprintf(&b, "source %s %s", s.Name, s.URL)
		if s.File != "" {
			b.WriteString(" in " + s.File)
		}
		if !s.Usable() {
			b.WriteString(" not usable")
		}
		b.WriteString("\n" + indented(s.Trouble))
	}
	for _, w := range c.Widgets {
		fmt.Fprintf(&b, "widget %s %q from %s", w.ID, w.Title, w.Metrics[0].Source)
		if w.File != "" {
			b.WriteString(" in " + w.File)
		}
		b.WriteString("\n")
	}
	for _, f := range c.Included {
		state := "ok"
		switch {
		case f.Previous:
			state = "as it was"
		case f.Problems != nil:
			state = "skipped"
		}
		fmt.Fprintf(&b, "file %s %s\n%s", f.Name, state, indented(f.Problems))
	}
	return b.String()
}

func indented(problems []Problem) (out string) {
	for _, p := range problems {
		out += "  " + p.String() + "\n"
	}
	return out
}

// setFile puts a text into an archive, at its end if it is not there yet.
func setFile(archive *txtar.Archive, name, text string) {
	for i := range archive.Files {
		if archive.Files[i].Name == name {
			archive.Files[i].Data = []byte(text)
			return
		}
	}
	archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text)})
}

func TestDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	writeTree(t, "waitboard.yaml", []byte(`include: [client.yaml]
locale: fr
timezone: Europe/Paris
defaults: {listed: false, origins: ["https://www.example.com"], stale_after: 1m, hide_after: 2m, locale: de, timezone: Europe/Zurich}
sources: {hq: {url: "http://a/rest", key_env: CHRONICALL_KEY}}
widgets: {main: {metrics: {wait: {metric: Wait}}}}
`))
	writeTree(t, "client.yaml", []byte(`widgets:
  plain: {metrics: {wait: {metric: Wait}}}
  own:
    listed: true
    origins: ["https://other.example.com"]
    stale_after: 90s
    hide_after: 10m
    locale: en
    timezone: America/Denver
    metrics: {wait: {metric: Wait}}
  open: {origins: ["*"], hours: {weekly: {daily: "08:00-12:00"}}, metrics: {wait: {metric: Wait}}}
  away: {hours: {timezone: America/Denver, weekly: {daily: "08:00-12:00"}}, metrics: {wait: {metric: Wait}}}
`))
	c, err := Load("waitboard.yaml", testEnv)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range c.Widgets {
		hours := "always"
		if w.Hours != nil {
			hours = w.Hours.Zone.String()
		}
		got = append(got, fmt.Sprint(w.ID, " ", w.Unlisted, w.Origins, w.StaleAfter, w.HideAfter, " ", w.Locale, " ", w.Zone, " ", hours))
	}
	want := []string{
		"main true [https://www.example.com] 1m0s 2m0s de Europe/Zurich always",
		"plain true [https://www.example.com] 1m0s 2m0s de Europe/Zurich always",
		"own false [https://other.example.com] 1m30s 10m0s en America/Denver always",
		"open true [] 1m0s 2m0s de Europe/Zurich Europe/Zurich",
		"away true [https://www.example.com] 1m0s 2m0s de Europe/Zurich America/Denver",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestTimezoneOfTheFile has the zone at the top of the file, which serves hours without one.
func TestTimezoneOfTheFile(t *testing.T) {
	const text = "sources: {hq: {url: 'http://a/rest', key_env: CHRONICALL_KEY}}\nwidgets: {w: {hours: {weekly: {daily: '08:00-12:00'}}, metrics: {m: {metric: M}}}}\n"
	for first, want := range map[string]string{
		"timezone: Asia/Tokyo\n": "Asia/Tokyo Asia/Tokyo",
		"timezone: Asia/Tokyo\ndefaults: {timezone: Europe/Zurich}\n": "Europe/Zurich Europe/Zurich",
	} {
		c, err := Parse("f.yaml", []byte(first+text), testEnv)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := fmt.Sprint(c.Widgets[0].Zone, " ", c.Widgets[0].Hours.Zone); got != want {
			t.Errorf("%s: %s", first, got)
		}
	}
	for _, first := range []string{"timezone: Nowhere\n", "defaults: {timezone: Nowhere}\n"} {
		var problems *Error
		if _, err := Parse("f.yaml", []byte(first+text), testEnv); !errors.As(err, &problems) || len(problems.Problems) != 1 {
			t.Errorf("%s: %v", first, err)
		}
	}
}

func TestIncludedLimits(t *testing.T) {
	t.Chdir(t.TempDir())
	writeTree(t, "waitboard.yaml", []byte("include: ['c/*']\nsources: {hq: {url: 'http://a/rest', key_env: CHRONICALL_KEY}}\nwidgets: {main: {metrics: {m: {metric: M}}}}\n"))
	large := append([]byte("#"), make([]byte, maxFileBytes)...)
	for i := range large {
		large[i] = '#'
	}
	writeTree(t, "c/large", large)
	c, err := Load("waitboard.yaml", testEnv)
	if err != nil || c.Included[0].Problems[0].String() != "c/large: is larger than 4 MiB (put its widgets into several files)" {
		t.Errorf("large: %v, %+v", err, c)
	}
	for i := range maxIncluded {
		writeTree(t, fmt.Sprintf("c/n%04d", i), nil)
	}
	if _, err = Load("waitboard.yaml", testEnv); err == nil || err.Error() != "waitboard.yaml:1:1: include: matches 1001 files, more than 1000 (put several clients into one file)" {
		t.Errorf("many: %v", err)
	}
}
