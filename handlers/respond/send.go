package respond

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"

	"waitboard/publish"
)

// A Body is the body of an answer, plain and compressed. Zipped has no bytes where compressing doesn't make it smaller.
type Body struct{ Plain, Zipped publish.Variant }

// NewBody makes a body whose entity tags are hashes of the plain bytes. A nil compress leaves out the compressed variant.
func NewBody(raw []byte, compress func([]byte) []byte) Body {
	body := Body{Plain: publish.NewVariant(raw, publish.Tag(raw))}
	if compress != nil {
		body.compress(compress)
	}
	return body
}

// TaggedBody makes a body with an entity tag, and compresses it fast.
func TaggedBody(raw []byte, tag string) Body {
	body := Body{Plain: publish.NewVariant(raw, tag)}
	body.compress(publish.Compress)
	return body
}

func (b *Body) compress(compress func([]byte) []byte) {
	if packed := compress(b.Plain.Body); len(packed) < len(b.Plain.Body) {
		b.Zipped = b.Plain.Zipped(packed)
	}
}

// CompressBest compresses slowly, for what is compressed once and sent often.
func CompressBest(raw []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // fails for unknown levels only
	_, _ = w.Write(raw)                                     // a bytes.Buffer accepts all writes
	_ = w.Close()
	return out.Bytes()
}

// Document returns a handler for a body that never changes. The first request makes and compresses it.
func Document(contentType, cacheControl []string, raw func() []byte) echo.HandlerFunc {
	body := sync.OnceValue(func() Body { return NewBody(raw(), CompressBest) })
	return func(c echo.Context) error {
		Send(c, contentType, body(), cacheControl)
		return nil
	}
}

// Send sends a body in the encoding that the client accepts, or 304 if the client has it.
func Send(c echo.Context, contentType []string, body Body, cacheControl []string) {
	w := c.Response()
	Vary(w.Header(), varyEncoding)
	SendVariant(w, c.Request(), contentType, &body.Plain, func() *publish.Variant { return &body.Zipped }, cacheControl)
}

var uncompressed publish.Variant

// Uncompressed returns a variant without bytes, for SendVariant.
func Uncompressed() *publish.Variant { return &uncompressed }

// AutoLength is the size of a body, in bytes, up to which net/http sets Content-Length. Without that field, the headers of
// a snapshot need no second piece of memory.
const AutoLength = 2000

// SendVariant works like Send, but leaves Vary to the caller, and calls zip only if the client may accept gzip.
func SendVariant(w http.ResponseWriter, r *http.Request, contentType []string, plain *publish.Variant, zip func() *publish.Variant, cacheControl []string) {
	h := w.Header()
	h["Cache-Control"] = cacheControl
	encodings, etags := r.Header["Accept-Encoding"], r.Header["If-None-Match"]
	zipped := &uncompressed
	if encodings != nil || etags != nil {
		zipped = zip()
	}
	chosen, other := plain, zipped // a client may also have the other variant, and accept it
	switch {
	case zipped.Body != nil && acceptsGzip(encodings):
		chosen, other = zipped, plain
	case encodings != nil:
		other = &uncompressed
	}
	if etags != nil {
		if etag := matching(etags, chosen.ETag, other.ETag); etag != nil {
			h["Etag"] = etag
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if chosen != plain {
		h["Content-Encoding"] = gzipEncoding
	}
	h["Etag"] = chosen.ETag
	h["Content-Type"] = contentType
	head := r.Method == http.MethodHead
	if head || len(chosen.Body) > AutoLength {
		h["Content-Length"] = chosen.Length
	}
	w.WriteHeader(http.StatusOK)
	if !head {
		_, _ = w.Write(chosen.Body) // fails if the client has gone
	}
}
