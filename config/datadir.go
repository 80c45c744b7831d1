package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// dataDir checks the folder for what must survive a restart. It is made when the service starts; here it only has to be
// possible. Making a file is tried, as no question about rights foresees a file system that can only be read. A disk that is
// full is no mistake of the file: the service must start all the same.
func (c *checker) dataDir(path, name string) string {
	hint := ""
	if !filepath.IsAbs(name) {
		hint = "a relative path starts at the folder of the configuration file"
	}
	name = c.located(name)
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if above, err := os.Stat(filepath.Dir(name)); err != nil || !above.IsDir() {
			c.add(path, "there is no such folder, and none above it to make it in", hint)
		} else if err := tryWriting(filepath.Dir(name)); err != nil {
			c.add(path, "the folder cannot be made: "+reason(err), hint)
		}
	case err != nil:
		c.add(path, "the folder cannot be used: "+reason(err), hint)
	case !info.IsDir():
		c.add(path, "is a file, not a folder", "files of waitboard's own are kept in it")
	default:
		// A full or failing disk comes and goes; that we may not write is a mistake.
		if err := tryWriting(name); errors.Is(err, fs.ErrPermission) {
			c.add(path, "the folder cannot be written to: "+reason(err), hint)
		}
	}
	return name
}

// tryWriting makes a file in a folder and takes it away again.
func tryWriting(folder string) error {
	f, err := os.CreateTemp(folder, ".waitboard-try-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
