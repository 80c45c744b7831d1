// Package web owns the files that the server sends to browsers unchanged. Its scripts are built from the TypeScript in src.
package web

import (
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"encoding/hex"
)

//go:generate go run ./build

// Assets are the files that our own pages load: stylesheets, an icon, and small scripts.
//
//go:embed icon.svg dist/chart.css dist/chart.js dist/embed.css dist/embed.js dist/gallery.css dist/gallery.js
var Assets embed.FS

// Favicon is the icon that browsers request at /favicon.ico: 32 by 32 pixels of icon.svg.
//
//go:embed favicon.ico
var Favicon []byte

// AdminStyle and AdminScript are for the operators' pages, which another listener serves.
var (
	//go:embed dist/admin.css
	AdminStyle []byte
	//go:embed dist/admin.js
	AdminScript []byte
)

//go:embed dist/widget.js
var script []byte

//go:embed dist/widget.live.js
var liveScript []byte

//go:embed dist/widget.more.js
var moreScript []byte

//go:embed dist/widget.chart.js
var chartScript []byte

// A Bundle is a script of the element. Callers must not change Body.
type Bundle struct {
	Body []byte
	Path string // of the latest version on the public service

	sum [sha512.Size384]byte // the hash that browsers check
}

// Script is what most pages load. Live can also follow event streams. More is a module that scripts of any release load in the few pages that
// need it. Chart is a module that More loads for elements with a chart.
var (
	Script = newBundle("/v1/widget.js", script)
	Live   = newBundle("/v1/widget.live.js", liveScript)
	More   = newBundle("/v1/widget.more.js", moreScript)
	Chart  = newBundle("/v1/widget.chart.js", chartScript)
)

func newBundle(path string, body []byte) *Bundle {
	return &Bundle{Body: body, Path: path, sum: sha512.Sum384(body)}
}

// Hash returns a name of this exact script for an immutable address.
func (b *Bundle) Hash() string { return hex.EncodeToString(b.sum[:8]) }

// PinnedPath returns the permanent path of this exact script: /v1/widget.HASH.js.
func (b *Bundle) PinnedPath() string { return "/v1/widget." + b.Hash() + ".js" }

// Integrity returns the integrity attribute for a script element, which also needs crossorigin="anonymous".
func (b *Bundle) Integrity() string { return "sha384-" + base64.StdEncoding.EncodeToString(b.sum[:]) }
