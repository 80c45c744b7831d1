package typical

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"waitboard/domain"
	"waitboard/history"
)

// Replicas share archives, so that all publish the same. One of them, the holder of a source, saves what all then publish.
type Replicas interface {
	Holds(source string) bool
	LoadHistory(source, place string) ([]byte, error) // nil: none
	SaveHistory(source, place string, archive []byte) error
}

// shared returns the archive that all replicas publish. It adds that to this replica's own archive, for an engine that has lost it, and
// reports whether the own one has changed.
func (c *Collector) shared(t *tracker, own *history.Archive, isImport bool) (shared *history.Archive, changed bool) {
	if c.o.Replicas == nil {
		return own, false
	}
	source := t.metric().Ref.Source
	raw, err := c.o.Replicas.LoadHistory(source, t.place())
	if err != nil {
		return own, false
	}
	shared, err = history.Decode(raw)
	switch {
	case !isImport && !c.o.Replicas.Holds(source):
		if err != nil {
			return own, false
		}
		return shared, own.Merge(shared)
	case err != nil:
		shared = &history.Archive{}
	}
	shared = t.kept(shared, c.o.Now())
	shared.Merge(own)
	if merged := shared.Encode(); !bytes.Equal(merged, raw) {
		_ = c.o.Replicas.SaveHistory(source, t.place(), merged) // or in an hour
	}
	return shared, own.Merge(shared)
}

// Refresh publishes the archive of a place of a source again, which another replica has saved. An empty place is all of the source, and an
// empty source is all of them.
func (c *Collector) Refresh(source, place string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	widget, metric, _ := strings.Cut(place, ".")
	named := domain.Placement{Widget: widget, Metric: metric}
	for at, t := range c.trackers {
		if (place == "" || at == named) && (source == "" || t.metric().Ref.Source == source) {
			c.complete[at] = slices.Clone(c.complete[at])
		}
	}
	c.wake()
}

// A memory holds archives of a process without a data folder, encoded, because that is smaller.
type memory struct {
	mu       sync.Mutex // guards archives
	archives map[domain.Placement][]byte
}

func (m *memory) read(at domain.Placement) *history.Archive {
	m.mu.Lock()
	defer m.mu.Unlock()
	archive, err := history.Decode(m.archives[at])
	if err != nil {
		return &history.Archive{} // there is none
	}
	return archive
}

func (m *memory) write(at domain.Placement, a *history.Archive) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.archives[at] = a.Encode()
	return nil
}

func (m *memory) remove(at domain.Placement) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.archives, at)
}

// currentPlace is where the hours that go on of a source are. It is the place of no metric, because it has no dot.
const currentPlace = "current"

// saveShared saves the hours that go on of the sources that this replica holds.
func (c *Collector) saveShared() {
	c.resume() // what is there would be lost otherwise
	c.mu.Lock()
	sources := map[string]map[domain.Placement][]history.Hour{}
	for at, t := range c.trackers {
		if hour := t.recorder.Current(); t.resumed && len(hour.Times) > 0 {
			source := t.metric().Ref.Source
			if sources[source] == nil {
				sources[source] = map[domain.Placement][]history.Hour{}
			}
			sources[source][at] = []history.Hour{hour}
		}
	}
	c.mu.Unlock()
	for source, hours := range sources {
		if !c.o.Replicas.Holds(source) {
			continue
		}
		raw, err := encodeHours(hours, c.o.Now())
		if err != nil || c.o.Replicas.SaveHistory(source, currentPlace, raw) != nil {
			return // the next time
		}
	}
}

// resume continues the hours that this replica saved before a restart, or that another one has saved.
func (c *Collector) resume() {
	c.mu.Lock()
	sources := map[string]bool{}
	for _, t := range c.trackers {
		if !t.resumed {
			sources[t.metric().Ref.Source] = true
		}
	}
	c.mu.Unlock()
	if len(sources) == 0 {
		return
	}
	c.advance()
	for source := range sources {
		raw, err := c.o.Replicas.LoadHistory(source, currentPlace)
		if err != nil {
			continue // later
		}
		hours, until, _ := decodeHours(raw) // without what can't be used
		c.mu.Lock()
		for at, t := range c.trackers {
			if t.resumed || t.metric().Ref.Source != source {
				continue
			}
			t.resumed = true
			for _, hour := range hours[at] {
				if !t.resume(hour, until, c.o.Now()) {
					c.complete[at] = append(c.complete[at], hour)
				}
			}
		}
		c.mu.Unlock()
	}
}

// Leave saves the hours that go on, before this replica hands its sources over.
func (c *Collector) Leave() {
	if c.o.Dir == nil {
		c.advance()
		c.saveShared()
	}
}
