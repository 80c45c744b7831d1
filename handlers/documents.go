package handlers

import (
	"bytes"
	_ "embed" // openapi.json
	"encoding/json"

	"github.com/labstack/echo/v4"

	"waitboard/docs"
	"waitboard/handlers/respond"
)

// openAPIDocument describes the public API. It is written by hand, except for the schemas of a snapshot, which
// api/schemagen inserts. A test validates real answers against it.
//
//go:embed openapi.json
var openAPIDocument []byte

// Fields of the documents that the public URL replaces.
var (
	openAPIServer = []byte(`"url": "/"`)
	schemaID      = []byte(`"$id": "snapshot.schema.json"`)
)

var schemaType = []string{"application/schema+json"}

// openAPI sends the OpenAPI document with the public URL as its server.
func openAPI(publicURL string) echo.HandlerFunc {
	return document(respond.TypeJSON, openAPIDocument, openAPIServer, `"url": `, publicURL, "")
}

// snapshotSchema sends the JSON Schema of a snapshot with its public address as its ID.
func snapshotSchema(publicURL string) echo.HandlerFunc {
	return document(schemaType, docs.SnapshotSchema, schemaID, `"$id": `, publicURL, "/v1/snapshot.schema.json")
}

// document sends a document with one field replaced by the name and an address, unless the public URL is unknown.
func document(contentType []string, raw, field []byte, name, publicURL, path string) echo.HandlerFunc {
	return respond.Document(contentType, respond.FiveMinutes, func() []byte {
		if publicURL == "" {
			return raw
		}
		address, err := json.Marshal(publicURL + path)
		if err != nil {
			panic(err) // impossible for a string
		}
		return bytes.Replace(raw, field, append([]byte(name), address...), 1)
	})
}
