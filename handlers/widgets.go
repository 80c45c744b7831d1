package handlers

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"waitboard/board"
)

// getWidget sends one widget's snapshot. An ID that no widget could have is not told from one that none has.
func (p *public) getWidget(c echo.Context) error {
	page, ok := p.board.Page(c.Param("id"))
	if !ok {
		return errNoWidget
	}
	send(c, page.Plain, page.Gzip, page.CacheControl)
	return nil
}

// maxIDs is how many widgets can be asked for at once: more than a page shows, and few enough to be cheap.
const maxIDs = 100

// getWidgets sends the snapshots of the widgets asked for by ?id=, or of all. One that does not exist is left out, so
// that it does not take the others down.
func (p *public) getWidgets(c echo.Context) error {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return errQuery
	}
	ids, wanted := query["id"]
	if len(ids) > maxIDs {
		return errManyIDs
	}
	if !wanted {
		for _, id := range p.board.IDs() {
			if p.cors.readable(id, c.Request()) {
				ids = append(ids, id)
			}
		}
	}
	body := []byte(`{"widgets":[`)
	etags := sha256.New()
	maxAge := time.Minute
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		page, ok := p.board.Page(id)
		if !ok || seen[id] {
			continue
		}
		if len(seen) > 0 {
			body = append(body, ',')
		}
		seen[id] = true
		body = append(body, page.Plain.Body...)
		maxAge = min(maxAge, page.MaxAge)
		etags.Write([]byte(page.Plain.ETag[0]))
	}
	body = append(body, "]}\n"...)
	tag := base64.RawURLEncoding.EncodeToString(etags.Sum(nil)[:12])
	plain := variant(body, `"`+tag+`"`)
	var zipped board.Variant
	if len(body) > 1024 && acceptsGzip(c.Request().Header[acceptEncoded]) {
		zipped = variant(compress(body), `"`+tag+`-gzip"`)
	} else {
		zipped.ETag = []string{`"` + tag + `-gzip"`} // a reader may still have that one
	}
	send(c, plain, zipped, []string{fmt.Sprintf("public, max-age=%d", maxAge/time.Second)})
	return nil
}

func variant(body []byte, etag string) board.Variant {
	return board.Variant{Body: body, ETag: []string{etag}, Length: []string{strconv.Itoa(len(body))}}
}

var zippers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails for unknown levels only
	return w
}}

func compress(body []byte) []byte {
	var out bytes.Buffer
	w := zippers.Get().(*gzip.Writer)
	defer zippers.Put(w)
	w.Reset(&out)
	_, _ = w.Write(body) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// send answers with one of two encodings of the same, or with 304 to a reader that has one of them.
func send(c echo.Context, plain, zipped board.Variant, cacheControl []string) {
	w, header := c.Response(), c.Request().Header
	h := w.Header()
	h["Cache-Control"] = cacheControl
	if vary := h["Vary"]; vary == nil {
		h["Vary"] = varyEncoding
	} else {
		h["Vary"] = append(vary, varyEncoding[0])
	}
	if known := header["If-None-Match"]; known != nil {
		if etag := matching(known, plain.ETag, zipped.ETag); etag != nil {
			h["Etag"] = etag
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	chosen := plain
	if zipped.Body != nil && acceptsGzip(header[acceptEncoded]) {
		chosen = zipped
		h["Content-Encoding"] = gzipEncoding
	}
	h["Etag"] = chosen.ETag
	h["Content-Type"] = jsonType
	h["Content-Length"] = chosen.Length
	w.WriteHeader(http.StatusOK)
	if c.Request().Method != http.MethodHead {
		_, _ = w.Write(chosen.Body) // the client may be gone
	}
}
