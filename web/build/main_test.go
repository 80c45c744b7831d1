package main

import (
	"bytes"
	"os"
	"testing"
)

// The committed script must be what the source says, also when nobody has run go generate.
func TestScriptIsCurrent(t *testing.T) {
	t.Chdir("..")
	built, err := bundle("src/main.ts")
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("dist/widget.js")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(built, committed) {
		t.Error("web/dist/widget.js is not what web/src makes; run go generate ./web")
	}
	if again, err := bundle("src/main.ts"); err != nil || !bytes.Equal(built, again) {
		t.Errorf("the second time it is another one: %v", err)
	}
}
