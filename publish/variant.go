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

// A Variant is one encoding of a response, with finished header values. It is shared: nobody changes it.
type Variant struct {
	Body   []byte
	ETag   []string
	Length []string
}

// NewVariant returns a body with its header values. The entity tag is without quotation marks.
func NewVariant(body []byte, etag string) Variant {
	return Variant{Body: body, ETag: []string{`"` + etag + `"`}, Length: []string{strconv.Itoa(len(body))}}
}

// Zipped returns the compressed variant of the same response; body is the compressed one.
func (v *Variant) Zipped(body []byte) Variant {
	return NewVariant(body, strings.Trim(v.ETag[0], `"`)+"-gzip")
}

var zippers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // it fails only for unknown levels
	return w
}}

// Compress compresses a body with gzip, fast.
func Compress(body []byte) []byte {
	var out bytes.Buffer
	w := zippers.Get().(*gzip.Writer)
	defer zippers.Put(w)
	w.Reset(&out)
	_, _ = w.Write(body) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

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
