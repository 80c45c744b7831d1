// Package datadir owns the folder for data that survives a restart. Each file is small, belongs to one part of the service, and is replaced
// as a whole: after a crash there is either the old file or the new one.
package datadir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"
)

// A Dir is the folder. One process at a time may use it.
type Dir struct {
	path string
	lock *flock.Flock
}

// ErrInUse means that another process uses the folder.
var ErrInUse = errors.New("another process uses it; each service needs a folder of its own")

// Open locks the folder until Close, and creates it if needed, readable by this user only. Its parent must exist.
func Open(path string) (*Dir, error) {
	err := os.Mkdir(path, 0o700)
	if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
		return lock(path) // Mkdir fails for an existing folder, or without permission for its parent
	}
	if err == nil || errors.Is(err, fs.ErrExist) {
		err = errors.New("it is not a folder")
	}
	return nil, fmt.Errorf("can't use the folder %s: %w", path, reason(err))
}

// Writable returns why files can't be written to the folder, or why it can't be created. It changes nothing, also while a process uses
// the folder.
func Writable(path string) error {
	folder := path
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		folder = filepath.Dir(path)
	}
	probe, err := os.MkdirTemp(folder, ".check-*")
	if err != nil {
		return fmt.Errorf("can't write to the folder %s: %w", folder, reason(err))
	}
	return os.Remove(probe)
}

// lock keeps other processes out. It ignores other failures: the files of a read-only folder can still be read.
func lock(path string) (*Dir, error) {
	d := &Dir{path, flock.New(filepath.Join(path, "lock"))}
	if free, err := d.lock.TryLock(); err == nil && !free {
		return nil, fmt.Errorf("can't use the folder %s: %w", path, ErrInUse)
	}
	return d, nil
}

// Close unlocks the folder.
func (d *Dir) Close() { _ = d.lock.Close() } // the system unlocks it at exit in any case

// Path returns the path of a file.
func (d *Dir) Path(name string) string { return filepath.Join(d.path, name) }

// ErrTooLarge means that a file exceeds the limit of its reader.
var ErrTooLarge = errors.New("file too large")

// Read reads a file of at most limit bytes. Its errors include fs.ErrNotExist and ErrTooLarge.
func (d *Dir) Read(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(d.Path(name))
	switch {
	case err != nil:
		return nil, reason(err)
	case !info.Mode().IsRegular(): // opening a pipe would block until somebody writes to it
		return nil, errors.New("not a regular file")
	}
	f, err := os.Open(d.Path(name))
	if err != nil {
		return nil, reason(err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, ErrTooLarge
	}
	return data, err
}

// Replace writes a file, or replaces it as a whole. If it returns nil, the new file survives a crash and a power failure. Otherwise the old
// file remains, unless only the last step failed. Calls for the same file must not overlap.
func (d *Dir) Replace(name string, data []byte) error {
	temporary := d.Path(name + ".tmp")
	_ = os.Remove(temporary) // left by a killed process
	err := write(temporary, data)
	if err == nil {
		err = os.Rename(temporary, d.Path(name))
	}
	if err == nil {
		err = d.sync()
	} else {
		_ = os.Remove(temporary)
	}
	if err != nil {
		return fmt.Errorf("can't write %s: %w", d.Path(name), reason(err))
	}
	return nil
}

// write creates a file and waits until the disk has it.
func write(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // a file of the data folder
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// sync waits until the disk has the folder's entries.
func (d *Dir) sync() error {
	if runtime.GOOS == "windows" { // can't and needn't sync folders
		return nil
	}
	f, err := os.Open(d.path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// SetAside renames a file permanently, and returns its new path.
func (d *Dir) SetAside(name string) (path string, err error) {
	if path, err = d.unused(name); err != nil {
		return "", err
	}
	if err := os.Rename(d.Path(name), path); err != nil {
		return "", fmt.Errorf("can't set %s aside: %w", d.Path(name), reason(err))
	}
	return path, d.sync()
}

// unused returns a path for a file that is set aside, at which there is nothing.
func (d *Dir) unused(name string) (path string, err error) {
	for n := 1; ; n++ {
		path = d.Path(fmt.Sprintf("%s.set-aside-%d", name, n))
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path, nil
		} else if err != nil {
			return "", fmt.Errorf("can't set %s aside: %w", d.Path(name), reason(err))
		}
	}
}

// reason removes the path from an error, because the caller names the file.
func reason(err error) error {
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err
	}
	if linkError := (*os.LinkError)(nil); errors.As(err, &linkError) {
		return linkError.Err
	}
	return err
}
