// Package web is the browser side: what the server sends to browsers as it is. The script is made of the TypeScript in src.
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
//go:embed page.css icon.svg dist/embed.css dist/embed.js dist/gallery.js
var Assets embed.FS

//go:embed dist/widget.js
var script []byte

// scriptSum is the script's fingerprint, of the kind that browsers check.
var scriptSum = sha512.Sum384(script)

// Script is the script of the element. The caller must not change it.
func Script() []byte { return script }

// ScriptHash names this very script, for an address that never holds another one.
func ScriptHash() string { return hex.EncodeToString(scriptSum[:8]) }

// ScriptPath is where the public service has this very script: /v1/widget.HASH.js.
func ScriptPath() string { return "/v1/widget." + ScriptHash() + ".js" }

// ScriptIntegrity is ready for the integrity attribute of a script element, which then needs crossorigin="anonymous" too.
func ScriptIntegrity() string { return "sha384-" + base64.StdEncoding.EncodeToString(scriptSum[:]) }
