package main

import (
	"bytes"
	"fmt"

	"github.com/invopop/jsonschema"
)

// withComponents puts the schema's objects in place of the components of the same names in an OpenAPI document. All else in
// it is written by hand and stays as it is, byte for byte; that the components are found by their indentation is good
// enough for one file of ours.
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
