package web

import (
	"embed"
	"io/fs"
	"path"
)

// kept are the scripts of releases, each named by its hash, as `go run ./web/build -keep` files them.
//
//go:embed dist/kept
var kept embed.FS

// PinnedScripts are all the scripts that pages may have pinned, by the path where the public service has them for good: the
// ones that there are, and those of earlier releases. The caller must not change them.
func PinnedScripts() map[string][]byte {
	all := map[string][]byte{Script.PinnedPath(): Script.Body, Live.PinnedPath(): Live.Body}
	names, err := fs.Glob(kept, "dist/kept/widget.*.js")
	if err != nil {
		panic(err) // only for a bad pattern
	}
	for _, name := range names {
		body, err := kept.ReadFile(name)
		if err != nil {
			panic(err) // it is a part of the program
		}
		all["/v1/"+path.Base(name)] = body
	}
	return all
}
