package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/webp"
)

var (
	fenced   = regexp.MustCompile("(?ms)^```.*?^```$")
	code     = regexp.MustCompile("`[^`\n]*`")
	link     = regexp.MustCompile(`\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	linkText = regexp.MustCompile(`!?\[([^]]*)\]\([^)]*\)`)
	noAnchor = regexp.MustCompile(`[^\p{L}\p{N}\p{M} _-]+`)
)

// A markdown is a page of the repository.
type markdown struct {
	path, text string
	anchors    []string
}

// pages returns all pages, by their path.
func pages(t *testing.T) map[string]markdown {
	t.Helper()
	found := map[string]markdown{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || path == "tmp"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		path = filepath.ToSlash(path)
		found[path] = markdown{path, string(text), anchors(string(text))}
		return err
	})
	if err != nil || len(found) < 15 {
		t.Fatalf("%d pages, %v", len(found), err)
	}
	return found
}

// anchors returns the anchors of the headings of a page, as GitHub makes them.
func anchors(text string) (names []string) {
	for _, found := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		name := linkText.ReplaceAllString(found[1], "$1")
		name = strings.ReplaceAll(noAnchor.ReplaceAllString(strings.ToLower(name), ""), " ", "-")
		unique := name
		for n := 1; slices.Contains(names, unique); n++ {
			unique = fmt.Sprintf("%s-%d", name, n)
		}
		names = append(names, unique)
	}
	return names
}

// broken returns what is wrong with a link of a page, or nothing.
func (m markdown) broken(target string, all map[string]markdown) string {
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return err.Error()
	case u.Scheme != "" || u.Host != "":
		return ""
	}
	path := m.path
	if u.Path != "" {
		path = filepath.ToSlash(filepath.Join(filepath.Dir(m.path), filepath.FromSlash(u.Path)))
	}
	if _, err := os.Stat(path); err != nil {
		return "no such file"
	}
	if u.Fragment != "" && !slices.Contains(all[path].anchors, u.Fragment) {
		return "no such heading"
	}
	return ""
}

// Every link inside the repository leads to a file and a heading that exist.
func TestLinks(t *testing.T) {
	all, checked := pages(t), 0
	for _, page := range all {
		prose := code.ReplaceAllString(fenced.ReplaceAllString(page.text, ""), "")
		for _, found := range link.FindAllStringSubmatch(prose, -1) {
			checked++
			if wrong := page.broken(found[1]+found[2], all); wrong != "" {
				t.Errorf("%s: %s: %s", page.path, found[1]+found[2], wrong)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d links", checked)
	}
}

func TestBrokenLinks(t *testing.T) {
	all := map[string]markdown{"docs/api.md": {path: "docs/api.md", anchors: anchors("# A `b` c\n## Notes, [here](x)\n```\n# no\n```\n## A b c\n")}, "README.md": {path: "README.md"}}
	for target, want := range map[string]string{
		"docs/api.md": "", "docs/api.md#a-b-c": "", "docs/api.md#a-b-c-1": "", "docs/api.md#notes-here": "", "https://example.com/x": "", "docs": "",
		"docs/api.md#no": "no such heading", "api.md": "no such file", "#no": "no such heading",
	} {
		if got := all["README.md"].broken(target, all); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
	if got := all["docs/api.md"].broken("../README.md", all); got != "" {
		t.Errorf("a page above: %s", got)
	}
}

// A page answers one question. References may be longer.
func TestPagesAreShort(t *testing.T) {
	references := []string{"docs/api.md", "docs/configuration.md", "docs/troubleshooting.md"}
	for path, page := range pages(t) {
		longest := 200
		if path == "README.md" {
			longest = 150
		}
		if lines := strings.Count(page.text, "\n"); strings.HasPrefix(path, "docs/") || path == "README.md" {
			if lines > longest && !slices.Contains(references, path) {
				t.Errorf("%s has %d lines, at most %d are readable", path, lines, longest)
			}
		}
	}
}

// README.md shows the widget and the dashboard. go test ./browser -run TestPictures -update takes the pictures.
func TestPicturesOfREADME(t *testing.T) {
	readme := pages(t)["README.md"].text
	for _, name := range []string{"docs/pictures/contact.webp", "docs/pictures/dashboard.webp"} {
		if !strings.Contains(readme, "("+name+")") {
			t.Errorf("README.md doesn't show %s", name)
		}
		content, err := os.ReadFile(name)
		if err != nil || len(content) > 150_000 {
			t.Errorf("%s has %d bytes, %v", name, len(content), err)
		}
		if picture, err := webp.DecodeConfig(bytes.NewReader(content)); err != nil || picture.Width < 1000 || picture.Height < 600 {
			t.Errorf("%s is %d by %d pixels, %v", name, picture.Width, picture.Height, err)
		}
	}
}
