package main

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"waitboard/config"
)

// TestEveryKeyHasARow checks that every key has a row with texts.
func TestEveryKeyHasARow(t *testing.T) {
	schema, described, err := reflected("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sections("", reflect.TypeFor[config.File](), schema, described) {
		if s.Doc == "" || len(s.Keys) == 0 {
			t.Errorf("section %q has %d keys and the comment %q", s.Path, len(s.Keys), s.Doc)
		}
		for _, k := range s.Keys {
			if k.Type == "" || k.Default == "" || len(k.Meaning) < 10 || strings.Contains(k.Meaning, "  ") {
				t.Errorf("%s.%s: %+v", s.Path, k.Name, k)
			}
			if err := yaml.Unmarshal([]byte(strings.Trim(k.Example, "`")), new(any)); err != nil {
				t.Errorf("%s.%s: the example %s: %v", s.Path, k.Name, k.Example, err)
			}
		}
	}
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestExamplesWork tries the examples of the page: each is right as a part of the smallest file.
func TestExamplesWork(t *testing.T) {
	page, err := os.ReadFile(markdownFile)
	if err != nil {
		t.Fatal(err)
	}
	examples := yamlBlock.FindAllStringSubmatch(string(page), -1)
	if len(examples) < 5 {
		t.Fatalf("only %d examples", len(examples))
	}
	for _, example := range examples {
		whole := map[string]any{
			"sources": map[string]any{"hq": map[string]any{"url": "https://chronicall.example.com/rest", "key_env": "CHRONICALL_KEY"}},
			"widgets": map[string]any{"other": map[string]any{"metrics": map[string]any{"wait": map[string]any{"metric": "Wait", "source": "hq"}}}},
		}
		var part map[string]any
		if err := yaml.Unmarshal([]byte(example[1]), &part); err != nil {
			t.Errorf("%v in\n%s", err, example[1])
		}
		maps.Copy(whole["sources"].(map[string]any), asMap(part["sources"]))
		delete(part, "sources")
		maps.Copy(whole["widgets"].(map[string]any), asMap(part["widgets"]))
		delete(part, "widgets")
		maps.Copy(whole, part)
		text, err := yaml.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "waitboard.yaml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(file, func(string) (string, bool) { return "k", true }); err != nil {
			t.Errorf("%v in\n%s", err, example[1])
		}
	}
}

// asMap is nil for what is not there.
func asMap(v any) map[string]any { m, _ := v.(map[string]any); return m }
