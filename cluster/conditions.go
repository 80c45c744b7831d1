package cluster

import (
	"context"
	"maps"
	"time"

	"github.com/redis/go-redis/v9"
)

// Conditions tells other replicas the conditions of the sources that this one polls, and returns theirs. A source is missing if nobody has
// told its condition lately.
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
			if m.tell(condition, c.o.Now(), 2*c.o.TTL) {
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

// tell reports whether others must be told the condition: it is new, or was told long ago.
func (m *Member) tell(condition string, now time.Time, every time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.told == condition && now.Before(m.tellDue) {
		return false
	}
	m.told, m.tellDue = condition, now.Add(every)
	return true
}
