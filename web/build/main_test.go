package main

import (
	"bytes"
	"os"
	"testing"
)

// The committed files match their sources.
func TestFilesAreCurrent(t *testing.T) {
	t.Chdir("..")
	made, err := files()
	if err != nil {
		t.Fatal(err)
	}
	again, err := files()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range made {
		committed, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(content, committed) {
			t.Errorf("web/%s differs from its source; run go generate ./web", name)
		}
		if !bytes.Equal(content, again[name]) {
			t.Errorf("web/%s differs in a second build", name)
		}
	}
}
