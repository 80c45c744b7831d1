package handlers

import (
	"bytes"

	"github.com/labstack/echo/v4"

	"waitboard/docs"
)

const schemaPath = "/v1/snapshot.schema.json"

// schemaID is the address in docs.SnapshotSchema, in whose place the public one goes.
var schemaID = []byte(`"$id": "snapshot.schema.json"`)

// snapshotSchema sends the JSON Schema of a snapshot, with the address at which the public finds it for its name.
func snapshotSchema(publicURL string) echo.HandlerFunc {
	return document(schemaType, documentKept, func() []byte {
		if publicURL == "" {
			return docs.SnapshotSchema
		}
		return bytes.Replace(docs.SnapshotSchema, schemaID, append([]byte(`"$id": `), quoted(publicURL+schemaPath)...), 1)
	})
}
