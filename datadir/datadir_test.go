package datadir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func open(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestOpen(t *testing.T) {
	folder := t.TempDir()
	made := filepath.Join(folder, "state")
	d := open(t, made)
	if info, err := os.Stat(made); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := Open(made); !errors.Is(err, ErrInUse) {
		t.Errorf("second Open: %v", err)
	}
	d.Close()
	open(t, made)
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dangling := filepath.Join(folder, "dangling")
	if err := os.Symlink(filepath.Join(folder, "nowhere"), dangling); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		file: "it is not a folder", dangling: "it is not a folder",
		filepath.Join(file, "state"): "", filepath.Join(folder, "none", "state"): "",
	} {
		if _, err := Open(path); err == nil || !strings.HasPrefix(err.Error(), "can't use the folder "+path+": "+want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestReplaceAndRead(t *testing.T) {
	d := open(t, t.TempDir())
	if _, err := d.Read("a.json", 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for _, text := range []string{"0123456789", "", "new"} {
		if err := d.Replace("a.json", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Read("a.json", 10); string(got) != text || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	info, err := os.Stat(d.Path("a.json"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := d.Read("a.json", 2); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if err := os.Mkdir(d.Path("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read("folder", 2); err == nil {
		t.Error("a folder was read")
	}
}

// Temporary files of a killed process are neither read nor in the way. A link in their place is not followed.
func TestLeftovers(t *testing.T) {
	d := open(t, t.TempDir())
	if err := d.Replace("a.json", []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.Path("a.json.tmp"), []byte("ne"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Read("a.json", 10); string(got) != "old" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	victim := filepath.Join(t.TempDir(), "victim")
	for _, left := range []func() error{
		func() error { return nil },
		func() error { return os.Symlink(victim, d.Path("a.json.tmp")) },
	} {
		if err := left(); err != nil {
			t.Fatal(err)
		}
		if err := d.Replace("a.json", []byte("new")); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Read("a.json", 10); string(got) != "new" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	if _, err := os.Stat(victim); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a link was followed")
	}
}

// A failed write leaves the old file and nothing else.
func TestFailedReplace(t *testing.T) {
	d := open(t, t.TempDir())
	if err := os.MkdirAll(d.Path("a.json/b"), 0o700); err != nil { // a non-empty folder can't be replaced
		t.Fatal(err)
	}
	err := d.Replace("a.json", []byte("new"))
	if err == nil || !strings.HasPrefix(err.Error(), "can't write "+d.Path("a.json")+": ") || strings.Count(err.Error(), d.path) != 1 {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(d.path); len(left) != 2 { // and the lock
		t.Errorf("left: %v", left)
	}
}

func TestSetAside(t *testing.T) {
	d := open(t, t.TempDir())
	for _, text := range []string{"1", "2", "3"} {
		if err := d.Replace("a.json", []byte(text)); err != nil {
			t.Fatal(err)
		}
		path, err := d.SetAside("a.json")
		if err != nil || path != d.Path("a.json.set-aside-"+text) {
			t.Fatalf("%s, %v", path, err)
		}
		if got, err := os.ReadFile(path); string(got) != text || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	if _, err := d.SetAside("a.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
