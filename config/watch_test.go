package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// fakeNotices returns notices for a synctest bubble. The tests send the events.
type fakeNotices struct {
	events chan fsnotify.Event
	errors chan error
}

// happen sends an event.
func (f fakeNotices) happen() { f.events <- fsnotify.Event{} }

// watchFake follows files in a bubble, with the times of the real Watcher.
func watchFake(t *testing.T, files ...string) (*Watcher, fakeNotices) {
	fake := fakeNotices{make(chan fsnotify.Event), make(chan error)}
	w := newWatcher(notices{fake.events, fake.errors, func(string) error { return nil }, func() error { return nil }}, settling)
	t.Cleanup(w.Close)
	w.Follow(files)
	return w, fake
}

// reported reports whether a change is pending now.
func reported(w *Watcher) bool {
	synctest.Wait()
	select {
	case <-w.Changes():
		return true
	default:
		return false
	}
}

// A disk is where a test's files are.
type disk struct{ *testing.T }

func (d disk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// write empties a file and writes it, or makes one.
func (d disk) write(name, text string) { d.Helper(); d.must(os.WriteFile(name, []byte(text), 0o600)) }

// replace puts a file in the place of another, in one step.
func (d disk) replace(name, text string) {
	d.Helper()
	d.write(name+".new", text)
	d.must(os.Rename(name+".new", name))
}

// link puts a link in the place of another, in one step.
func (d disk) link(target, name string) {
	d.Helper()
	d.must(os.Symlink(target, name+".new"))
	d.must(os.Rename(name+".new", name))
}

func TestWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, folder, elsewhere := disk{t}, t.TempDir(), t.TempDir()
		file, linked, missing := filepath.Join(folder, "waitboard.yaml"), filepath.Join(folder, "key"), filepath.Join(folder, "ca.pem")
		first, second := filepath.Join(elsewhere, "first"), filepath.Join(elsewhere, "second")
		d.write(file, "one")
		d.write(first, "one")
		d.write(second, "two")
		d.link(first, linked)
		files := []string{file, linked, missing}
		w, fake := watchFake(t, files...)
		for _, step := range []struct {
			name string
			do   func()
			want bool
		}{
			{"written", func() { d.write(file, "two") }, true},
			{"written, and followed once more", func() { d.write(file, "2"); w.Follow(files) }, true},
			{"written with the same text", func() { d.write(file, "2") }, false},
			{"touched", func() { d.must(os.Chtimes(file, time.Now(), time.Now())) }, false},
			{"another file", func() { d.write(filepath.Join(folder, "other"), "x") }, false},
			{"a file that was not there", func() { d.write(missing, "x") }, true},
			{"behind a link", func() { d.write(first, "two") }, true},
			{"the link itself, to the same text", func() { d.link(second, linked) }, false},
			{"behind the new link", func() { d.write(second, "three") }, true},
			{"removed", func() { d.must(os.Remove(file)) }, true},
			{"back", func() { d.write(file, "three") }, true},
			{"changed and changed back", func() { d.write(file, "four"); fake.happen(); d.write(file, "three") }, false},
			{"no longer followed", func() { w.Follow(files[1:]); d.write(file, "five") }, false},
		} {
			step.do()
			fake.happen()
			time.Sleep(2*settling - time.Nanosecond)
			if reported(w) {
				t.Errorf("%s: a change is reported too early", step.name)
			}
			time.Sleep(time.Nanosecond)
			if got := reported(w); got != step.want {
				t.Errorf("%s: a change is reported: %v, want %v", step.name, got, step.want)
			}
			time.Sleep(time.Minute)
			if reported(w) {
				t.Errorf("%s: a change is reported late", step.name)
			}
		}
	})
}

// TestWatcherWaitsForTheEndOfAWrite writes a file piece by piece, with pauses. It is reported once, when it is whole.
func TestWatcherWaitsForTheEndOfAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, file := disk{t}, filepath.Join(t.TempDir(), "waitboard.yaml")
		w, fake := watchFake(t, file)
		text := ""
		for _, pause := range []time.Duration{0, settling / 2, settling / 2, settling * 3 / 2, 0} {
			time.Sleep(pause)
			if reported(w) {
				t.Error("a part is reported")
			}
			text += "more\n"
			d.write(file, text)
			fake.happen()
		}
		time.Sleep(2 * settling)
		if !reported(w) {
			t.Error("the whole file is not reported")
		}
		time.Sleep(time.Minute)
		if reported(w) {
			t.Error("the file is reported twice")
		}
	})
}

// TestWatcherPatience changes another file all the time, which delays a report but does not prevent it.
func TestWatcherPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, file := disk{t}, filepath.Join(t.TempDir(), "waitboard.yaml")
		w, fake := watchFake(t, file)
		start := time.Now()
		d.write(file, "one")
		for fake.happen(); !reported(w); fake.happen() {
			time.Sleep(settling / 2)
			if time.Since(start) > time.Hour {
				t.Fatal("the change is never reported")
			}
		}
		if took := time.Since(start); took < patience || took > 2*(patience+settling) {
			t.Errorf("the change is reported after %v", took)
		}
	})
}

// TestWatcherLooksAfterErrors checks that the Watcher reads the files after the system has lost events.
func TestWatcherLooksAfterErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, file := disk{t}, filepath.Join(t.TempDir(), "waitboard.yaml")
		w, fake := watchFake(t, file)
		d.write(file, "one")
		fake.errors <- errors.New("too much happened")
		time.Sleep(2 * settling)
		if !reported(w) {
			t.Error("the change is not reported")
		}
	})
}

// Only an error about the file counts as a change of it.
func TestUnsettled(t *testing.T) {
	for _, err := range []error{nil, fs.ErrNotExist, &fs.PathError{Op: "open", Err: syscall.ENOENT}, &fs.PathError{Op: "open", Err: syscall.EACCES}, errNotRegular} {
		if unsettled(err) {
			t.Errorf("%v is an error about the system", err)
		}
	}
	for _, err := range []error{&fs.PathError{Op: "open", Err: syscall.EMFILE}, &fs.PathError{Op: "open", Err: syscall.ENFILE}, &fs.PathError{Op: "read", Err: syscall.EIO}} {
		if !unsettled(err) {
			t.Errorf("%v is an error about the file", err)
		}
	}
}
