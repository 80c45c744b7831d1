package main

import (
	"os"
	"regexp"
	"testing"
)

// The image uses the Go version of go.mod.
func TestDockerfile(t *testing.T) {
	find := func(file, pattern string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(pattern).FindSubmatch(text)
		if found == nil {
			t.Fatalf("%s has nothing like %s", file, pattern)
		}
		return string(found[1])
	}
	if image, module := find("deploy/Dockerfile", `(?m)^FROM golang:(\d+\.\d+) `), find("go.mod", `(?m)^go (\d+\.\d+)`); image != module {
		t.Errorf("the image uses Go %s, go.mod has %s", image, module)
	}
}
