package handlers

import "testing"

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
