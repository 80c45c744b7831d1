package publish

import (
	"bytes"
	"compress/gzip"
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
