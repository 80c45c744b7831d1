package main

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A filePath is a folder or a file between backticks.
var filePath = regexp.MustCompile("`([a-z][a-zA-Z0-9]*(?:/[a-zA-Z0-9_.-]+)*(?:\\.(?:go|ts|css|html|json|mjs|md))?)`")

// docs/architecture.md names every folder with a package, and only files that exist. A name without a folder is in the folder before it.
func TestArchitecturePage(t *testing.T) {
	page, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tables, _ := strings.Cut(string(page), "\n## Folders\n")
	folders, places, found := strings.Cut(tables, "\n## Where to change what\n")
	if !found {
		t.Fatal("the tables have other headings")
	}
	var documented []string
	for line := range strings.Lines(folders) {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		for _, name := range filePath.FindAllStringSubmatch(first, -1) {
			documented = append(documented, name[1])
		}
	}
	for name := range mayImport {
		if top, _, _ := strings.Cut(name, "/"); top != "" && !slices.Contains(documented, top) {
			t.Errorf("the folder %s has no row", top)
		}
	}
	checked := 0
	for line := range strings.Lines(places) {
		_, cell, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		folder := "."
		for _, each := range filePath.FindAllStringSubmatch(cell, -1) {
			name := each[1]
			switch {
			case strings.Contains(name, "/"):
				folder = path.Dir(name)
			case path.Ext(name) != "":
				name = path.Join(folder, name)
			default: // a package or a word of the code
				continue
			}
			checked++
			if _, err := os.Stat(name); err != nil {
				t.Errorf("%s: %v", each[1], err)
			}
		}
	}
	for _, name := range documented {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if checked < 50 {
		t.Errorf("checked only %d paths", checked)
	}
}
