package config

import (
	"crypto/sha256"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Watcher tells when files have changed: their text, not merely their times. Close it when done.
//
// It watches the folders that the files are in, as editors and secret stores do not write a file but put another in its
// place, and mounted Kubernetes volumes swap a link of another name. Folders on network file systems may tell nothing.
type Watcher struct {
	notices notices
	quiet   time.Duration
	follow  chan following
	changes chan struct{}
	closing chan struct{}
	ended   chan struct{}
}

// settling is how long it must be quiet before the files are looked at, and how much later they must still be the same:
// saving one takes several steps, and half a file may well look like a whole one.
const settling = 200 * time.Millisecond

// patience is how long files are looked at no sooner because of what goes on beside them.
const patience = 5 * time.Second

// notices is where the system reports what happens in folders.
type notices struct {
	events <-chan fsnotify.Event
	errors <-chan error
	add    func(folder string) error // reports what happens in this folder from now on
	close  func() error
}

// NewWatcher follows no file yet. It fails where the system has nothing to watch with.
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

// newWatcher starts a Watcher that looks at files when it has been quiet for some time.
func newWatcher(n notices, quiet time.Duration) *Watcher {
	w := &Watcher{
		notices: n, quiet: quiet, follow: make(chan following), changes: make(chan struct{}, 1),
		closing: make(chan struct{}), ended: make(chan struct{}),
	}
	go w.run()
	return w
}

// A following is what to watch, and where to say that it is.
type following struct {
	targets []target
	done    chan struct{}
}

// A target is a file, whose text is watched, or a pattern, of which the names that match it are.
type target struct {
	path    string
	pattern bool
}

// Follow says which files to watch from now on, in place of those before. One that is not there may come. What happens to
// a file after Follow is told; so Follow a file before you read it. One that is followed already goes on being so: a change
// that has not been told yet will be. Of patterns, as include has them, it is watched which names match.
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

// Changes gets a value when some file has changed since it was followed or last told of. It is never closed.
func (w *Watcher) Changes() <-chan struct{} { return w.changes }

// Close ends the watch.
func (w *Watcher) Close() {
	close(w.closing)
	<-w.ended
	_ = w.notices.close()
}

func (w *Watcher) run() {
	defer close(w.ended)
	seen := map[target][sha256.Size]byte{}
	var settled <-chan time.Time // nil: nothing has happened
	var restless time.Time       // since when something happens
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
					known = t.sum()
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
				default: // it will be read of the change before
				}
			}
		}
	}
}

// look is what the targets are now.
func (w *Watcher) look(targets map[target][sha256.Size]byte) map[target][sha256.Size]byte {
	now := map[target][sha256.Size]byte{}
	for t := range targets {
		w.watch(t) // a link may lead elsewhere now
		now[t] = t.sum()
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
func (t target) sum() [sha256.Size]byte {
	if t.pattern {
		return sumOfPattern(t.path)
	}
	return sum(t.path)
}

// watchFolders watches the folder of a file, that of each link on the way to it, and the one that it is really in.
func (w *Watcher) watchFolders(file string) {
	watch := func(path string) { _ = w.notices.add(filepath.Dir(path)) } // where that can't be watched, a signal has to do
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

// sum is a hash of a file's text; of none when it can't be read.
func sum(file string) [sha256.Size]byte {
	text, _ := readFile(file, maxFileBytes)
	return sha256.Sum256(text)
}
