package main

import (
	"reflect"

	"github.com/invopop/jsonschema"

	"waitboard/api/operator"
	"waitboard/internal/comments"
)

// stateSchema returns the JSON Schema of [operator.State].
func stateSchema() ([]byte, error) {
	described, err := comments.Read("../operator", reflect.TypeFor[operator.State]())
	if err != nil {
		return nil, err
	}
	r := &jsonschema.Reflector{
		Anonymous: true, ExpandedStruct: true, AllowAdditionalProperties: true, CommentMap: described,
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			if t != reflect.TypeFor[operator.Trend]() {
				return nil
			}
			sample := &jsonschema.Schema{Extras: map[string]any{"type": []string{"number", "null"}}}
			return &jsonschema.Schema{Type: "array", Items: sample}
		},
	}
	schema := r.Reflect(operator.State{})
	schema.ID, schema.Title = "state.schema.json", "State"
	schema.Description += " Fields may be added. Ignore unknown ones, as this schema does."
	return indented(schema, "")
}
