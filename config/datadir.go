package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// dataDir checks the folder for data that survives a restart. The service creates it when it starts. dataDir tries to create a file,
// because permissions do not show a read-only file system. A full disk is no mistake of the configuration: the service starts anyway.
func (c *checker) dataDir(path, name string) string {
	hint := c.relativeHint(name)
	name = c.located(name)
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		above, err := os.Stat(filepath.Dir(name))
		if err != nil || !above.IsDir() {
			c.add(path, "neither this folder nor the one above it exists", hint)
		} else if err := tryWriting(filepath.Dir(name)); err != nil {
			c.add(path, "the folder cannot be created: "+reason(err), hint)
		}
	case err != nil:
		c.add(path, "the folder cannot be used: "+reason(err), hint)
	case !info.IsDir():
		c.add(path, "is a file, not a folder", "waitboard stores its data in it")
	default:
		// A full disk is temporary; a missing permission is a mistake.
		if err := tryWriting(name); errors.Is(err, fs.ErrPermission) {
			c.add(path, "the folder cannot be written to: "+reason(err), hint)
		}
	}
	return name
}

// tryWriting creates a file in a folder and removes it.
func tryWriting(folder string) error {
	f, err := os.CreateTemp(folder, ".waitboard-try-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
