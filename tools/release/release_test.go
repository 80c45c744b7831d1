package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// prepared returns a release of the present source, with an invented commit.
func prepared(t *testing.T, root string) *release {
	t.Helper()
	root, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	return &release{root, t.TempDir(), "1.2.3", strings.Repeat("a", 40), time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC), []byte("licenses\n")}
}

// contents returns the files of a folder by name.
func contents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if all[entry.Name()], err = os.ReadFile(filepath.Join(folder, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// The files of a release are the same bytes from another folder, at another time, with another umask and other file times.
func TestReproducible(t *testing.T) {
	there := filepath.Join(t.TempDir(), "elsewhere")
	copySource(t, "../..", there)
	here := target{"linux", "amd64"}
	first, second := prepared(t, "../.."), prepared(t, there)
	if err := first.build(here); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TZ", "Asia/Tokyo")
	t.Setenv("GOFLAGS", "-tags=other")
	defer syscall.Umask(syscall.Umask(0o077))
	if err := second.build(here); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(first.checksums(), second.checksums()); err != nil {
		t.Fatal(err)
	}
	want, got := contents(t, first.output), contents(t, second.output)
	names := slices.Sorted(maps.Keys(want))
	if list := strings.Join(names, " "); list != "SHA256SUMS waitboard-1.2.3-1.x86_64.rpm waitboard_1.2.3_amd64.deb waitboard_1.2.3_linux_amd64.tar.gz" {
		t.Errorf("files: %s", list)
	}
	for _, name := range names {
		if !bytes.Equal(want[name], got[name]) {
			t.Errorf("%s differs", name)
		}
	}
	archived(t, want["waitboard_1.2.3_linux_amd64.tar.gz"])
}

// archived looks into an archive and runs its program.
func archived(t *testing.T, archive []byte) {
	t.Helper()
	compressed, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	program := filepath.Join(t.TempDir(), "waitboard")
	for r := tar.NewReader(compressed); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		names = append(names, header.Name)
		content, err := io.ReadAll(r)
		if filepath.Base(header.Name) == "waitboard" {
			err = errors.Join(err, os.WriteFile(program, content, os.FileMode(header.Mode)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	const folder = "waitboard_1.2.3_linux_amd64/"
	if want := strings.Fields(strings.ReplaceAll(" CHANGELOG.md LICENSE README.md THIRD_PARTY_LICENSES.txt waitboard waitboard.service waitboard.yaml", " ", " "+folder)); !slices.Equal(names, want) {
		t.Errorf("the archive has %q", names)
	}
	if out, err := exec.Command(program, "version").CombinedOutput(); err != nil || !strings.Contains(string(out), " "+strings.Repeat("a", 40)+" 2026-11-29T08:00:00Z go") {
		t.Errorf("version: %s%v", out, err)
	}
}

// copySource copies what a release is built of.
func copySource(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		below, _ := filepath.Rel(from, path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "node_modules", "dist", "tmp", "tools", "testdata"}, entry.Name()) && below != filepath.Join("web", "dist"):
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, below), 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(filepath.Join(to, below), content, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A tag is released only if every file names its version.
func TestTag(t *testing.T) {
	for _, test := range []struct{ name, tag, changelog, npm, want string }{
		{"all agree", "v1.2.3", "## 1.2.3, 2026-12-01\n", "1.2.3", ""},
		{"another version", "v1.2.4", "## 1.2.3, 2026-12-01\n", "1.2.3", "the tag is v1.2.4, and cli/version.go has 1.2.3"},
		{"no v", "1.2.3", "## 1.2.3, 2026-12-01\n", "1.2.3", "the tag is 1.2.3"},
		{"unreleased", "v1.2.3", "## 1.2.3, unreleased\n", "1.2.3", "CHANGELOG.md has nothing like"},
		{"the npm package is behind", "v1.2.3", "## 1.2.3, 2026-12-01\n", "1.2.2", "web/npm/package.json has nothing like"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			for name, text := range map[string]string{
				"CHANGELOG.md": test.changelog, "web/npm/package.json": `{"version": "` + test.npm + `"}`, "deploy/wordpress/waitboard/readme.txt": "Stable tag: 1.2.3\n",
				"deploy/wordpress/waitboard/waitboard.php": " * Version: 1.2.3\n",
			} {
				path := filepath.Join(root, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			err := prepared(t, root).fits(test.tag)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
