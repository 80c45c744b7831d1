package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestWatcherOfPatterns has files come and go that a pattern matches, in folders that come and go too.
func TestWatcherOfPatterns(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) { t.Helper(); must(os.WriteFile(in(name), []byte(text), 0o600)) }
	w, err := NewWatcher()
	must(err)
	defer w.Close()
	follow := func() {
		var files []string
		for _, f := range expand(in("clients/*.yaml"), false) {
			if f.err == nil {
				files = append(files, f.path)
			}
		}
		w.Follow(files, in("clients/*.yaml"), in("each/*/*.yaml"))
	}
	follow()
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"the folder comes, with a file", func() { must(os.Mkdir(in("clients"), 0o700)); write("clients/a.yaml", "one") }},
		{"its text changes", func() { write("clients/a.yaml", "two") }},
		{"another file is renamed into place", func() { write("clients/.tmp", "x"); must(os.Rename(in("clients/.tmp"), in("clients/b.yaml"))) }},
		{"a file goes", func() { must(os.Remove(in("clients/b.yaml"))) }},
		{"a folder of a client comes", func() { must(os.MkdirAll(in("each/one"), 0o700)); write("each/one/x.yaml", "x") }},
		{"a mounted volume", func() {
			must(os.Mkdir(in("clients/..v1"), 0o700))
			write("clients/..v1/c.yaml", "one")
			must(os.Symlink("..v1", in("clients/..data")))
			must(os.Symlink("..data/c.yaml", in("clients/c.yaml")))
		}},
		{"it swaps its link", func() {
			must(os.Mkdir(in("clients/..v2"), 0o700))
			write("clients/..v2/c.yaml", "two")
			must(os.Symlink("..v2", in("clients/..tmp")))
			must(os.Rename(in("clients/..tmp"), in("clients/..data")))
		}},
		{"the folder goes", func() { must(os.Rename(in("clients"), in("away"))) }},
		{"the folder is back", func() { must(os.Rename(in("away"), in("clients"))) }},
	} {
		step.do()
		select {
		case <-w.Changes():
		case <-time.After(time.Minute):
			t.Fatalf("%s: not reported", step.name)
		}
		follow()
	}
}
