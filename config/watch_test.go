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
	w, err := NewWatcher()
	must(err)
	defer w.Close()
	w.Follow([]string{file, linked, missing})

	steps := []struct {
		name string
		do   func()
		want bool
	}{
		{"written", func() { write(file, "two") }, true},
		{"written, and followed once more", func() { write(file, "2"); w.Follow([]string{file, linked, missing}) }, true},
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
		{"removed", func() { must(os.Remove(file)) }, true},
		{"back", func() { write(file, "three") }, true},
	}
	for _, step := range steps {
		step.do()
		patience := 10 * time.Second // of a busy machine
		if !step.want {
			patience = 2 * settling
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
