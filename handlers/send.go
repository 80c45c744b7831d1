package handlers

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"waitboard/publish"
)

var none publish.Variant // for those that are not compressed

func uncompressed() *publish.Variant { return &none }

// compressBest takes its time, for what is compressed once and sent for ever.
func compressBest(body []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // fails for unknown levels only
	_, _ = w.Write(body)                                    // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// variants are an answer plain and, where that is shorter, compressed. Their entity tags are made of the plain one. Without compress, as for
// what is made for one request, there is no other.
func variants(body []byte, compress func([]byte) []byte) (plain, zipped publish.Variant) {
	plain = publish.NewVariant(body, publish.Tag(body))
	if compress == nil {
		return plain, zipped
	}
	if packed := compress(body); len(packed) < len(body) {
		zipped = plain.Zipped(packed)
	}
	return plain, zipped
}

// send answers with one of two encodings of the same (the second may be without a body), or with 304 to a reader that
// has one of them, unless it does not take that.
func send(c echo.Context, contentType []string, plain, zipped publish.Variant, cacheControl []string) {
	w := c.Response()
	vary(w.Header(), varyEncoding)
	sendVariant(w, c.Request(), contentType, &plain, func() *publish.Variant { return &zipped }, cacheControl)
}

// vary adds request headers that the answer depends on to those that are known already, in one line: nginx reads no other.
func vary(h http.Header, on []string) {
	if known := h["Vary"]; known == nil {
		h["Vary"] = on
	} else {
		h["Vary"] = []string{strings.Join(known, ", ") + ", " + on[0]}
	}
}

// measured is how long a body may be for net/http to put its length into the header by itself, in bytes (it says a few KB). That spares a
// snapshot the field: up to eight of them take a map no second piece of memory.
const measured = 2000

// sendVariant is send, but for Vary, and that the compressed variant is made for the first who may have it.
func sendVariant(w http.ResponseWriter, r *http.Request, contentType []string, plain *publish.Variant, zip func() *publish.Variant, cacheControl []string) {
	h := w.Header()
	h["Cache-Control"] = cacheControl
	accepted, known := r.Header["Accept-Encoding"], r.Header["If-None-Match"]
	zipped := &none
	if accepted != nil || known != nil {
		zipped = zip()
	}
	chosen, other := plain, zipped // the other one is good, too, for a reader that has it and takes it
	switch {
	case zipped.Body != nil && acceptsGzip(accepted):
		chosen, other = zipped, plain
	case accepted != nil:
		other = &none
	}
	if known != nil {
		if etag := matching(known, chosen.ETag, other.ETag); etag != nil {
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
	if head || len(chosen.Body) > measured {
		h["Content-Length"] = chosen.Length
	}
	w.WriteHeader(http.StatusOK)
	if !head {
		_, _ = w.Write(chosen.Body) // the client may be gone
	}
}
