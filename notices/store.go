// Package notices owns what operators tell visitors for a while: which notice stands on which widget, until when, and the
// file that brings it through a restart.
package notices

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"waitboard/datadir"
	"waitboard/domain"
)

// Options make a [Store]. All but Dir are required.
type Options struct {
	Dir  *datadir.Dir                     // nil: notices end with the process
	Show func(id string, n domain.Notice) // puts a notice on a widget; a zero one takes it down. Calls do not overlap
	Now  func() time.Time
	Log  *slog.Logger
}

// A Store holds operators' notices by the ID of their widget, whether or not there is such a widget now. It is safe for
// concurrent use.
type Store struct {
	o   Options
	mu  sync.Mutex
	all map[string]domain.Notice // some may have ended
	end *time.Timer              // when the next one ends; nil: none does
}

// Open shows the notices of before, those that have not ended. A file that can't be understood is set aside under another
// name, loudly, and the store begins empty: wait times must be shown in any case. The error says that the folder is out of
// order.
func Open(o Options) (*Store, error) {
	s := &Store{o: o, all: map[string]domain.Notice{}}
	if o.Dir == nil {
		return s, nil
	}
	kept, err := load(o.Dir)
	if err != nil {
		aside, asideErr := o.Dir.SetAside(fileName)
		if asideErr != nil {
			return nil, fmt.Errorf("operators' notices: %w; remove the file by hand", asideErr)
		}
		o.Log.Error("OPERATORS' NOTICES ARE LOST: the file can't be read, and was set aside; set anew those that are needed",
			"file", o.Dir.Path(fileName), "set_aside", aside, "error", err)
	}
	for _, id := range slices.Sorted(maps.Keys(kept)) {
		if n := kept[id]; n.At(o.Now()) {
			s.all[id] = n
			o.Show(id, n)
			o.Log.Info("an operator's notice is shown again", attributes(id, n)...)
		}
	}
	s.watch()
	return s, nil
}

// Close stops watching for ends. What is shown stays.
func (s *Store) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		s.end.Stop()
	}
}

// watch sets an alarm for when the next notice ends. Whoever shows it takes it down by itself; it is for the log.
func (s *Store) watch() {
	if s.end != nil {
		s.end.Stop()
	}
	var next time.Time
	for _, n := range s.all {
		if !n.Until.IsZero() && (next.IsZero() || n.Until.Before(next)) {
			next = n.Until
		}
	}
	if !next.IsZero() {
		s.end = time.AfterFunc(max(next.Sub(s.o.Now()), time.Millisecond), s.tellEnded)
	}
}

// tellEnded tells the log of the notices that have ended. The file forgets them with its next change.
func (s *Store) tellEnded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	for _, id := range slices.Sorted(maps.Keys(s.all)) {
		if n := s.all[id]; !n.At(now) {
			s.o.Log.Info("an operator's notice has ended", attributes(id, n)...)
			delete(s.all, id)
		}
	}
	s.watch()
}

// Persistent tells whether notices survive a restart.
func (s *Store) Persistent() bool { return s.o.Dir != nil }

// Set puts a notice on a widget in the place of the one there is, and returns it as it was taken. It is kept first and
// shown then: what is shown survives a restart, and after an error nothing is shown that was not (a disk that fails at the very
// last step may have it after a restart all the same). An error that is an *InvalidError
// is the caller's fault.
func (s *Store) Set(id string, n domain.Notice) (domain.Notice, error) {
	now := s.o.Now()
	if !n.Until.IsZero() {
		n.Until = n.Until.UTC().Truncate(time.Millisecond) // as it is kept, without a monotonic clock
	}
	if err := check(n, now); err != nil {
		return domain.Notice{}, err
	}
	return n, s.change(now, id, n)
}

// Remove takes the widget's notice back, if there is one; found tells. After an error nothing has changed.
func (s *Store) Remove(id string) (found bool, err error) {
	now := s.o.Now()
	if _, found = s.Get(id); !found {
		return false, nil
	}
	return true, s.change(now, id, domain.Notice{})
}

// change makes a change, and forgets what has ended.
func (s *Store) change(now time.Time, id string, n domain.Notice) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.all)
	next[id] = n
	maps.DeleteFunc(next, func(_ string, n domain.Notice) bool { return !n.At(now) })
	if s.o.Dir != nil {
		if err := save(s.o.Dir, next); err != nil {
			return err
		}
	}
	s.all = next
	s.o.Show(id, n)
	s.watch()
	return nil
}

// Get is the widget's notice, unless it has ended.
func (s *Store) Get(id string) (n domain.Notice, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = s.all[id]
	return n, n.At(s.o.Now())
}

// All is every notice that has not ended, by the ID of its widget.
func (s *Store) All() map[string]domain.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	all := maps.Clone(s.all)
	maps.DeleteFunc(all, func(_ string, n domain.Notice) bool { return !n.At(now) })
	return all
}

// attributes is a notice for a log. Its text is public anyway.
func attributes(id string, n domain.Notice) []any {
	out := []any{"widget", id, "text", n.Text, "closed", n.Closed}
	if !n.Until.IsZero() {
		out = append(out, "until", n.Until)
	}
	return out
}
