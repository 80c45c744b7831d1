// Package notices owns the operators' notices on widgets: their texts, their ends, and the file that saves them for the next start.
package notices

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"waitboard/datadir"
	"waitboard/domain"
)

// ErrReadOnly means that the engine does not answer, so the notice has not changed.
var ErrReadOnly = errors.New("notices can't change while the engine of the cluster does not answer")

// Options configure a [Store]. All but Dir and Share are required.
type Options struct {
	Dir  *datadir.Dir                     // nil: notices are not saved
	Show func(id string, n domain.Notice) // puts a notice on a widget; the zero Notice removes it. Calls do not overlap
	Now  func() time.Time
	Log  *slog.Logger

	// Share stores a change for all replicas, and then calls apply. If it fails, nothing has changed. Nil: there is one replica.
	Share func(id string, n domain.Notice, apply func(revision int64) error) error
}

// A Store holds operators' notices by widget ID. The widget doesn't have to exist. It is safe for concurrent use.
type Store struct {
	o        Options
	mu       sync.Mutex
	all      map[string]domain.Notice // may include ended ones
	revision int64                    // that all replicas know; 0: none
	end      *time.Timer              // fires when the next one ends; nil: none ends
}

// Open loads the saved notices and shows those that have not ended. It renames an unreadable file, logs an error, and starts without notices,
// so that wait times appear in any case. It fails if the file can't be renamed.
func Open(o Options) (*Store, error) {
	s := &Store{o: o, all: map[string]domain.Notice{}}
	if o.Dir == nil {
		return s, nil
	}
	saved, revision, err := load(o.Dir)
	s.revision = revision
	if err != nil {
		aside, asideErr := o.Dir.SetAside(fileName)
		if asideErr != nil {
			return nil, fmt.Errorf("notices: %w; remove the file by hand", asideErr)
		}
		o.Log.Error("notices lost: file unreadable and set aside, set them again",
			"file", o.Dir.Path(fileName), "set_aside", aside, "error", err)
	}
	for _, id := range slices.Sorted(maps.Keys(saved)) {
		if n := saved[id]; !n.Over(o.Now()) {
			s.all[id] = n
			o.Show(id, n)
			o.Log.Info("notice restored", attributes(id, n)...)
		}
	}
	s.watch()
	return s, nil
}

// Close stops the timer. Notices stay on their widgets.
func (s *Store) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		s.end.Stop()
	}
}

// watch sets the timer to the next end. The timer is for the log only: the publisher removes an ended notice on its own.
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
		s.end = time.AfterFunc(max(next.Sub(s.o.Now()), time.Millisecond), s.logEnded)
	}
}

// logEnded logs and removes the notices that have ended. They leave the file with its next change.
func (s *Store) logEnded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	for _, id := range slices.Sorted(maps.Keys(s.all)) {
		if n := s.all[id]; n.Over(now) {
			s.o.Log.Info("notice ended", attributes(id, n)...)
			delete(s.all, id)
		}
	}
	s.watch()
}

// Persistent reports whether notices survive a restart.
func (s *Store) Persistent() bool { return s.o.Dir != nil || s.o.Share != nil }

// Set replaces a widget's notice, and returns it as stored. It saves the notice first and shows it then, so every shown notice survives a
// restart. After an error the shown notice is unchanged. If the disk fails at the last step, the new one may appear after a restart. The
// error is an [*InvalidError] if the notice breaks a rule.
func (s *Store) Set(id string, n domain.Notice) (domain.Notice, error) {
	now := s.o.Now()
	for _, t := range []*time.Time{&n.From, &n.Until} {
		if !t.IsZero() {
			*t = t.UTC().Truncate(time.Millisecond) // as the file stores it
		}
	}
	if err := validate(n, now); err != nil {
		return domain.Notice{}, err
	}
	return n, s.share(now, id, n)
}

// Remove removes a widget's notice. It returns false if there is none. After an error nothing has changed.
func (s *Store) Remove(id string) (found bool, err error) {
	now := s.o.Now()
	if _, found = s.Get(id); !found {
		return false, nil
	}
	return true, s.share(now, id, domain.Notice{})
}

// share makes a change on all replicas.
func (s *Store) share(now time.Time, id string, n domain.Notice) error {
	if s.o.Share == nil {
		return s.change(now, id, n, 0)
	}
	return s.o.Share(id, n, func(revision int64) error { return s.change(now, id, n, revision) })
}

// Replace shows the notices that all replicas share in place of its own. It logs if it can't save them.
func (s *Store) Replace(all map[string]domain.Notice, revision int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	next := maps.Clone(all)
	maps.DeleteFunc(next, func(_ string, n domain.Notice) bool { return n.Over(now) })
	if s.o.Dir != nil {
		if err := save(s.o.Dir, next, revision); err != nil {
			s.o.Log.Error("saving notices of other replicas failed, showing them anyway", "error", err)
		}
	}
	before := s.all
	s.all, s.revision = next, revision
	for id := range before {
		if _, stays := next[id]; !stays {
			s.o.Show(id, domain.Notice{})
		}
	}
	for id, n := range next {
		if before[id] != n {
			s.o.Show(id, n)
		}
	}
	s.watch()
}

// change saves and shows one notice, and removes those that have ended.
func (s *Store) change(now time.Time, id string, n domain.Notice, revision int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.all)
	next[id] = n
	maps.DeleteFunc(next, func(_ string, n domain.Notice) bool { return n.Over(now) })
	if s.o.Dir != nil {
		if err := save(s.o.Dir, next, revision); err != nil {
			return err
		}
	}
	s.all, s.revision = next, revision
	s.o.Show(id, n)
	s.watch()
	return nil
}

// Revision returns the number of the last change that all replicas know, also of one before this start; 0: none. So the notices of a replica
// that was away don't replace newer ones.
func (s *Store) Revision() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision
}

// Get returns the widget's notice, unless it has ended.
func (s *Store) Get(id string) (n domain.Notice, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = s.all[id]
	return n, !n.Over(s.o.Now())
}

// All returns the notices that have not ended, by widget ID.
func (s *Store) All() map[string]domain.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	all := maps.Clone(s.all)
	maps.DeleteFunc(all, func(_ string, n domain.Notice) bool { return n.Over(now) })
	return all
}

// attributes returns log attributes of a notice. Its text is public.
func attributes(id string, n domain.Notice) []any {
	out := []any{"widget", id, "text", n.Text, "closed", n.Closed}
	if !n.From.IsZero() {
		out = append(out, "starts", n.From)
	}
	if !n.Until.IsZero() {
		out = append(out, "until", n.Until)
	}
	return out
}
