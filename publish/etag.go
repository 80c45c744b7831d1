package publish

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
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

const tagLength = 16 // of Tag

// Stamped adds to a tag a number that grows with the times of what the tag identifies.
func Stamped(tag string, at int64) string { return tag + "-" + strconv.FormatInt(at, 36) }

// Behind reports whether known is the stamped tag of another answer to the same request, and that answer was not older than the one with the
// tag own: another replica has sent it.
func Behind(known, own string) bool {
	content, at, ok := unstamped(known)
	ownContent, ownAt, _ := unstamped(own)
	return ok && (at > ownAt || at == ownAt && content != ownContent)
}

func unstamped(etag string) (tag string, at int64, ok bool) {
	etag = strings.TrimSuffix(strings.Trim(strings.TrimPrefix(etag, "W/"), `"`), "-gzip")
	if len(etag) <= tagLength || etag[tagLength] != '-' {
		return etag, 0, false
	}
	at, err := strconv.ParseInt(etag[tagLength+1:], 36, 64)
	return etag[:tagLength], at, err == nil
}
