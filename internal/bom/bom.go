// Package bom removes byte order marks, which Windows programs put before texts.
package bom

import (
	"bytes"

	"golang.org/x/text/encoding/unicode"
)

var utf8Mark = []byte("\uFEFF")

// Decode returns a text as UTF-8, without the byte order mark at its start. found reports whether there was one. A mark of
// UTF-16 makes Decode convert the text.
func Decode(text []byte) (plain []byte, found bool) {
	if bytes.HasPrefix(text, []byte{0xFF, 0xFE}) || bytes.HasPrefix(text, []byte{0xFE, 0xFF}) {
		if plain, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(text); err == nil {
			return plain, true
		}
	}
	return bytes.CutPrefix(text, utf8Mark)
}
