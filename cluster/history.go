package cluster

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// historyLife is longer than any replica is away.
const historyLife = 60 * 24 * time.Hour

// OnHistory sets what is called when another replica has saved the history of a metric. An empty place means that all of the source may have
// changed, and an empty source all of them. It must be quick.
func (c *Cluster) OnHistory(f func(source, place string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.history = f
}

// Holds reports whether this replica has the lease of a source.
func (c *Cluster) Holds(source string) bool {
	m := c.of(source)
	return m != nil && m.holds()
}

// LoadHistory returns what a replica saved for a place of a source; nil: nothing that this replica can read.
func (c *Cluster) LoadHistory(source, place string) ([]byte, error) {
	m := c.of(source)
	if m == nil || !c.Connected() {
		return nil, ErrUnavailable
	}
	name := m.historyName(place)
	ctx, cancel := context.WithTimeout(context.Background(), tickTimeout)
	defer cancel()
	pipe := c.client.Pipeline()
	get := pipe.Get(ctx, m.key("history:"+name))
	pipe.PExpire(ctx, m.key("history:"+name), historyLife)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, ErrUnavailable
	}
	value, _ := m.keys.open(m.id+name, get.Val())
	return value, nil
}

// SaveHistory saves the history of a place, and wakes the others.
func (c *Cluster) SaveHistory(source, place string, value []byte) error {
	m := c.of(source)
	if m == nil || !c.Connected() {
		return ErrUnavailable
	}
	name := m.historyName(place)
	ctx, cancel := context.WithTimeout(context.Background(), tickTimeout)
	defer cancel()
	pipe := c.client.Pipeline()
	pipe.Set(ctx, m.key("history:"+name), m.keys.seal(m.id+name, value), historyLife)
	pipe.Publish(ctx, c.key("wake"), "h:"+m.id+":"+name)
	if _, err := pipe.Exec(ctx); err != nil {
		return ErrUnavailable
	}
	return nil
}

// of returns the member of a source, by its name.
func (c *Cluster) of(source string) *Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.members[source]
}

// historyName returns the name of a place on the engine, and remembers whose name it is.
func (m *Member) historyName(place string) string {
	name := m.keys.name("history", place)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.places == nil {
		m.places = map[string]string{}
	}
	m.places[name] = place
	return name
}

// historySaved passes on that another replica has saved the history of a name.
func (m *Member) historySaved(name string) {
	m.mu.Lock()
	place := m.places[name]
	m.mu.Unlock()
	m.c.mu.Lock()
	f := m.c.history
	m.c.mu.Unlock()
	if f != nil && place != "" {
		f(m.o.Name, place)
	}
}

// historyMissed passes on that the engine may have lost the history of a source, or that this replica must save it now; empty: of all.
func (c *Cluster) historyMissed(source string) {
	c.mu.Lock()
	f := c.history
	c.mu.Unlock()
	if f != nil {
		f(source, "")
	}
}

// splitWake splits a message into its kind, the ID of a source, and what follows it.
func splitWake(wake string) (kind, id, rest string) {
	kind, id, _ = strings.Cut(wake, ":")
	id, rest, _ = strings.Cut(id, ":")
	return kind, id, rest
}
