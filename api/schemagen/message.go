package main

import (
	"reflect"

	"github.com/invopop/jsonschema"

	v1 "waitboard/api/v1"
	"waitboard/internal/comments"
)

// messageSchema returns the JSON Schema of [v1.Message].
func messageSchema() (*jsonschema.Schema, error) {
	described, err := comments.Read(".", reflect.TypeFor[v1.Message]())
	if err != nil {
		return nil, err
	}
	r := &jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, AllowAdditionalProperties: true, CommentMap: described}
	schema := r.Reflect(v1.Message{})
	schema.ID = "webhook.schema.json"
	schema.Title = "Message"
	schema.Description += openness
	shapeMetric(schema)
	return schema, nil
}

// messageDefinitions returns the objects that only messages have.
func messageDefinitions(root *jsonschema.Schema) []definition {
	return []definition{{"Message", root}, {"MessageData", root.Definitions["MessageData"]}, {"MessagePrivate", root.Definitions["MessagePrivate"]}}
}
