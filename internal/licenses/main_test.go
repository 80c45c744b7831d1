package main

import (
	"bytes"
	"strings"
	"testing"

	"waitboard/internal/testlevel"
)

// The licenses name the fonts, the libraries and Go.
func TestLicenses(t *testing.T) {
	testlevel.Short(t)
	t.Chdir("../..")
	modules, err := linked()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := write(&text, modules); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Go":                   "Copyright 2009 The Go Authors",
		"Liberation":           "with Reserved Font Name Liberation",
		"Noto":                 "noto/OFL.txt",
		"bitmap fonts":         "M+ BITMAP FONTS",
		"Windows and macOS":    "github.com/fsnotify/fsnotify",
		"Linux only":           "github.com/prometheus/procfs",
		"a part of a module":   "harfbuzz/LICENSE",
		"a notice":             "prometheus/client_golang",
		"the Unlicense":        "elnormous/contenttype",
		"an unusual file name": "alecthomas/kong",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s: the text has no %q", name, want)
		}
	}
	if strings.Contains(text.String(), "roboto/ttfs") {
		t.Error("it has the license of a font that the program lacks")
	}
}
