package pages_test

import (
	"testing"
)

// The preview image of a widget changes with its texts, never with its values.
func TestPreview(t *testing.T) {
	f := newFixture(t)
	before := f.do("GET", "/preview/support.png")
	if got := before.Header.Get("Content-Type"); before.StatusCode != 200 || got != "image/png" {
		t.Fatalf("%d %s", before.StatusCode, got)
	}
	image := text(t, before)
	f.observe("support", 77)
	if text(t, f.do("GET", "/preview/support.png")) != image {
		t.Error("the image changes with a value")
	}
	if text(t, f.do("GET", "/preview/partner.png")) == image {
		t.Error("another widget has the same image")
	}
	for _, path := range []string{"/preview/support", "/preview/nosuch.png", "/preview/.png"} {
		if got := f.do("GET", path).StatusCode; got != 404 {
			t.Errorf("%s: %d", path, got)
		}
	}
}
