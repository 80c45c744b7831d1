package main

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/invopop/jsonschema"
)

// withComponents replaces the components of an OpenAPI document that have the names of the schema's objects and shapes. The rest of the
// document is written by hand and does not change. withComponents finds components by their indentation.
func withComponents(document []byte, root *jsonschema.Schema) ([]byte, error) {
	for _, d := range definitions(root) {
		for _, c := range components(d) {
			text, err := indented(c.schema, "      ")
			if err != nil {
				return nil, err
			}
			text = bytes.ReplaceAll(text, []byte(`"#/$defs/`), []byte(`"#/components/schemas/`))
			head := []byte("\n      \"" + c.name + "\": ")
			before, rest, found := bytes.Cut(document, head)
			_, after, ended := bytes.Cut(rest, []byte("\n      }"))
			if !found || !ended || bytes.Contains(after, head) {
				return nil, fmt.Errorf("not one component %s", c.name)
			}
			document = bytes.Join([][]byte{before, head, text, after}, nil)
		}
	}
	return document, nil
}

// components returns an object as generators of clients can read it, without boolean schemas, lists of types, and constants. Each shape is
// an object of its own, and the object itself is any of them: one in the shape of another with more fields also has that other shape.
func components(d definition) []definition {
	whole := *d.schema
	whole.Version, whole.ID, whole.Definitions = "", "", nil
	if len(whole.OneOf) == 0 {
		return []definition{{d.name, readable(&whole)}}
	}
	union := &jsonschema.Schema{Description: whole.Description}
	all := []definition{{d.name, union}}
	for _, s := range whole.OneOf {
		union.AnyOf = append(union.AnyOf, &jsonschema.Schema{Ref: "#/components/schemas/" + s.Title})
		all = append(all, definition{s.Title, readable(flattened(&whole, s))})
	}
	return all
}

// flattened returns an object in one of its shapes.
func flattened(whole, s *jsonschema.Schema) *jsonschema.Schema {
	out := &jsonschema.Schema{Type: "object", Description: s.Description, Properties: jsonschema.NewProperties()}
	out.Required = slices.Compact(slices.Sorted(slices.Values(slices.Concat(whole.Required, s.Required))))
	for name, property := range whole.Properties.FromOldest() {
		narrow, _ := s.Properties.Get(name)
		if narrow == jsonschema.FalseSchema {
			continue
		}
		both := *property
		if narrow != nil {
			both.Const, both.Minimum, both.MinItems, both.MaxItems = narrow.Const, narrow.Minimum, narrow.MinItems, narrow.MaxItems
			if narrow.Type != "" {
				both.Type, both.Extras = narrow.Type, nil
			}
		}
		out.Properties.Set(name, &both)
	}
	return out
}

// readable writes constants and null as enumerations, and leaves out rules that few programs know.
func readable(object *jsonschema.Schema) *jsonschema.Schema {
	object.DependentRequired = nil
	properties := jsonschema.NewProperties()
	for name, property := range object.Properties.FromOldest() {
		p := *property
		if constant, ok := p.Extras["const"]; ok {
			p.Const, p.Extras = constant, nil
		}
		if p.Const != nil {
			p.Const, p.Enum = nil, []any{p.Const}
		}
		if p.Type == "null" {
			p.Type, p.Enum = "", []any{nil}
		}
		properties.Set(name, &p)
	}
	object.Properties = properties
	return object
}
