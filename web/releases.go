package web

import (
	"embed"
	"io/fs"
	"path"
)

// releases holds the scripts of releases, each named by its hash, as `go run ./web/build -keep` files them.
//
//go:embed dist/releases
var releases embed.FS

// PinnedScripts are all the scripts that pages may have pinned, by the path where the public service has them for good: the
// ones that there are, and those of earlier releases. The caller must not change them.
func PinnedScripts() map[string][]byte {
	all := map[string][]byte{Script.PinnedPath(): Script.Body, Live.PinnedPath(): Live.Body}
	names, err := fs.Glob(releases, "dist/releases/widget.*.js")
	if err != nil {
		panic(err) // only for a bad pattern
	}
	for _, name := range names {
		body, err := releases.ReadFile(name)
		if err != nil {
			panic(err) // it is a part of the program
		}
		all["/v1/"+path.Base(name)] = body
	}
	return all
}
