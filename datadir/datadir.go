// Package datadir owns the folder for what must survive a restart. Each file in it is small, belongs to one part of the
// service, and is only ever replaced as a whole, so that whatever happens there is either the old one or the new one.
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

// A Dir is such a folder. One process at a time may use it.
type Dir struct {
	path string
	lock *flock.Flock
}

// ErrInUse says that another process uses the folder.
var ErrInUse = errors.New("another process uses it; each service needs a folder of its own")

// Open makes the folder, for this user alone, if it is not there, and keeps other processes out of it until Close. The
// one above it must be there.
func Open(path string) (*Dir, error) {
	err := os.Mkdir(path, 0o700)
	if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
		return lock(path) // whatever Mkdir says: it may not even be allowed to try
	}
	if err == nil || errors.Is(err, fs.ErrExist) {
		err = errors.New("it is not a folder")
	}
	return nil, fmt.Errorf("can't use the folder %s: %w", path, reason(err))
}

// lock keeps other processes out. Where that can't be done, as in a folder that can't be written to, what is read there is worth
// having all the same.
func lock(path string) (*Dir, error) {
	d := &Dir{path, flock.New(filepath.Join(path, "lock"))}
	if free, err := d.lock.TryLock(); err == nil && !free {
		return nil, fmt.Errorf("can't use the folder %s: %w", path, ErrInUse)
	}
	return d, nil
}

// Close lets others use the folder.
func (d *Dir) Close() { _ = d.lock.Close() } // nothing depends on it: the system lets go of what a process held

// Path is where a file is.
func (d *Dir) Path(name string) string { return filepath.Join(d.path, name) }

// ErrTooLarge says that a file is larger than it can sensibly be.
var ErrTooLarge = errors.New("it is too large to be what it should be")

// Read reads a file of at most limit bytes. errors.Is tells fs.ErrNotExist and ErrTooLarge.
func (d *Dir) Read(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(d.Path(name))
	switch {
	case err != nil:
		return nil, reason(err)
	case !info.Mode().IsRegular(): // opening a pipe would wait for someone to write to it
		return nil, errors.New("it is a folder or a device, not a file")
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

// Replace puts a file with this text in the place of the one there is, if any. When it returns nil the new one survives
// a crash and a loss of power. When it does not, the old one is there still, unless only the very last step failed. Calls
// for the same file must not overlap.
func (d *Dir) Replace(name string, data []byte) error {
	temporary := d.Path(name + ".tmp")
	_ = os.Remove(temporary) // of a process that was killed while it wrote
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

// write makes a new file, and waits until the disk has it.
func write(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // in a folder of ours
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// sync waits until the disk has the names of the files too.
func (d *Dir) sync() error {
	if runtime.GOOS == "windows" { // has no such thing, and needs none
		return nil
	}
	f, err := os.Open(d.path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// SetAside gives a file another name, under which it stays, and returns where that is.
func (d *Dir) SetAside(name string) (path string, err error) {
	for n := 1; ; n++ {
		path = d.Path(fmt.Sprintf("%s.set-aside-%d", name, n))
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", fmt.Errorf("can't set %s aside: %w", d.Path(name), reason(err))
		}
	}
	if err := os.Rename(d.Path(name), path); err != nil {
		return "", fmt.Errorf("can't set %s aside: %w", d.Path(name), reason(err))
	}
	return path, d.sync()
}

// reason leaves the paths out of an error, where the caller names the file.
func reason(err error) error {
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err
	}
	if linkError := (*os.LinkError)(nil); errors.As(err, &linkError) {
		return linkError.Err
	}
	return err
}
