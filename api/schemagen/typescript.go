package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// typescript returns the schema as TypeScript. An object with shapes becomes a union of interfaces, one for each shape. Code narrows the union
// by a field: `if (snapshot.state === "closed") show(snapshot.message)`.
//
// typescript supports the part of JSON Schema that the schema uses, and fails for any other.
func typescript(root *jsonschema.Schema) ([]byte, error) {
	w := new(tsWriter)
	w.line("// Made of the Go types in api/v1/snapshot.go, as docs/snapshot.schema.json is, by: go generate ./api/v1")
	w.line("//")
	w.line("// Times are in RFC 3339, such as 2026-11-23T12:00:05.250Z. New fields may be added; these stay.")
	for _, d := range definitions(root) {
		w.definition(d.name, d.schema)
	}
	return w.Bytes(), w.err
}

// A tsWriter writes declarations. After an error its text is not usable.
type tsWriter struct {
	bytes.Buffer
	err error
}

func (w *tsWriter) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// doc writes a TSDoc comment.
func (w *tsWriter) doc(indent, text string) {
	if text = strings.ReplaceAll(text, "*/", "* /"); text != "" {
		w.line("%s/** %s */", indent, text)
	}
}

func (w *tsWriter) definition(name string, s *jsonschema.Schema) {
	w.line("")
	if len(s.OneOf) == 0 {
		w.doc("", s.Description)
		w.line("export interface %s {", name)
		w.properties(s, s.Required, true)
		w.line("}")
		return
	}
	titles := make([]string, len(s.OneOf))
	for i, shape := range s.OneOf {
		titles[i] = shape.Title
	}
	w.doc("", s.Description)
	w.line("export type %s =\n  | %s;", name, strings.Join(titles, "\n  | "))
	w.line("")
	w.doc("", "The fields of every form of a "+name+".")
	w.line("export interface %sFields {", name)
	w.properties(s, s.Required, true)
	w.line("}")
	for _, shape := range s.OneOf {
		w.line("")
		w.doc("", shape.Description)
		w.line("export interface %s extends %sFields {", shape.Title, name)
		w.properties(w.narrowed(s, shape), append(slices.Clone(s.Required), shape.Required...), false)
		w.line("}")
	}
}

// narrowed returns the properties that a shape restricts or requires.
func (w *tsWriter) narrowed(whole, shape *jsonschema.Schema) *jsonschema.Schema {
	out := &jsonschema.Schema{Properties: jsonschema.NewProperties()}
	for name, property := range whole.Properties.FromOldest() {
		narrow, named := shape.Properties.Get(name)
		switch {
		case named && (narrow.MinItems != nil || narrow.MaxItems != nil):
			// Tuples could express it, but a union of tuples has no methods in common.
		case named:
			out.Properties.Set(name, narrow)
		case slices.Contains(shape.Required, name):
			out.Properties.Set(name, property)
		}
	}
	for name := range shape.Properties.KeysFromOldest() {
		if _, known := whole.Properties.Get(name); !known {
			w.err = fmt.Errorf("%s is not a property of all shapes", name)
		}
	}
	return out
}

func (w *tsWriter) properties(s *jsonschema.Schema, required []string, documented bool) {
	for name, property := range s.Properties.FromOldest() {
		if documented {
			w.doc("  ", property.Description)
		}
		mark := "?"
		if slices.Contains(required, name) {
			mark = ""
		}
		w.line("  %s%s: %s;", name, mark, w.typeOf(property))
	}
}

// typeOf returns the type of a property.
func (w *tsWriter) typeOf(s *jsonschema.Schema) string {
	kinds, _ := s.Extras["type"].([]string)
	constant := s.Const
	if constant == nil {
		constant = s.Extras["const"]
	}
	switch {
	case s == jsonschema.FalseSchema:
		return "never"
	case constant != nil:
		return w.literals(constant)
	case len(s.Enum) > 0:
		return w.literals(s.Enum...)
	case s.Ref != "":
		return strings.TrimPrefix(s.Ref, "#/$defs/")
	case s.Items != nil:
		return w.typeOf(s.Items) + "[]"
	case s.Type != "":
		kinds = []string{s.Type}
	}
	return w.union(kinds)
}

// literals returns a union of literals. A JSON literal is also a TypeScript literal.
func (w *tsWriter) literals(values ...any) string {
	texts := make([]string, len(values))
	for i, value := range values {
		raw, err := json.Marshal(value)
		if err != nil {
			w.err = err
		}
		texts[i] = string(raw)
	}
	return strings.Join(texts, " | ")
}

var primitives = map[string]string{"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}

// union returns the union of the types that JSON Schema calls by these names.
func (w *tsWriter) union(kinds []string) string {
	types := make([]string, len(kinds))
	for i, kind := range kinds {
		types[i] = primitives[kind]
	}
	if len(types) == 0 || slices.Contains(types, "") {
		w.err = fmt.Errorf("no type for %q", kinds)
	}
	return strings.Join(types, " | ")
}
