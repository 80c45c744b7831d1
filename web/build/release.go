package main

import (
	"crypto/sha512"
	"encoding/hex"
	"os"
	"path/filepath"
)

// archive copies a script to a folder under its permanent name, which has the hash, and returns the path.
func archive(script, folder string) (path string, err error) {
	body, err := os.ReadFile(script) //nolint:gosec // a built file
	if err != nil {
		return "", err
	}
	sum := sha512.Sum384(body)
	path = filepath.Join(folder, "widget."+hex.EncodeToString(sum[:8])+".js")
	return path, os.WriteFile(path, body, 0o644) //nolint:gosec // it is public
}
