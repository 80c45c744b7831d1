// Command schemagen translates the types of package v1, with their tags and comments: to JSON Schemas in docs, to the schemas of snapshots in
// handlers/openapi.json, to TypeScript in web/src/snapshot.ts, and to tables in docs. It also makes docs/state.schema.json of package operator.
// Run it with: go generate ./api/v1
package main

import (
	"fmt"
	"os"

	"github.com/invopop/jsonschema"
)

// The generated files, relative to the folder of package v1.
const (
	schemaFile     = "../../docs/snapshot.schema.json"
	messageFile    = "../../docs/webhook.schema.json"
	hooksFile      = "../../docs/webhooks.md"
	openAPIFile    = "../../handlers/openapi.json"
	typescriptFile = "../../web/src/snapshot.ts"
	pageFile       = "../../docs/api.md"
	stateFile      = "../../docs/state.schema.json"
)

func main() {
	// go generate runs this in the folder of package v1.
	files, err := generate()
	for name, text := range files {
		if err == nil {
			err = os.WriteFile(name, text, 0o644) //nolint:gosec // it is for everyone to read
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

// generate returns the new text of each file.
func generate() (map[string][]byte, error) {
	snapshot, err := snapshotSchema()
	if err != nil {
		return nil, err
	}
	schema, err := indented(snapshot, "")
	if err != nil {
		return nil, err
	}
	types, err := typescript(snapshot)
	if err != nil {
		return nil, err
	}
	state, err := stateSchema()
	if err != nil {
		return nil, err
	}
	message, err := messageSchema()
	if err != nil {
		return nil, err
	}
	messages, err := indented(message, "")
	if err != nil {
		return nil, err
	}
	hooks, err := os.ReadFile(hooksFile)
	if err != nil {
		return nil, err
	}
	if hooks, err = withTables(hooks, messageDefinitions(message)); err != nil {
		return nil, fmt.Errorf("%s: %w", hooksFile, err)
	}
	files := map[string][]byte{schemaFile: append(schema, '\n'), typescriptFile: types, stateFile: append(state, '\n'), messageFile: append(messages, '\n'), hooksFile: hooks}
	for name, with := range map[string]func([]byte, *jsonschema.Schema) ([]byte, error){openAPIFile: withComponents, pageFile: withSnapshotTables} {
		text, err := os.ReadFile(name) //nolint:gosec // one of two names
		if err != nil {
			return nil, err
		}
		if files[name], err = with(text, snapshot); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return files, nil
}
