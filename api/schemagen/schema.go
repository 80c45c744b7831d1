package main

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/invopop/jsonschema"

	v1 "waitboard/api/v1"
	"waitboard/internal/comments"
)

// openness says why the schema does not forbid what it does not name (additionalProperties is not false): a partner who
// checks our answers against last year's schema must not fail when a field is added. Our own tests do forbid it.
const openness = " Version 1 may get new fields, and what there is stays: ignore the fields that you don't know, as this schema does."

// snapshotSchema is the JSON Schema of [v1.Snapshot]. The types that it is made of are its $defs.
func snapshotSchema() (*jsonschema.Schema, error) {
	described, err := comments.Read(".", reflect.TypeFor[v1.Snapshot]())
	if err != nil {
		return nil, err
	}
	r := &jsonschema.Reflector{
		Anonymous:                 true, // the $id is set below
		ExpandedStruct:            true, // the snapshot is the root, not one of the $defs
		AllowAdditionalProperties: true,
		CommentMap:                described,
	}
	schema := r.Reflect(v1.Snapshot{})
	// A relative one is right wherever a copy of the file is put. The service sends it with its own public address.
	schema.ID = "snapshot.schema.json"
	schema.Title = "Snapshot"
	schema.Description += openness
	addShapes(schema)
	beat := r.Reflect(v1.Heartbeat{}) // which no snapshot holds
	beat.Version = ""
	schema.Definitions["Heartbeat"] = beat
	return schema, nil
}

// A definition is one of the objects of the schema.
type definition struct {
	name   string
	schema *jsonschema.Schema
}

// definitions are the root and its $defs, in the order in which they are met.
func definitions(root *jsonschema.Schema) []definition {
	all := []definition{{"Snapshot", root}}
	for _, name := range []string{"Metric", "Range", "Link", "Heartbeat"} {
		all = append(all, definition{name, root.Definitions[name]})
	}
	return all
}

// indented is the schema as indented JSON, whose lines after the first begin with the prefix.
func indented(schema *jsonschema.Schema, prefix string) ([]byte, error) {
	raw, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, raw, prefix, "  ")
	return out.Bytes(), err
}
