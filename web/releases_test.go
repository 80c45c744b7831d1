package web

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"testing"
)

// A page that has pinned a script must get that one and no other, or its browser refuses it.
func TestPinnedScriptsAreWhatTheirNamesSay(t *testing.T) {
	all := PinnedScripts()
	if !bytes.Equal(all[Script.PinnedPath()], Script.Body) {
		t.Errorf("%s is not the script that there is", Script.PinnedPath())
	}
	files, err := releases.ReadDir("dist/releases")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if path := "/v1/" + file.Name(); file.Name() != "README.md" && all[path] == nil {
			t.Errorf("dist/releases/%s is served nowhere", file.Name())
		}
	}
	for path, body := range all {
		sum := sha512.Sum384(body)
		if want := "/v1/widget." + hex.EncodeToString(sum[:8]) + ".js"; path != want {
			t.Errorf("%s holds what belongs to %s", path, want)
		}
	}
}
