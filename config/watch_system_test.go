package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestWatcherOnDisk waits for the system's own notices. Each step changes a text at once, so that it is reported once, at any speed.
func TestWatcherOnDisk(t *testing.T) {
	d, folder, elsewhere := disk{t}, t.TempDir(), t.TempDir()
	file, linked, missing := filepath.Join(folder, "waitboard.yaml"), filepath.Join(folder, "key"), filepath.Join(folder, "ca.pem")
	first, second := filepath.Join(elsewhere, "first"), filepath.Join(elsewhere, "second")
	d.write(file, "one")
	d.write(first, "one")
	d.write(second, "two")
	d.link(first, linked)
	older, newer, current := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "current")
	d.write(filepath.Join(older, "ca"), "one")
	d.write(filepath.Join(newer, "ca"), "two")
	d.link(older, current)
	files := []string{file, linked, missing, filepath.Join(current, "ca")}

	system, err := systemNotices()
	d.must(err)
	w := newWatcher(system, time.Millisecond)
	defer w.Close()
	w.Follow(files)
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"written in place", func() { d.overwrite(file, "two") }},
		{"written, and followed once more", func() { d.overwrite(file, "2nd"); w.Follow(files) }},
		{"replaced by a rename", func() { d.replace(file, "three") }},
		{"a file that was not there", func() { d.replace(missing, "x") }},
		{"behind a link", func() { d.overwrite(first, "1st") }},
		{"the link itself", func() { d.link(second, linked) }},
		{"behind the new link", func() { d.overwrite(second, "2nd") }},
		{"the folder is a link that leads elsewhere now", func() { d.link(newer, current) }},
		{"in the new folder", func() { d.overwrite(filepath.Join(newer, "ca"), "new") }},
		{"removed", func() { d.must(os.Remove(file)) }},
		{"back", func() { d.replace(file, "three") }},
	} {
		step.do()
		select {
		case <-w.Changes():
		case <-time.After(time.Minute):
			t.Fatalf("%s: the change is not reported", step.name)
		}
	}
}

// overwrite writes over the start of a file, at once.
func (d disk) overwrite(name, text string) {
	d.Helper()
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	d.must(err)
	_, err = f.WriteString(text)
	d.must(err)
	d.must(f.Close())
}
