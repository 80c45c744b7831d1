package respond

import (
	"slices"
	"strconv"
	"strings"

	"github.com/elnormous/contenttype"
)

// snapshotTypes are the media types of a snapshot, the default first.
var snapshotTypes = []contenttype.MediaType{contenttype.NewMediaType(TypeJSON[0]), contenttype.NewMediaType(TypeText[0])}

// decisive are the media ranges that distinguish the two types. A header without any of them, such as that of a browser's
// page load, gets the default, and needs no parsing.
var decisive = [...]string{"application/json", "application/*", "text/plain", "text/*"}

// PrefersText reports whether an Accept header prefers text/plain to JSON (RFC 9110, section 12.5.1). Of two equal
// preferences the first wins. A header that is malformed, or names neither, gets JSON.
func PrefersText(header []string) bool {
	if len(header) == 0 {
		return false
	}
	accept := header[0]
	if len(header) > 1 {
		accept = strings.Join(header, ",")
	}
	switch accept {
	case "*/*", "application/json", "application/json, text/plain, */*": // the most common: curl and fetch, programs, axios
		return false
	}
	lower := strings.ToLower(accept)
	if !slices.ContainsFunc(decisive[:], func(named string) bool { return strings.Contains(lower, named) }) {
		return false
	}
	accept = strings.Trim(accept, ", \t") // recipients ignore empty elements (RFC 9110, section 5.6.1.2)
	best, _, err := contenttype.GetAcceptableMediaTypeFromHeader(accept, snapshotTypes)
	return err == nil && best.Type == "text"
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3): gzip by name or by *, with a weight above zero.
func acceptsGzip(header []string) bool {
	accepted := false
	for _, line := range header {
		switch line {
		case "gzip", "gzip, deflate", "gzip, deflate, br", "gzip, deflate, br, zstd": // the most common: programs, curl, browsers
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

// weight returns the q of a parameter list: 1 without one, 0 for a malformed one.
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

// matching returns the first candidate that If-None-Match names (RFC 9110, section 13.1.2), or nil. The comparison is
// weak, because proxies that recompress weaken entity tags.
func matching(header []string, candidates ...[]string) (etag []string) {
	for _, candidate := range candidates {
		if len(candidate) > 0 && names(header, candidate[0]) {
			return candidate
		}
	}
	return nil
}

// names reports whether If-None-Match names an entity tag, or *.
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
