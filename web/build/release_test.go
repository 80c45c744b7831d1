package main

import (
	"os"
	"path/filepath"
	"testing"

	"waitboard/web"
)

// An archived script has the name by which the service serves it.
func TestArchive(t *testing.T) {
	folder := t.TempDir()
	path, err := archive("../dist/widget.js", folder)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := filepath.Base(path), filepath.Base(web.Script.PinnedPath()); got != want {
		t.Errorf("archived as %s, served as %s", got, want)
	}
	if body, err := os.ReadFile(path); err != nil || string(body) != string(web.Script.Body) {
		t.Errorf("the archived script differs: %v", err)
	}
	if again, err := archive("../dist/widget.js", folder); again != path || err != nil {
		t.Errorf("the second time: %s, %v", again, err)
	}
	if _, err := archive(filepath.Join(folder, "nosuch.js"), folder); err == nil {
		t.Error("archive accepted a missing script")
	}
}
