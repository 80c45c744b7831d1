// Package docs holds the documents that are made of the source, beside those written by hand, and gives the service what it
// sends of them.
package docs

import _ "embed" // the schema

// SnapshotSchema is the JSON Schema of a snapshot.
//
//go:embed snapshot.schema.json
var SnapshotSchema []byte
