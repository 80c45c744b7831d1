package main

import (
	"bytes"
	"os"
	"testing"
)

// The committed scripts must be what the source says, also when nobody has run go generate.
func TestScriptsAreCurrent(t *testing.T) {
	t.Chdir("..")
	for name, entry := range scripts {
		built, err := bundle(entry)
		if err != nil {
			t.Fatal(err)
		}
		committed, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(built, committed) {
			t.Errorf("web/%s is not what web/%s makes; run go generate ./web", name, entry)
		}
		if again, err := bundle(entry); err != nil || !bytes.Equal(built, again) {
			t.Errorf("%s: the second time it is another one: %v", name, err)
		}
	}
}
