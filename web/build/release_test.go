package main

import (
	"os"
	"path/filepath"
	"testing"

	"waitboard/web"
)

// What is kept has the very name by which the service hands it out.
func TestKeep(t *testing.T) {
	folder := t.TempDir()
	path, err := keep("../dist/widget.js", folder)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := filepath.Base(path), filepath.Base(web.Script.PinnedPath()); got != want {
		t.Errorf("it is named %s, and served as %s", got, want)
	}
	if body, err := os.ReadFile(path); err != nil || string(body) != string(web.Script.Body) {
		t.Errorf("it is another script: %v", err)
	}
	if again, err := keep("../dist/widget.js", folder); again != path || err != nil {
		t.Errorf("the second time: %s, %v", again, err)
	}
	if _, err := keep(filepath.Join(folder, "nosuch.js"), folder); err == nil {
		t.Error("a script that is not there is kept")
	}
}
