package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWatcher(t *testing.T) {
	folder, elsewhere := t.TempDir(), t.TempDir()
	file, linked, missing := filepath.Join(folder, "waitboard.yaml"), filepath.Join(folder, "key"), filepath.Join(folder, "ca.pem")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) { t.Helper(); must(os.WriteFile(name, []byte(text), 0o600)) }
	write(file, "one")
	write(filepath.Join(elsewhere, "first"), "one")
	write(filepath.Join(elsewhere, "second"), "two")
	must(os.Symlink(filepath.Join(elsewhere, "first"), linked))
	older, newer, current := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "current")
	write(filepath.Join(older, "ca"), "one")
	write(filepath.Join(newer, "ca"), "two")
	must(os.Symlink(older, current))
	followed := []string{file, linked, missing, filepath.Join(current, "ca")}
	w, err := NewWatcher()
	must(err)
	defer w.Close()
	w.Follow(followed)

	steps := []struct {
		name string
		do   func()
		want bool
	}{
		{"written", func() { write(file, "two") }, true},
		{"written, and followed once more", func() { write(file, "2"); w.Follow(followed) }, true},
		{"written with the same text", func() { write(file, "2") }, false},
		{"replaced by a rename", func() { write(file+".new", "three"); must(os.Rename(file+".new", file)) }, true},
		{"touched", func() { must(os.Chtimes(file, time.Now(), time.Now())) }, false},
		{"another file", func() { write(filepath.Join(folder, "other"), "x") }, false},
		{"a file that was not there", func() { write(missing, "x") }, true},
		{"behind a link", func() { write(filepath.Join(elsewhere, "first"), "two") }, true},
		{"the link itself, to the same text", func() {
			must(os.Symlink(filepath.Join(elsewhere, "second"), linked+".new"))
			must(os.Rename(linked+".new", linked))
		}, false},
		{"behind the new link", func() { write(filepath.Join(elsewhere, "second"), "three") }, true},
		{"the folder is a link that leads elsewhere now", func() {
			must(os.Symlink(newer, current+".new"))
			must(os.Rename(current+".new", current))
		}, true},
		{"in the new folder", func() { write(filepath.Join(newer, "ca"), "three") }, true},
		{"removed", func() { must(os.Remove(file)) }, true},
		{"back", func() { write(file, "three") }, true},
	}
	for _, step := range steps {
		step.do()
		patience := 10 * time.Second // of a busy machine
		if !step.want {
			patience = 3 * settling
		}
		timer := time.NewTimer(patience)
		select {
		case <-w.Changes():
			if !step.want {
				t.Errorf("%s: told of a change", step.name)
			}
		case <-timer.C:
			if step.want {
				t.Errorf("%s: not told", step.name)
			}
		}
		timer.Stop()
	}
}

// A file that is written piece by piece, with pauses, is told of once, when it is whole.
func TestWatcherWaitsForTheEndOfAWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "waitboard.yaml")
	w, err := NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Follow([]string{file})
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, pause := range []time.Duration{0, settling / 2, settling / 2, settling * 3 / 2, 0} {
		time.Sleep(pause) // it is a matter of real time: the watcher is about what other processes do
		if _, err := f.WriteString("more\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-w.Changes():
	case <-time.After(10 * time.Second):
		t.Fatal("not told")
	}
	select {
	case <-w.Changes():
		t.Error("told twice")
	case <-time.After(3 * settling):
	}
}
