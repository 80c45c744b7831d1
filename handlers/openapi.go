package handlers

import (
	"bytes"
	_ "embed" // the document
	"encoding/json"

	"github.com/labstack/echo/v4"
)

const openAPIPath = "/v1/openapi.json"

// openAPIDocument describes everything of the public API. It is written by hand, but for the schemas of a snapshot, which
// api/schemagen puts in; a test holds each real answer against it.
//
//go:embed openapi.json
var openAPIDocument []byte

// openAPIServer is the address in openAPIDocument, in whose place the public one goes.
var openAPIServer = []byte(`"url": "/"`)

// openAPI sends the document, made in advance for where the public reaches this service: that may be a path below a host,
// which a reader could not know from the document alone.
func openAPI(publicURL string) echo.HandlerFunc {
	body := openAPIDocument
	if publicURL != "" {
		body = bytes.Replace(body, openAPIServer, append([]byte(`"url": `), quoted(publicURL)...), 1)
	}
	return document(jsonType, body)
}

// document sends a body that stays the same as long as the service runs.
func document(contentType []string, body []byte) echo.HandlerFunc {
	plain, zipped := variants(body, compressBest)
	cacheControl := []string{"public, max-age=300"}
	return func(c echo.Context) error {
		send(c, contentType, plain, zipped, cacheControl)
		return nil
	}
}

// quoted is a string as JSON has it.
func quoted(s string) []byte {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can always be marshaled
	}
	return raw
}
