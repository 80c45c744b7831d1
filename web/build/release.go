package main

import (
	"crypto/sha512"
	"encoding/hex"
	"os"
	"path/filepath"
)

// keep files a script in a folder by its hash, under the name of its address for those who pin it, and returns the file's
// path. One that is there already has these very bytes.
func keep(script, folder string) (path string, err error) {
	body, err := os.ReadFile(script) //nolint:gosec // a file of ours
	if err != nil {
		return "", err
	}
	sum := sha512.Sum384(body)
	path = filepath.Join(folder, "widget."+hex.EncodeToString(sum[:8])+".js")
	return path, os.WriteFile(path, body, 0o644) //nolint:gosec // it is for everyone to read
}
