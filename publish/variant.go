package publish

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"sync"
)

// A Variant is one encoding of an answer, with header values that are ready. It is shared and must not change.
type Variant struct {
	Body   []byte
	ETag   []string
	Length []string
}

// NewVariant makes the header values of a body. The entity tag is without quotation marks.
func NewVariant(body []byte, etag string) Variant {
	return Variant{Body: body, ETag: []string{`"` + etag + `"`}, Length: []string{strconv.Itoa(len(body))}}
}

// Zipped is the variant of the same answer that is compressed, to body.
func (v *Variant) Zipped(body []byte) Variant {
	return NewVariant(body, strings.Trim(v.ETag[0], `"`)+"-gzip")
}

var zippers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails for unknown levels only
	return w
}}

// Compress compresses a body fast, for a reader who waits for it.
func Compress(body []byte) []byte {
	var out bytes.Buffer
	w := zippers.Get().(*gzip.Writer)
	defer zippers.Put(w)
	w.Reset(&out)
	_, _ = w.Write(body) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// tagged makes a variant whose entity tag is made of the body.
func tagged(body []byte, suffix string) Variant { return NewVariant(body, Tag(body)+suffix) }

// Tag is an entity tag made of bytes, which may come in parts; it is without quotation marks.
func Tag(parts ...[]byte) string {
	all := sha256.New()
	for _, part := range parts {
		_, _ = all.Write(part) // a hash takes everything
	}
	return base64.RawURLEncoding.EncodeToString(all.Sum(nil)[:12])
}
