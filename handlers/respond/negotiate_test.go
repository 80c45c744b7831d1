package respond

import (
	"strings"
	"testing"
)

func TestAcceptsGzip(t *testing.T) {
	tests := map[string]bool{
		"": false, "gzip": true, "deflate, gzip;q=1.0, *;q=0.5": true, "GZIP": true, "x-gzip": true, "*": true,
		"identity": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "*;q=0": false, "gzip;q=0, *": false,
		"*, gzip;q=0": false, "gzip;q=x": false, "gzippy": false, " gzip ; q=0.1 ": true,
	}
	for header, want := range tests {
		if got := acceptsGzip([]string{header}); got != want {
			t.Errorf("%q: got %v", header, got)
		}
	}
	if acceptsGzip(nil) {
		t.Error("without the header")
	}
}

func TestPrefersText(t *testing.T) {
	tests := map[string]bool{
		"": false, "*/*": false, "application/json": false, "text/plain": true, "TEXT/Plain": true, "text/*": true,
		"text/plain; charset=utf-8": true, "text/plain;charset=UTF-8": true, "text/plain;charset=iso-8859-1": false,
		"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8": false, // a browser's address bar
		"application/json, text/plain, */*":                                          false, "text/plain, */*;q=0.01": true, "text/plain, application/json": true,
		// The weight of the most specific range counts.
		"application/json;q=0.5, text/plain;q=0.9": true, "text/plain;q=0.5, application/json;q=0.9": false,
		"text/plain;q=0.5, */*": false, "*/*;q=0.5, text/plain": true, "application/json;q=0, */*": true, "text/plain;q=0, */*": false,
		"text/*;q=0.9, text/plain;q=0.1, */*;q=0.5": false, "text/*;q=0.1, text/plain;q=0.9, */*;q=0.5": true,
		"application/*;q=0.2, text/*;q=0.3": true, "text/plain;q=1.000": true, "text/plain ; q=0.1": true,
		// Neither is acceptable, or the header is malformed: JSON.
		"text/html": false, "image/png, */*;q=0": false, "text/plain;q=0": false, "text/plain;q=2": false, "text/plain;q=x": false,
		"text": false, "*": false, "text/plain,": true, " , text/plain": true, ";": false, "\x00": false, strings.Repeat("text/html,", 1000) + "text/plain": true,
	}
	for header, want := range tests {
		if got := PrefersText([]string{header}); got != want {
			t.Errorf("%.80q: got %v", header, got)
		}
	}
	if PrefersText(nil) || !PrefersText([]string{"text/html", "text/plain"}) || PrefersText([]string{"text/plain;q=0.5", "*/*"}) {
		t.Error("without the header, or with several")
	}
}

// The most common headers cost no allocation.
func TestCommonAcceptAllocatesNothing(t *testing.T) {
	for _, header := range [][]string{nil, {"*/*"}, {"application/json"}, {"application/json, text/plain, */*"}} {
		if n := testing.AllocsPerRun(100, func() { PrefersText(header) }); n > 0 {
			t.Errorf("%q: %v allocations", header, n)
		}
	}
}

func FuzzPrefersText(f *testing.F) {
	for _, seed := range []string{"text/plain;q=0.9, */*;q=0.1", `text/plain;a="\", b";q=1`, ",;=/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if PrefersText([]string{accept}) && !strings.Contains(accept, "*") && !strings.Contains(strings.ToLower(accept), "text/plain") {
			t.Errorf("%q does not accept text", accept)
		}
	})
}
