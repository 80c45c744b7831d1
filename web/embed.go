// Package web is the browser side: what the server sends to browsers as it is. The scripts are made of the TypeScript in src.
package web

import (
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"encoding/hex"
)

//go:generate go run ./build

// Assets are the files that pages of ours load: stylesheets, an icon, and small scripts.
//
//go:embed icon.svg dist/embed.css dist/embed.js dist/gallery.css dist/gallery.js
var Assets embed.FS

//go:embed dist/widget.js
var script []byte

//go:embed dist/widget.live.js
var liveScript []byte

//go:embed dist/widget.more.js
var moreScript []byte

// A Bundle is a script of the element. Whoever has its Body must not change it.
type Bundle struct {
	Body []byte
	Path string // where the public service has the latest of its kind

	sum [sha512.Size384]byte // of the kind that browsers check
}

// Script is what most pages load. Live can also follow the service's events, for elements that are to be live. More is a module that both load
// in the few pages that need it, whichever release they are of.
var (
	Script = newBundle("/v1/widget.js", script)
	Live   = newBundle("/v1/widget.live.js", liveScript)
	More   = newBundle("/v1/widget.more.js", moreScript)
)

func newBundle(path string, body []byte) *Bundle {
	return &Bundle{Body: body, Path: path, sum: sha512.Sum384(body)}
}

// Hash names this very script, for an address that never holds another one.
func (b *Bundle) Hash() string { return hex.EncodeToString(b.sum[:8]) }

// PinnedPath is where the public service has this very script, for good: /v1/widget.HASH.js.
func (b *Bundle) PinnedPath() string { return "/v1/widget." + b.Hash() + ".js" }

// Integrity is ready for the integrity attribute of a script element, which then needs crossorigin="anonymous" too.
func (b *Bundle) Integrity() string { return "sha384-" + base64.StdEncoding.EncodeToString(b.sum[:]) }
