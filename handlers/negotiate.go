package handlers

import (
	"slices"
	"strconv"
	"strings"

	"github.com/elnormous/contenttype"
)

// snapshotTypes are the media types of a snapshot, the usual one first.
var snapshotTypes = []contenttype.MediaType{contenttype.NewMediaType(jsonType[0]), contenttype.NewMediaType(textType[0])}

// decisive are the media ranges that tell one of the two from the other. A header without any, such as a browser's for a page, likes both as
// well, or neither.
var decisive = [...]string{"application/json", "application/*", "text/plain", "text/*"}

// prefersText reads Accept (RFC 9110, section 12.5.1): whether text/plain is asked for rather than JSON. Of two that are
// equally welcome the one that matches first is taken. JSON is what a header gets that can't be read, or names neither.
func prefersText(header []string) bool {
	if len(header) == 0 {
		return false
	}
	accept := header[0]
	if len(header) > 1 {
		accept = strings.Join(header, ",")
	}
	switch accept {
	case "*/*", "application/json", "application/json, text/plain, */*": // curl and fetch, programs, axios: most of all, so not parsed
		return false
	}
	lower := strings.ToLower(accept)
	if !slices.ContainsFunc(decisive[:], func(named string) bool { return strings.Contains(lower, named) }) {
		return false
	}
	accept = strings.Trim(accept, ", \t") // empty elements are to be passed over (RFC 9110, section 5.6.1.2)
	best, _, err := contenttype.GetAcceptableMediaTypeFromHeader(accept, snapshotTypes)
	return err == nil && best.Type == "text"
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3): gzip by name, or by *, and not with a weight of zero.
func acceptsGzip(header []string) bool {
	accepted := false
	for _, line := range header {
		switch line {
		case "gzip", "gzip, deflate", "gzip, deflate, br", "gzip, deflate, br, zstd": // programs, curl, browsers: most of all, so not parsed
			return true
		}
		for coding := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(coding, ";")
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				return weight(params) > 0
			case name == "*":
				accepted = weight(params) > 0
			}
		}
	}
	return accepted
}

// weight is the q of a parameter list; 1 when there is none, 0 when it can't be read.
func weight(params string) float64 {
	_, q, ok := strings.Cut(strings.ToLower(strings.ReplaceAll(params, " ", "")), "q=")
	if !ok {
		return 1
	}
	q, _, _ = strings.Cut(q, ";")
	value, err := strconv.ParseFloat(q, 64)
	if err != nil {
		return 0
	}
	return value
}

// matching is the first of our entity tags that If-None-Match names (RFC 9110, section 13.1.2), compared weakly because proxies
// that recompress weaken them; nil when it names none. A cache names all that it has, in any order.
func matching(header []string, candidates ...[]string) (etag []string) {
	for _, candidate := range candidates {
		if len(candidate) > 0 && names(header, candidate[0]) {
			return candidate
		}
	}
	return nil
}

// names tells whether If-None-Match names an entity tag, or any.
func names(header []string, etag string) bool {
	for _, line := range header {
		for tag := range strings.SplitSeq(line, ",") {
			if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == etag || tag == "*" {
				return true
			}
		}
	}
	return false
}
