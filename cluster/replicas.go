package cluster

import (
	"cmp"
	"context"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// settle is how many ticks the live replicas must stay the same before leases move to even out the load.
const settle = 3

// preferred returns which replica should hold the lease of each source. It is rendezvous hashing with a bound: each source has its own order
// of replicas, and goes to the first one that does not have its share yet. All replicas with the same sources get the same result.
func (c *Cluster) preferred() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.prefer != nil {
		return c.prefer
	}
	ids := make(map[string]string, len(c.members)) // of sources on the engine -> their names
	for name, m := range c.members {
		ids[m.id] = name
	}
	c.prefer = map[string]string{}
	for id, replica := range assign(slices.Sorted(maps.Keys(ids)), c.live) {
		c.prefer[ids[id]] = replica
	}
	return c.prefer
}

// assign gives each source to a replica, and no replica more than its share.
func assign(sources, replicas []string) map[string]string {
	out := make(map[string]string, len(sources))
	if len(replicas) == 0 {
		return out
	}
	limit := (len(sources) + len(replicas) - 1) / len(replicas)
	load := map[string]int{}
	for _, source := range sources {
		order := slices.SortedFunc(slices.Values(replicas), func(a, b string) int {
			return cmp.Or(cmp.Compare(score(source, b), score(source, a)), strings.Compare(a, b))
		})
		for _, replica := range order {
			if load[replica] < limit {
				load[replica]++
				out[source] = replica
				break
			}
		}
	}
	return out
}

// next reports whether this replica should take a lease that its holder has released. A holder that stops is still among the live replicas.
func (c *Cluster) next(m *Member) bool {
	preferred := c.preferred()[m.o.Name] == c.replica
	c.mu.Lock()
	live := c.live
	c.mu.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next = preferred || !slices.ContainsFunc(live, func(replica string) bool {
		return replica != m.holder && replica != c.replica && score(m.id, replica) > score(m.id, c.replica)
	})
	return m.next
}

// score is the rank of a replica for a source.
func score(source, replica string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(source + "\x00" + replica)) // a hash never fails
	x := h.Sum64()
	x ^= x >> 33 // FNV alone leaves texts that differ at their ends close together
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// yield hands leases over to the replicas that should have them. Replicas with different sources can disagree forever on which one that is,
// so each handover of a lease doubles the time until the next one, until the live replicas change.
func (c *Cluster) yield(ctx context.Context) {
	preferred := c.preferred()
	c.mu.Lock()
	epoch, settled, now := strings.Join(c.live, " "), c.stable >= settle, c.ticks
	c.mu.Unlock()
	if !settled {
		return
	}
	var yielded []*Member
	for _, m := range c.list() {
		other := preferred[m.o.Name]
		m.mu.Lock()
		joined := m.wants[other] != leftSource
		if m.epoch != epoch {
			m.epoch, m.pause, m.yieldDue = epoch, settle, now
		}
		due := m.mode == holding && other != c.replica && joined && now >= m.yieldDue
		if due {
			m.pause *= 2
			m.yieldDue = now + m.pause
		}
		m.mu.Unlock()
		if due && m.stopHolding() {
			yielded = append(yielded, m)
		}
	}
	c.release(ctx, yielded)
}

// leftSource is what a replica that no longer shows a source wants of it.
const leftSource = ""

// share writes what this replica wants of its sources, and reads what others want of those that it polls.
func (c *Cluster) share(ctx context.Context) error {
	c.mu.Lock()
	now, live, stable := c.ticks, c.live, c.stable
	c.mu.Unlock()
	if c.leaving.Load() {
		return nil
	}
	pipe := c.client.Pipeline()
	reads := map[*Member]*redis.MapStringStringCmd{}
	for _, m := range c.list() {
		m.mu.Lock()
		if key := m.key("wants"); now >= m.wantDue {
			first := m.wantDue == 0
			m.wantDue = now + wantsEvery
			pipe.HSet(ctx, key, c.replica, m.keys.seal(m.id+c.replica, m.want))
			pipe.PExpire(ctx, key, 20*c.o.TTL)
			if first {
				pipe.Publish(ctx, c.key("wake"), "w:"+m.id)
			}
			m.askWants = true
		}
		if m.mode == holding && (m.askWants || stable == settle) {
			m.askWants = false
			reads[m] = pipe.HGetAll(ctx, m.key("wants"))
		}
		m.mu.Unlock()
	}
	if pipe.Len() == 0 {
		return nil
	}
	if err := c.exec(ctx, pipe); err != nil {
		return err
	}
	for m, read := range reads {
		m.unite(read.Val(), live, stable >= settle)
	}
	return nil
}

// unite passes what the live replicas want to the poller. The engine may have lost some of it, and live may lack replicas that are about to
// return. So unite drops nothing until the replicas are settled.
func (m *Member) unite(read map[string]string, live []string, settled bool) {
	m.pass(func() {
		wants := map[string]string{}
		for replica, want := range m.wants {
			if !settled || slices.Contains(live, replica) {
				wants[replica] = want
			}
		}
		for replica, want := range read {
			if slices.Contains(live, replica) {
				wants[replica] = want
			}
		}
		m.wants = wants
	})
}

// pass makes a change, and passes what all replicas want to the poller.
func (m *Member) pass(change func()) {
	m.passing.Lock()
	defer m.passing.Unlock()
	m.mu.Lock()
	change()
	var all [][]byte
	for _, replica := range slices.Sorted(maps.Keys(m.wants)) {
		if replica == m.c.replica {
			continue // it may be older
		}
		if want, ok := m.keys.open(m.id+replica, m.wants[replica]); ok {
			all = append(all, want)
		}
	}
	all = append(all, m.want)
	m.mu.Unlock()
	m.o.Wanted(all)
}
