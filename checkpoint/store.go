// Package checkpoint saves readings for the next start. It owns the file: the last observation of each metric with its times, before any
// policy. After a restart the current policy decides what the public sees of them, and their age counts as always.
//
// The file names nothing upstream. Sources, addresses, metrics and category values, which may be people, are hashed with a random key that
// the file holds. A reader of the file can only test guesses. Text values are stored as they are.
package checkpoint

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"waitboard/datadir"
	"waitboard/domain"
)

// A ServerRef is a metric of one server. After a source's URL changes, Restore no longer finds its metrics.
type ServerRef struct {
	domain.Ref
	URL string
}

// A Store reads and writes the checkpoint. Only Alias is safe for concurrent use.
type Store struct {
	dir   *datadir.Dir
	key   []byte                        // of the hashes
	saved map[string]domain.Observation // from the file, by hash of the metric; nil after Restore
}

// Open reads the checkpoint if there is one. It renames an unreadable file, logs a warning, and starts without last values.
func Open(dir *datadir.Dir, log *slog.Logger) *Store {
	s := &Store{dir: dir}
	data, err := dir.Read(fileName, maxFile)
	if err == nil {
		s.key, s.saved, err = parse(data)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		aside, asideErr := dir.SetAside(fileName)
		if asideErr != nil { // the next Save replaces the file
			aside = asideErr.Error()
		}
		log.Warn("checkpoint unreadable, set aside; waiting for the first polls",
			"file", dir.Path(fileName), "set_aside", aside, "error", err)
	}
	if s.key == nil {
		s.key = make([]byte, sha256.Size)
		_, _ = rand.Read(s.key) // never fails
	}
	return s
}

// slack is how far the clock may have been set back since the checkpoint without making it invalid.
const slack = time.Second

// Restore returns the saved observations of metrics; hideAfter gives the age at which each is hidden. It leaves out observations that are
// older, and those confirmed after now, whose age is unknown. The machine's clock must advance while it is off. Call Restore once.
func (s *Store) Restore(hideAfter map[ServerRef]time.Duration, now time.Time) map[domain.Ref]domain.Observation {
	restored := map[domain.Ref]domain.Observation{}
	for m, limit := range hideAfter {
		o, ok := s.saved[s.hashOf(m)]
		if ok && now.Before(o.Confirmed.Add(limit)) && notAfter(&o, now) {
			o.Alias = s.Alias
			restored[m.Ref] = o
		}
	}
	s.saved = nil
	return restored
}

// notAfter reports whether an observation was made by now. It sets times within the slack to now.
func notAfter(o *domain.Observation, now time.Time) bool {
	past := func(t *time.Time) bool {
		late := t.After(now.Add(slack))
		if t.After(now) {
			*t = now
		}
		return !late
	}
	ok := past(&o.Confirmed) && past(&o.Complete)
	for category, sample := range o.Samples {
		ok = past(&sample.Confirmed) && ok
		o.Samples[category] = sample
	}
	return ok
}

// Save replaces the checkpoint with the last values. After an error the old checkpoint remains, or none.
func (s *Store) Save(last map[ServerRef]domain.Observation) error {
	hashed := make(map[string]domain.Observation, len(last))
	for m, o := range last {
		if confirmed(o) {
			hashed[s.hashOf(m)] = s.unnamed(o)
		}
	}
	data, err := format(s.key, hashed)
	if err != nil {
		return err
	}
	return s.dir.Replace(fileName, data)
}

// confirmed reports whether an observation has a value: not all samples are initializing.
func confirmed(o domain.Observation) bool {
	for _, s := range o.Samples {
		if !s.Confirmed.IsZero() {
			return true
		}
	}
	return false
}

// unnamed returns an observation with aliases in place of category values.
func (s *Store) unnamed(o domain.Observation) domain.Observation {
	if o.Restored() { // it has aliases already
		return o
	}
	samples := make(map[string]domain.Sample, len(o.Samples))
	for category, sample := range o.Samples {
		samples[s.Alias(category)] = sample
	}
	o.Samples = samples
	return o
}

// Alias returns the file's name for a category value. The empty one, for a metric without categories, stays empty.
func (s *Store) Alias(category string) string {
	if category == "" {
		return ""
	}
	return s.hash(fmt.Sprintf("category %q", category))
}

func (s *Store) hashOf(m ServerRef) string {
	return s.hash(fmt.Sprintf("metric %q %q %q", m.Source, m.URL, m.Metric))
}

// hash returns 96 bits of an HMAC: short, and without collisions in practice.
func (s *Store) hash(text string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
}
