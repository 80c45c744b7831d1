package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"
)

// The file has the characters of the present font.
func TestPixels(t *testing.T) {
	file, err := os.Open("../pixels.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it is only read
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, glyphs()) {
		t.Errorf("run go run ./pixelgen in badge: %d bytes, %v", len(got), err)
	}
}
