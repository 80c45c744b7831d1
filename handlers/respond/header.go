// Package respond sends answers. It negotiates the media type, the encoding and the language, answers conditional
// requests, decides Cache-Control, and renders problems (RFC 9457).
package respond

import (
	"net/http"
	"strings"
)

// Header values that several answers share. Assigning one to the header map spares an allocation. They must not change.
var (
	TypeJSON = []string{"application/json"}
	TypeHTML = []string{"text/html; charset=utf-8"}
	TypeText = []string{"text/plain; charset=utf-8"}

	NoSniff = []string{"nosniff"}

	NoStore     = []string{"no-store"}
	FiveMinutes = []string{"public, max-age=300"}
	Immutable   = []string{"public, max-age=31536000, immutable"}

	VaryAccept   = []string{"Accept, Accept-Encoding"}
	VaryLanguage = []string{"Accept-Language"}
	varyEncoding = []string{"Accept-Encoding"}

	typeProblem  = []string{"application/problem+json"}
	gzipEncoding = []string{"gzip"}
)

// Vary adds request header names to the Vary header. The header stays one line, because nginx reads only the first.
func Vary(h http.Header, names []string) {
	if before := h["Vary"]; before == nil {
		h["Vary"] = names
	} else {
		h["Vary"] = []string{strings.Join(before, ", ") + ", " + names[0]}
	}
}
