package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"waitboard/config"
	"waitboard/config/internal/cases"
)

const (
	schemaFile   = "../../docs/waitboard.schema.json"
	markdownFile = "../../docs/configuration.md"
)

func TestFilesAreCurrent(t *testing.T) {
	for file, generate := range map[string]func(string) ([]byte, error){schemaFile: generateSchema, markdownFile: generateMarkdown} {
		want, err := generate("..")
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not current; run go generate ./config (-want +got)\n%s", file, diff)
		}
	}
}

// TestEveryKeyIsDescribed checks that each key has a description for editors.
func TestEveryKeyIsDescribed(t *testing.T) {
	var described func(path string, schema map[string]any)
	described = func(path string, schema map[string]any) {
		if text, _ := schema["description"].(string); len(text) < 10 || strings.Contains(text, "File") {
			t.Errorf("%s has the description %q", path, text)
		}
		properties, _ := schema["properties"].(map[string]any)
		for name, property := range properties {
			described(path+"."+name, property.(map[string]any))
		}
		if element, ok := schema["additionalProperties"].(map[string]any); ok {
			described(path+".*", element)
		}
	}
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	described("$", schema)
}

// TestSchemaAndParserAgree checks the schema with the parser's test files. It must accept what the parser accepts, and reject what only
// violates the form of the file.
func TestSchemaAndParserAgree(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	rejected := []string{"unknown-*", "literal-*", "no-sources", "no-widgets", "sources-*", "source-without-name", "url-missing", "url-empty",
		"metric-missing", "metrics-missing", "metrics-empty", "title-number", "title-list", "title-settings", "title-bool", "title-long", "listen-number",
		"category-number", "category-null", "category-empty-list", "category-nested", "category-twice", "combine-*", "mode-unknown", "duration-no-unit",
		"duration-word", "duration-years", "duration-negative", "id-*", "key-missing", "key-twice", "metric-id-number", "value-missing",
		"amount-bool", "amount-list", "amount-negative*", "amount-zero", "amount-quoted-number", "amount-word", "amount-years", "display-text", "display-unknown-key",
		"buckets-one", "buckets-empty", "buckets-twice", "buckets-null", "buckets-word", "round-mode", "round-without-to", "round-unknown-key", "round-list", "hide-zero-*",
		"decimals-many", "decimals-negative", "decimals-broken", "levels-empty", "levels-text", "levels-low", "link-text", "link-without-*", "link-when-word", "link-url-empty",
		"hours-no-days", "hours-text", "hours-unknown-key", "weekly-text", "weekly-list", "weekly-empty", "weekly-null", "weekly-key*", "weekly-unquoted", "weekly-value-*", "span-clock", "span-one-digit",
		"span-am", "span-25", "span-60", "span-from-24", "span-past-24", "span-comma", "span-word", "span-seconds", "timezone-offset", "closed-number", "closed-settings",
		"phrase-language", "phrase-unknown", "phrase-number", "phrase-no-other", "phrases-list", "hold-share-large", "hold-share-negative", "hold-share-percent", "hold-share-text", "hold-number",
		"closed-empty", "notice-long", "notice-number", "notice-settings", "notice-null", "data-dir-empty", "data-dir-number", "data-dir-list", "admin-token-env-number", "open-list", "rate-limit-number", "rate-limit-off", "rate-limit-list", "rate-limit-null", "rate-limit-unknown-key", "rate-limit-without-requests",
		"rate-limit-requests-many", "rate-limit-requests-huge", "rate-limit-requests-negative", "rate-limit-requests-broken", "rate-limit-requests-quoted",
		"rate-limit-requests-word", "rate-limit-per-number", "rate-limit-per-word", "proxies-empty-list", "proxies-empty", "proxies-null", "proxies-number",
		"proxies-settings", "proxies-nested", "proxies-twice", "open-day", "open-range", "open-span", "open-unquoted"}
	for _, pattern := range []string{"../testdata/valid-*.yaml", "../../examples/waitboard.yaml"} {
		files, _ := filepath.Glob(pattern)
		if len(files) == 0 {
			t.Errorf("no file %s", pattern)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(load(t, file, text)); err != nil {
				t.Errorf("%s is valid, but the schema says %v", file, err)
			}
		}
	}
	invalid, err := cases.Read("../testdata/invalid")
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range rejected {
		found := false
		for _, c := range invalid {
			if matches, _ := path.Match(pattern, c.Name); !matches || c.Name == "unknown-alias" { // which is no matter of the schema
				continue
			}
			found = true
			if schema.Validate(load(t, c.Name, []byte(c.Text))) == nil {
				t.Errorf("%s is invalid, but the schema accepts it", c.Name)
			}
		}
		if !found {
			t.Errorf("no case %s", pattern)
		}
	}
}

// load reads a YAML text as an editor does.
func load(t *testing.T, file string, text []byte) any {
	var document yaml.Node
	var value any
	if err := yaml.Load(text, &document); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	keepTexts(&document)
	if err := document.Load(&value); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	converted, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	value, err = jsonschema.UnmarshalJSON(bytes.NewReader(converted))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return value
}

// keepTexts makes texts of dates and keys, which are something else in YAML and not in JSON.
func keepTexts(n *yaml.Node) {
	for i, child := range n.Content {
		isKey := n.Kind == yaml.MappingNode && i%2 == 0 && child.Tag != "!!merge"
		if child.Kind == yaml.ScalarNode && (isKey || child.Tag == "!!timestamp") {
			child.Tag = "!!str"
		}
		keepTexts(child)
	}
}

// TestDefaultsInSchema holds the defaults that the schema shows against those of a file that leaves everything out.
func TestDefaultsInSchema(t *testing.T) {
	c, err := config.Load("../testdata/valid-minimal.yaml", func(string) (string, bool) { return "k", true })
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var root node
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	source := root.Properties["sources"].element(t)
	metric := root.Properties["widgets"].element(t).Properties["metrics"].element(t)
	duration := func(n node) time.Duration {
		text, _ := n.Default.(string)
		d, _ := time.ParseDuration(text)
		return d
	}
	if root.Properties["listen"].Default != c.Listen || root.Properties["admin"].Default != c.Admin ||
		source.Properties["mode"].Default != string(c.Sources[0].Mode) ||
		duration(source.Properties["interval"]) != c.Sources[0].Interval || duration(source.Properties["timeout"]) != c.Sources[0].Timeout ||
		root.Properties["events"].Properties["max"].Default != float64(c.Events.Max) ||
		metric.Properties["combine"].Default != c.Widgets[0].Metrics[0].Combine || metric.Properties["link"].Properties["when"].Default != "low" ||
		root.Properties["widgets"].element(t).Properties["listed"].Default != !c.Widgets[0].Unlisted {
		t.Error("the defaults differ")
	}
}

// node is the part of a JSON Schema that TestDefaultsInSchema looks at.
type node struct {
	Default              any
	Properties           map[string]node
	AdditionalProperties json.RawMessage
}

// element is the schema of a mapping's values.
func (n node) element(t *testing.T) (element node) {
	if err := json.Unmarshal(n.AdditionalProperties, &element); err != nil {
		t.Fatal(err)
	}
	return element
}
