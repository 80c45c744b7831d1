// Package docs owns the documentation. Some files are generated from the source; the service sends the snapshot schema.
package docs

import _ "embed" // the schema

// SnapshotSchema is the JSON Schema of a snapshot.
//
//go:embed snapshot.schema.json
var SnapshotSchema []byte
