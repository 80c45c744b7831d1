// Package checkpoint owns what is known of the sources' metrics while the service does not run, and its file: values as a source
// said them, with the times at which it did. So what is shown after a restart is judged by its age and by the policy that is
// in force then, as always.
//
// No name of upstream is in the file: sources, their addresses, metrics and category values, which may be people, are there
// as hashes with a random key of the file's own. Whoever has the file can only try names that he knows. Values that are text
// are there as they are.
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

// A Metric is one of a certain server. When a source gets another URL, what was kept of it is no longer found.
type Metric struct {
	domain.Ref
	URL string
}

// A Store is the file. Its methods must not be called at the same time, but for Alias.
type Store struct {
	dir  *datadir.Dir
	key  []byte                        // of the hashes
	kept map[string]domain.Observation // what the file held, by hash of the metric; nil once it is restored
}

// Open reads the file, if there is one. What can't be understood is set aside under another name, and then nothing is kept
// from before: the sources will say it anew.
func Open(dir *datadir.Dir, log *slog.Logger) *Store {
	s := &Store{dir: dir}
	data, err := dir.Read(fileName, maxFile)
	if err == nil {
		s.key, s.kept, err = parse(data)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		aside, asideErr := dir.SetAside(fileName)
		if asideErr != nil { // it will be replaced, if anything can be written at all
			aside = asideErr.Error()
		}
		log.Warn("the values of before the restart are lost: their file can't be read, and was set aside; the sources will say them anew",
			"file", dir.Path(fileName), "set_aside", aside, "error", err)
	}
	if s.key == nil {
		s.key = make([]byte, sha256.Size)
		_, _ = rand.Read(s.key) // which never fails
	}
	return s
}

// slack is how far a clock may have been set back between two runs for what is kept to be believed.
const slack = time.Second

// Restore is what was kept of these metrics, each with the age at which it is shown no more. It leaves out what is so old at
// this time, and what was confirmed later than now, as nobody can tell its age. That is judged by
// the clock on the wall: the machine must have one that goes on while it is off. It can be asked once.
func (s *Store) Restore(hideAfter map[Metric]time.Duration, now time.Time) map[domain.Ref]domain.Observation {
	restored := map[domain.Ref]domain.Observation{}
	for m, limit := range hideAfter {
		o, ok := s.kept[s.hashOf(m)]
		if ok && now.Before(o.Confirmed.Add(limit)) && notAfter(&o, now) {
			o.Alias = s.Alias
			restored[m.Ref] = o
		}
	}
	s.kept = nil
	return restored
}

// notAfter tells whether an observation was made by now. What is within the slack it dates now.
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

// Save puts what is known now in the place of what was kept. After an error that is kept still, or nothing is.
func (s *Store) Save(known map[Metric]domain.Observation) error {
	hashed := make(map[string]domain.Observation, len(known))
	for m, o := range known {
		if anyKnown(o) {
			hashed[s.hashOf(m)] = s.unnamed(o)
		}
	}
	data, err := format(s.key, hashed)
	if err != nil {
		return err
	}
	return s.dir.Replace(fileName, data)
}

// anyKnown tells whether there is a value to keep: not all of them are initializing.
func anyKnown(o domain.Observation) bool {
	for _, s := range o.Samples {
		if !s.Confirmed.IsZero() {
			return true
		}
	}
	return false
}

// unnamed is an observation with aliases for names.
func (s *Store) unnamed(o domain.Observation) domain.Observation {
	if o.Restored() { // it has been all the time
		return o
	}
	samples := make(map[string]domain.Sample, len(o.Samples))
	for category, sample := range o.Samples {
		samples[s.Alias(category)] = sample
	}
	o.Samples = samples
	return o
}

// Alias is what the file calls a category value; the empty one, of a metric without categories, stays empty.
func (s *Store) Alias(category string) string {
	if category == "" {
		return ""
	}
	return s.hash(fmt.Sprintf("category %q", category))
}

func (s *Store) hashOf(m Metric) string {
	return s.hash(fmt.Sprintf("metric %q %q %q", m.Source, m.URL, m.Metric))
}

// hash is short, yet long enough that no two names ever share one.
func (s *Store) hash(text string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
}
