package cluster

import (
	"context"
	"maps"
	"time"

	"github.com/redis/go-redis/v9"
)

// Conditions publishes the conditions of the sources that this replica polls, and returns them with those of the others. A source is missing
// if no replica has published its condition lately.
func (c *Cluster) Conditions(ctx context.Context, own map[string]string) map[string]string {
	if !c.Connected() {
		return own
	}
	ctx, cancel := context.WithTimeout(ctx, tickTimeout)
	defer cancel()
	all, pipe := map[string]string{}, c.client.Pipeline()
	reads := map[*Member]*redis.StringCmd{}
	for _, m := range c.list() {
		key := m.key("condition")
		if condition, ok := own[m.o.Name]; ok {
			if m.publishes(condition, c.o.Now(), 2*c.o.TTL) {
				pipe.Set(ctx, key, m.keys.seal(key, []byte(condition)), 4*c.o.TTL)
			}
		} else {
			reads[m] = pipe.Get(ctx, key)
		}
	}
	_, _ = pipe.Exec(ctx) // what is missing is unknown
	for m, read := range reads {
		if condition, ok := m.keys.open(m.key("condition"), read.Val()); ok {
			all[m.o.Name] = string(condition)
		}
	}
	maps.Copy(all, own)
	return all
}

// publishes reports whether the condition must be published: it is new, or was published long ago.
func (m *Member) publishes(condition string, now time.Time, every time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.shared == condition && now.Before(m.shareDue) {
		return false
	}
	m.shared, m.shareDue = condition, now.Add(every)
	return true
}
