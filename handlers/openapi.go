package handlers

import (
	"bytes"
	_ "embed" // the document
	"encoding/json"
	"sync"

	"github.com/labstack/echo/v4"

	"waitboard/publish"
)

const openAPIPath = "/v1/openapi.json"

// openAPIDocument describes everything of the public API. It is written by hand, but for the schemas of a snapshot, which
// api/schemagen puts in; a test holds each real answer against it.
//
//go:embed openapi.json
var openAPIDocument []byte

// openAPIServer is the address in openAPIDocument, in whose place the public one goes.
var openAPIServer = []byte(`"url": "/"`)

// openAPI sends the document, made for where the public reaches this service: that may be a path below a host,
// which a reader could not know from the document alone.
func openAPI(publicURL string) echo.HandlerFunc {
	return document(jsonType, documentKept, func() []byte {
		if publicURL == "" {
			return openAPIDocument
		}
		return bytes.Replace(openAPIDocument, openAPIServer, append([]byte(`"url": `), quoted(publicURL)...), 1)
	})
}

var documentKept = []string{"public, max-age=300"}

// document sends a body that stays the same as long as the service runs. It is made, and compressed, for the first who asks.
func document(contentType, cacheControl []string, made func() []byte) echo.HandlerFunc {
	both := sync.OnceValues(func() (plain, zipped publish.Variant) { return variants(made(), compressBest) })
	return func(c echo.Context) error {
		plain, zipped := both()
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
