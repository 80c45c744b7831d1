package main

import (
	"bytes"
	"os"
	"testing"
)

// The committed files must be what the source says, also when nobody has run go generate.
func TestBundlesAreCurrent(t *testing.T) {
	t.Chdir("..")
	for _, b := range bundles {
		built, err := bundle(b.source)
		if err != nil {
			t.Fatal(err)
		}
		committed, err := os.ReadFile(b.made)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(built, committed) {
			t.Errorf("web/%s is not what web/%s makes; run go generate ./web", b.made, b.source)
		}
		if again, err := bundle(b.source); err != nil || !bytes.Equal(built, again) {
			t.Errorf("%s: the second time it is another one: %v", b.made, err)
		}
	}
}
