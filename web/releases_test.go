package web

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"testing"
)

// A page must get exactly the script that it has pinned, or its browser rejects it.
func TestPinnedScriptNames(t *testing.T) {
	all := PinnedScripts()
	if !bytes.Equal(all[Script.PinnedPath()], Script.Body) {
		t.Errorf("%s is not the current script", Script.PinnedPath())
	}
	files, err := releases.ReadDir("dist/releases")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if path := "/v1/" + file.Name(); file.Name() != "README.md" && all[path] == nil {
			t.Errorf("dist/releases/%s is not served", file.Name())
		}
	}
	for path, body := range all {
		sum := sha512.Sum384(body)
		if want := "/v1/widget." + hex.EncodeToString(sum[:8]) + ".js"; path != want {
			t.Errorf("%s has the content of %s", path, want)
		}
	}
}
