package main

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	exportedName   = regexp.MustCompile(`"(waitboard_[a-z0-9_]+)"`)
	documentedName = regexp.MustCompile("`(waitboard_[a-z0-9_]+)[`{]")
	usedName       = regexp.MustCompile(`\bwaitboard_[a-z0-9_]+`)
)

// exportedMetrics returns the names of all Prometheus metrics in the source, with a file of each.
func exportedMetrics(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "node_modules":
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		for _, found := range exportedName.FindAllStringSubmatch(string(source), -1) {
			names[found[1]] = path
		}
		return err
	})
	if err != nil || len(names) < 40 {
		t.Fatalf("%d names, %v", len(names), err)
	}
	return names
}

// documentedMetrics returns the names in the first column of all tables of the documentation.
func documentedMetrics(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	files, _ := filepath.Glob("docs/*.md")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, "| `waitboard_") {
				continue
			}
			first, _, _ := strings.Cut(line[2:], " | ")
			for _, found := range documentedName.FindAllStringSubmatch(first, -1) {
				names[found[1]] = file
			}
		}
	}
	return names
}

func TestMetricsAreDocumented(t *testing.T) {
	exported, documented := exportedMetrics(t), documentedMetrics(t)
	for name, file := range exported {
		if documented[name] == "" {
			t.Errorf("%s, of %s, is in no table of docs", name, file)
		}
	}
	for name, file := range documented {
		if exported[name] == "" {
			t.Errorf("%s has %s, which nothing exports", file, name)
		}
	}
}

// Examples use metrics that exist.
func TestExamplesUseDocumentedMetrics(t *testing.T) {
	documented := documentedMetrics(t)
	for _, file := range []string{"deploy/prometheus/alerts.yaml", "deploy/prometheus/alerts_test.yaml", "deploy/grafana/waitboard.json"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, name := range usedName.FindAllString(string(text), -1) {
			names[strings.TrimSuffix(name, "_bucket")] = true
		}
		if len(names) < 8 {
			t.Errorf("%s uses %q", file, slices.Sorted(maps.Keys(names)))
		}
		for name := range names {
			if documented[name] == "" {
				t.Errorf("%s uses %s", file, name)
			}
		}
	}
}
