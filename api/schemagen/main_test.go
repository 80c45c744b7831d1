package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestMain runs the tests where go generate runs the command: in the folder of package v1.
func TestMain(m *testing.M) {
	if err := os.Chdir("../v1"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestFilesAreCurrent(t *testing.T) {
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not current; run go generate ./api/v1 (-want +got)\n%s", name, diff)
		}
	}
}

// TestEveryFieldIsDescribed checks that each field has a description without words of Go.
func TestEveryFieldIsDescribed(t *testing.T) {
	root, err := snapshotSchema()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(definitions(root)) - 1; n != len(root.Definitions) {
		t.Errorf("%d of %d definitions are written out", n, len(root.Definitions))
	}
	message, err := messageSchema()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range append(definitions(root), messageDefinitions(message)...) {
		texts := map[string]string{"": d.schema.Description}
		for name, property := range d.schema.Properties.FromOldest() {
			texts["."+name] = property.Description
		}
		for name, text := range texts {
			if len(text) < 10 || strings.ContainsAny(text, "\n<>&") || strings.Contains(text, "schemagen") {
				t.Errorf("%s%s has the description %q", d.name, name, text)
			}
		}
	}
}

// TestSchema tries snapshots that must pass, and ones that are wrong in one thing each. What the service really sends is
// tried in package handlers.
func TestSchema(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	const open = `{"id":"a","title":"A","locale":"en","state":"open","stale":false,"observed_at":"2026-11-23T12:00:05.250Z","refresh_after":10,"stale_after":45,"hide_after":300,"metrics":[`
	const closed = `{"id":"a","title":"A","locale":"en","state":"closed","stale":false,"refresh_after":10,"stale_after":45,"hide_after":300,"metrics":[],`
	const duration = `"id":"w","label":"W","type":"duration","unit":"s","text":"4 min"`
	const count = `"id":"w","label":"W","type":"count","text":"3"`
	tests := []struct {
		name, snapshot string
		valid          bool
	}{
		{"a duration", open + `{` + duration + `,"value":240,"rate":1,"as_of":"2026-11-23T12:00:05.250Z"}]}`, true},
		{"a standing duration", open + `{` + duration + `,"value":240}]}`, true},
		{"a count", open + `{` + count + `,"value":3}]}`, true},
		{"a span", open + `{` + count + `,"range":{"min":3}}]}`, true},
		{"a span of durations", open + `{` + duration + `,"range":{"max":60}}]}`, true},
		{"no value", open + `{` + duration + `,"value":null}]}`, true},
		{"no value yet", open + `{"id":"w","label":"W","text":"","value":null}]}`, true},
		{"closed", closed + `"message":"Closed."}`, true},
		{"a link", open + `{` + count + `,"value":3,"link":{"label":"Call","url":"tel:+1555"}}]}`, true},
		{"a new field", open + `{` + count + `,"value":3,"colour":"red"}],"weather":"fine"}`, true},

		{"not an object", `[]`, false},
		{"value and range", open + `{` + count + `,"value":3,"range":{"min":3}}]}`, false},
		{"neither", open + `{` + count + `}]}`, false},
		{"an empty span", open + `{` + count + `,"range":{}}]}`, false},
		{"a negative duration", open + `{` + duration + `,"value":-1,"rate":1,"as_of":"2026-11-23T12:00:05.250Z"}]}`, false},
		{"a duration of no instant", open + `{` + duration + `,"value":240,"rate":1}]}`, false},
		{"a duration in words", open + `{` + duration + `,"value":"4","rate":1,"as_of":"2026-11-23T12:00:05.250Z"}]}`, false},
		{"a running span", open + `{` + duration + `,"range":{"max":60},"rate":1}]}`, false},
		{"a count that runs", open + `{` + count + `,"value":3,"rate":1}]}`, false},
		{"an unknown type", open + `{"id":"w","label":"W","type":"colour","value":3,"text":"3"}]}`, false},
		{"not stale, in words", open + `{` + count + `,"value":3,"stale":false}]}`, false},
		{"a dangerous link", open + `{` + count + `,"value":3,"link":{"label":"Call","url":"javascript:1"}}]}`, false},
		{"open with nothing", open + `]}`, false},
		{"a time without a zone", strings.Replace(open, "Z", "", 1) + `{` + count + `,"value":3}]}`, false},
		{"closed without a word", closed + `"notice":"On holiday"}`, false},
		{"an unknown state", strings.Replace(closed, "closed", "asleep", 1) + `"message":"Closed."}`, false},
		{"an ID of another form", strings.Replace(closed, `"a"`, `"A"`, 1) + `"message":"Closed."}`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(test.snapshot))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); test.valid != (err == nil) {
				t.Errorf("valid %v, but the schema says %v", test.valid, err)
			}
		})
	}
}

// TestComponents holds that the OpenAPI document means the same by its own IDs, and that a component is never missed.
func TestComponents(t *testing.T) {
	root, err := snapshotSchema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(openAPIFile)
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Components struct {
			Schemas map[string]struct{ Pattern string }
		}
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		t.Fatal(err)
	}
	if id, _ := root.Properties.Get("id"); parsed.Components.Schemas["ID"].Pattern != id.Pattern {
		t.Errorf("IDs look like %s, or like %s", parsed.Components.Schemas["ID"].Pattern, id.Pattern)
	}
	if _, err := withComponents([]byte(strings.Replace(string(document), `"Range": {`, `"Span": {`, 1)), root); err == nil {
		t.Error("a component that is not there is passed over")
	}
}
