package publish

import (
	"crypto/sha256"
	"encoding/base64"
)

// tagged returns a variant with an entity tag of its body.
func tagged(body []byte, suffix string) Variant { return NewVariant(body, Tag(body)+suffix) }

// Tag returns an entity tag of some bytes, without quotation marks.
func Tag(parts ...[]byte) string {
	all := sha256.New()
	for _, part := range parts {
		_, _ = all.Write(part) // a hash never fails
	}
	return base64.RawURLEncoding.EncodeToString(all.Sum(nil)[:12])
}
