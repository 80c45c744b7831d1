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

// PinnedScripts returns all scripts that pages may have pinned, current and of earlier releases, by their permanent path. The caller must not
// change them.
func PinnedScripts() map[string][]byte {
	all := map[string][]byte{Script.PinnedPath(): Script.Body, Live.PinnedPath(): Live.Body, Chart.PinnedPath(): Chart.Body}
	names, err := fs.Glob(releases, "dist/releases/widget.*.js")
	if err != nil {
		panic(err) // only for a bad pattern
	}
	for _, name := range names {
		body, err := releases.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		all["/v1/"+path.Base(name)] = body
	}
	return all
}
