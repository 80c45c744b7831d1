package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"

	"github.com/invopop/jsonschema"

	v1 "waitboard/api/v1"
	"waitboard/internal/comments"
)

// openness explains why the schema allows unknown fields (additionalProperties is not false): a partner who validates answers with an old
// schema must not fail when a field is added. The tests of this repository forbid unknown fields.
const openness = " Version 1 may get new fields, and existing ones stay. Ignore unknown fields, as this schema does."

// snapshotSchema returns the JSON Schema of [v1.Snapshot]. Its $defs are the types of its fields.
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
	// A relative ID is correct for every copy of the file. The service sends the schema with its public address.
	schema.ID = "snapshot.schema.json"
	schema.Title = "Snapshot"
	schema.Description += openness
	addShapes(schema)
	beat := r.Reflect(v1.Heartbeat{}) // not part of a snapshot
	beat.Version = ""
	schema.Definitions["Heartbeat"] = beat
	for name, root := range map[string]*jsonschema.Schema{"TypicalWeek": r.Reflect(v1.TypicalWeek{}), "Chart": r.Reflect(v1.Chart{})} {
		maps.Copy(schema.Definitions, root.Definitions)
		root.Version, root.Definitions = "", nil
		schema.Definitions[name] = root
	}
	return schema, nil
}

// A definition is one of the objects of the schema.
type definition struct {
	name   string
	schema *jsonschema.Schema
}

// definitions returns the root and its $defs, in the order of their first use.
func definitions(root *jsonschema.Schema) []definition {
	all := []definition{{"Snapshot", root}}
	for _, name := range []string{"Metric", "Range", "Typical", "Estimate", "Link", "Heartbeat", "TypicalWeek", "TypicalMetric", "TypicalHour", "Quietest", "QuietHour", "Chart", "ChartMark", "ChartDay", "ChartBar"} {
		all = append(all, definition{name, root.Definitions[name]})
	}
	return all
}

// indented returns the schema as indented JSON. Lines after the first start with the prefix.
func indented(schema *jsonschema.Schema, prefix string) ([]byte, error) {
	raw, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, raw, prefix, "  ")
	return out.Bytes(), err
}
