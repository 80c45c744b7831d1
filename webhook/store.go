package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"waitboard/datadir"
)

// An Update stores and removes fields: all or none. After an error it may have done so, and the caller repeats the same update.
type Update = func(ctx context.Context, set map[string]string, del []string) error

// A Serve serves a hook with its stored fields until ctx is done.
type Serve = func(ctx context.Context, state map[string]string, update Update)

const (
	journalName = "webhooks.journal"
	maxJournal  = 256 << 20 // bytes
	compactAt   = 1 << 20   // bytes
)

// A Store holds the fields of all hooks of one process: in a journal, or in memory.
type Store struct {
	log *slog.Logger

	mu      sync.Mutex       // guards what follows
	journal *datadir.Journal // nil: in memory
	hooks   map[string]map[string]string
	settled int64 // bytes of the journal after it was compacted
}

// A record is one update in the journal.
type record struct {
	Hook string            `json:"hook"`
	Set  map[string]string `json:"set,omitempty"`
	Del  []string          `json:"del,omitempty"`
}

// OpenStore returns the store in a folder; nil: in memory. A damaged journal is set aside, and its intact records
// stay in use.
func OpenStore(dir *datadir.Dir, log *slog.Logger) *Store {
	s := &Store{log: log, hooks: map[string]map[string]string{}}
	if dir == nil {
		return s
	}
	journal, records, err := dir.Journal(journalName, maxJournal)
	switch {
	case errors.Is(err, datadir.ErrDamaged):
		aside, lost, asideErr := dir.Salvage(journalName, maxJournal)
		log.Error("file of webhook queues damaged and set aside, using its intact records", "file", dir.Path(journalName), "set_aside", aside, "lost", lost, "error", asideErr)
		journal, records, err = dir.Journal(journalName, maxJournal)
	case errors.Is(err, datadir.ErrTooLarge):
		aside, asideErr := dir.SetAside(journalName)
		log.Error("webhook queues lost: file too large and set aside", "file", dir.Path(journalName), "set_aside", aside, "error", asideErr)
		journal, records, err = dir.Journal(journalName, maxJournal)
	}
	if err != nil {
		log.Error("webhook queues can't be stored, a restart loses their messages", "error", err)
		return s
	}
	s.journal = journal
	for _, raw := range records {
		var r record
		if json.Unmarshal(raw, &r) == nil {
			s.apply(r)
		}
	}
	return s
}

// Serve serves a hook with its fields.
func (s *Store) Serve(ctx context.Context, o Hook, serve Serve) {
	s.mu.Lock()
	state := maps.Clone(s.hooks[o.Name])
	s.mu.Unlock()
	serve(ctx, state, func(_ context.Context, set map[string]string, del []string) error {
		return s.update(record{o.Name, set, del})
	})
}

func (s *Store) update(r record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal != nil {
		raw, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if err := s.journal.Add(raw); err != nil {
			return err
		}
	}
	s.apply(r)
	if s.journal != nil && s.journal.Size() > compactAt+2*s.settled {
		s.compact()
	}
	return nil
}

// apply changes the fields of a hook. The mutex must be held, except at the start.
func (s *Store) apply(r record) {
	fields := s.hooks[r.Hook]
	if fields == nil {
		fields = map[string]string{}
		s.hooks[r.Hook] = fields
	}
	maps.Copy(fields, r.Set)
	for _, field := range r.Del {
		delete(fields, field)
	}
	if len(fields) == 0 {
		delete(s.hooks, r.Hook)
	}
}

// compact writes the journal again without what is over. The mutex must be held.
func (s *Store) compact() {
	var records [][]byte
	for _, name := range slices.Sorted(maps.Keys(s.hooks)) {
		raw, err := json.Marshal(record{Hook: name, Set: s.hooks[name]})
		if err != nil {
			panic(err) // texts can be encoded
		}
		records = append(records, raw)
	}
	if err := s.journal.Replace(records); err != nil {
		s.log.Warn("webhooks.journal can't be shortened, retrying later", "error", err)
	}
	s.settled = s.journal.Size()
}

// Retain drops the fields of all other hooks.
func (s *Store) Retain(names []string) {
	s.mu.Lock()
	var gone []record
	for name, fields := range s.hooks {
		if !slices.Contains(names, name) {
			gone = append(gone, record{Hook: name, Del: slices.Sorted(maps.Keys(fields))})
		}
	}
	s.mu.Unlock()
	for _, r := range gone {
		s.log.Info("webhook removed, dropping its queue", "webhook", r.Hook, "messages", countMessages(r.Del))
		if err := s.update(r); err != nil {
			s.log.Warn("queue of a removed webhook can't be dropped, retrying at the next start", "webhook", r.Hook, "error", err)
		}
	}
}

// Discard drops the fields of all hooks in a folder, for a service without hooks.
func Discard(dir *datadir.Dir, log *slog.Logger) {
	if _, err := os.Stat(dir.Path(journalName)); err != nil {
		return
	}
	s := OpenStore(dir, log)
	s.Retain(nil)
	s.Close()
	_ = os.Remove(dir.Path(journalName)) // it says that nothing is left
}

// Close closes the journal.
func (s *Store) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal != nil {
		_ = s.journal.Close()
	}
}

func countMessages(fields []string) (n int) {
	for _, field := range fields {
		if strings.HasPrefix(field, messagePrefix) {
			n++
		}
	}
	return n
}
