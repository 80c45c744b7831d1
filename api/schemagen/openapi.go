package main

import (
	"bytes"
	"fmt"

	"github.com/invopop/jsonschema"
)

// withComponents replaces the components of an OpenAPI document that have the names of the schema's objects. The rest of the document is
// written by hand and does not change. withComponents finds components by their indentation.
func withComponents(document []byte, root *jsonschema.Schema) ([]byte, error) {
	for _, d := range definitions(root) {
		component := *d.schema
		component.Version, component.ID, component.Definitions = "", "", nil
		text, err := indented(&component, "      ")
		if err != nil {
			return nil, err
		}
		text = bytes.ReplaceAll(text, []byte(`"#/$defs/`), []byte(`"#/components/schemas/`))
		head := []byte("\n      \"" + d.name + "\": ")
		before, rest, found := bytes.Cut(document, head)
		_, after, ended := bytes.Cut(rest, []byte("\n      }"))
		if !found || !ended || bytes.Contains(after, head) {
			return nil, fmt.Errorf("not one component %s", d.name)
		}
		document = bytes.Join([][]byte{before, head, text, after}, nil)
	}
	return document, nil
}
