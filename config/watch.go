package config

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Watcher reports when the text of files has changed. Close it when done.
//
// It watches the folders of the files, because editors and secret stores replace a file instead of writing to it, and mounted Kubernetes
// volumes swap a link of another name. Network file systems may report nothing.
type Watcher struct {
	notices notices
	quiet   time.Duration
	follow  chan following
	changes chan struct{}
	closing chan struct{}
	ended   chan struct{}
}

// settling is how long the folders must be quiet before the Watcher reads the files. It reads them twice, this far apart, and both must
// agree: saving takes several steps, and half a file may look whole.
const settling = 200 * time.Millisecond

// patience limits how long other events in the folders delay the reading.
const patience = 5 * time.Second

// notices delivers the system's events in folders.
type notices struct {
	events <-chan fsnotify.Event
	errors <-chan error
	add    func(folder string) error // starts to report events in a folder
	close  func() error
}

// NewWatcher returns a Watcher that follows no file yet. It fails where the system can't watch folders.
func NewWatcher() (*Watcher, error) {
	system, err := systemNotices()
	if err != nil {
		return nil, err
	}
	return newWatcher(system, settling), nil
}

// systemNotices starts the system's notices.
func systemNotices() (notices, error) {
	system, err := fsnotify.NewWatcher()
	if err != nil {
		return notices{}, err
	}
	return notices{system.Events, system.Errors, system.Add, system.Close}, nil
}

// newWatcher starts a Watcher that reads files after such a quiet time.
func newWatcher(n notices, quiet time.Duration) *Watcher {
	w := &Watcher{
		notices: n, quiet: quiet, follow: make(chan following), changes: make(chan struct{}, 1),
		closing: make(chan struct{}), ended: make(chan struct{}),
	}
	go w.run()
	return w
}

// A following lists what to watch. The Watcher closes done when it does.
type following struct {
	targets []target
	done    chan struct{}
}

// A target is a file, whose text is watched, or a pattern, whose matching names are.
type target struct {
	path    string
	pattern bool
}

// Follow replaces the files and patterns to watch. A file need not exist yet. Of a pattern, as in include, the matching names are watched.
// The Watcher reports every change after Follow returns, so call Follow before you read a file. A pending change of a file that stays
// followed is still reported.
func (w *Watcher) Follow(files []string, patterns ...string) {
	f := following{done: make(chan struct{})}
	for _, file := range files {
		f.targets = append(f.targets, target{path: file})
	}
	for _, pattern := range patterns {
		f.targets = append(f.targets, target{pattern, true})
	}
	select {
	case w.follow <- f:
		<-f.done
	case <-w.ended:
	}
}

// Changes receives a value when a file has changed since Follow or the last report. It is never closed.
func (w *Watcher) Changes() <-chan struct{} { return w.changes }

// Close stops the Watcher.
func (w *Watcher) Close() {
	close(w.closing)
	<-w.ended
	_ = w.notices.close()
}

func (w *Watcher) run() {
	defer close(w.ended)
	seen := map[target][sha256.Size]byte{}
	var settled <-chan time.Time // nil without an event
	var restless time.Time       // the first event since the last reading
	var candidate map[target][sha256.Size]byte
	rest := func() {
		if settled == nil {
			restless = time.Now()
		}
		if time.Since(restless) < patience {
			settled = time.After(w.quiet)
		}
	}
	for {
		select {
		case <-w.closing:
			return
		case f := <-w.follow:
			before := seen
			seen = map[target][sha256.Size]byte{}
			for _, t := range f.targets {
				w.watch(t)
				known, ok := before[t]
				if !ok {
					known, _ = t.sum()
				}
				seen[t] = known
			}
			close(f.done)
		case <-w.notices.events:
			rest()
		case <-w.notices.errors: //nolint:errcheck // whichever it is, events were lost
			rest()
		case <-settled:
			settled = nil
			now := w.look(seen)
			switch {
			case maps.Equal(now, seen):
				candidate = nil
			case !maps.Equal(now, candidate):
				candidate = now
				rest()
			default:
				seen, candidate = now, nil
				select {
				case w.changes <- struct{}{}:
				default: // a report is pending already
				}
			}
		}
	}
}

// look returns the present hashes of the targets. A file counts as unchanged while the system can't read it.
func (w *Watcher) look(targets map[target][sha256.Size]byte) map[target][sha256.Size]byte {
	now := map[target][sha256.Size]byte{}
	for t := range targets {
		w.watch(t) // a link may have a new target
		sum, err := t.sum()
		if unsettled(err) {
			sum = targets[t]
		}
		now[t] = sum
	}
	return now
}

// watch watches the folders that a target depends on.
func (w *Watcher) watch(t target) {
	if !t.pattern {
		w.watchFolders(t.path)
		return
	}
	for above := filepath.Dir(t.path); ; above = filepath.Dir(above) {
		for _, folder := range expand(above, true) {
			w.watchFolders(filepath.Join(folder.path, "any"))
		}
		if !hasMeta(above) && isFolder(above) || above == filepath.Dir(above) {
			return
		}
	}
}

// sum returns a hash of what is watched of a target.
func (t target) sum() ([sha256.Size]byte, error) {
	if t.pattern {
		return sumOfPattern(t.path)
	}
	return sum(t.path)
}

// watchFolders watches the folder of a file, those of the links that lead to it, and that of the real file.
func (w *Watcher) watchFolders(file string) {
	watch := func(path string) { _ = w.notices.add(filepath.Dir(path)) } // where this fails, operators send a signal
	watch(file)
	path, err := filepath.Abs(file)
	if err != nil {
		return
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		watch(target)
	}
	for ; path != filepath.Dir(path); path = filepath.Dir(path) {
		if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSymlink != 0 {
			watch(path)
		}
	}
}

// sum returns a hash of a file's text, or of no text when it can't be read.
func sum(file string) ([sha256.Size]byte, error) {
	text, err := readFile(file, maxFileBytes)
	return sha256.Sum256(text), err
}

// unsettled reports whether an error is about the system rather than the file, as without a file descriptor left.
func unsettled(err error) bool {
	return err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, errNotRegular)
}
