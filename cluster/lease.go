package cluster

import (
	"context"
	"slices"
	"strings"
)

// renew extends the leases of this replica.
func (c *Cluster) renew(ctx context.Context) error {
	var held []*Member
	var keys []string
	args := []any{c.o.TTL.Milliseconds(), tokenLife.Milliseconds(), stateLife.Milliseconds()}
	for _, m := range c.list() {
		m.mu.Lock()
		if m.mode == holding {
			held = append(held, m)
			keys = append(keys, m.key("lease"), m.key("token"), m.key("state"))
			args = append(args, m.lease())
		}
		m.mu.Unlock()
	}
	if len(held) == 0 {
		return nil
	}
	sent := c.o.Now()
	renewed, err := renew.Run(ctx, c.client, keys, args...).Int64Slice()
	if err != nil {
		return err
	}
	for i, m := range held {
		m.mu.Lock()
		switch {
		case m.mode != holding:
		case renewed[i] == 1:
			m.extend(sent)
		default:
			m.enter(following)
		}
		m.mu.Unlock()
	}
	return nil
}

// look finds who holds the other leases, takes those that are free and that this replica should have, and reads the states that are due.
func (c *Cluster) look(ctx context.Context) error {
	var others []*Member
	var leases []string
	for _, m := range c.list() {
		if !m.holds() {
			others, leases = append(others, m), append(leases, m.key("lease"))
		}
	}
	if len(others) == 0 {
		return nil
	}
	values, err := c.client.MGet(ctx, leases...).Result()
	if err != nil {
		return err
	}
	var free, due, lost []*Member
	preferred := c.preferred()
	now := c.o.Now()
	for i, m := range others {
		value, _ := values[i].(string)
		switch {
		case m.observe(value) && !c.leaving.Load() && m.mayTake(preferred[m.o.Name] == c.replica):
			free = append(free, m)
		case m.lost():
			lost = append(lost, m)
		case m.due(now):
			due = append(due, m)
		}
	}
	c.release(ctx, lost)
	if err := c.read(ctx, due); err != nil {
		return err
	}
	return c.acquire(ctx, free)
}

// observe notes the value of the lease. It reports whether the lease is free.
func (m *Member) observe(value string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	holder, token, ok := parseLease(value)
	if !ok {
		m.holder = ""
		return true
	}
	m.holder, m.seen, m.waited, m.next = holder, max(m.seen, token), 0, false
	if holder == m.c.replica {
		m.token = token
	}
	return false
}

// lost reports whether the lease is ours, and this replica doesn't know it: the engine answered too late, or carried out an old request.
func (m *Member) lost() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.mode == holding || m.holder != m.c.replica {
		return false
	}
	m.holder = ""
	return true
}

// mayTake reports whether it is time to take the free lease. Replicas that should not have it wait for the one that should.
func (m *Member) mayTake(preferred bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waited++
	return preferred || m.next || m.mode == solo || m.waited > 2
}

// acquire takes free leases. It reads the states first, so that this replica continues where the one before ended.
func (c *Cluster) acquire(ctx context.Context, free []*Member) error {
	if len(free) == 0 {
		return nil
	}
	var keys []string
	args := []any{c.replica, c.o.TTL.Milliseconds(), tokenLife.Milliseconds()}
	for _, m := range free {
		m.mu.Lock()
		keys, args = append(keys, m.key("lease"), m.key("token"), m.key("state")), append(args, m.seen)
		m.mu.Unlock()
	}
	sent := c.o.Now()
	tokens, err := acquire.Run(ctx, c.client, keys, args...).Int64Slice()
	if err != nil {
		return err
	}
	var taken []*Member
	for i, m := range free {
		if tokens[i] > 0 {
			taken = append(taken, m)
		}
	}
	if err := c.read(ctx, taken); err != nil {
		return err // the leases expire
	}
	for i, m := range free {
		if tokens[i] > 0 {
			m.take(tokens[i], sent)
			c.historyMissed(m.o.Name)
		}
	}
	return nil
}

// release ends leases that this replica no longer uses.
func (c *Cluster) release(ctx context.Context, members []*Member) {
	if len(members) == 0 {
		return
	}
	var keys []string
	args := []any{c.key("wake")}
	for _, m := range members {
		m.mu.Lock()
		keys, args = append(keys, m.key("lease")), append(args, m.lease())
		m.mu.Unlock()
	}
	for _, m := range members {
		args = append(args, "r:"+m.id)
	}
	_ = release.Run(ctx, c.client, keys, args...).Err() // or they expire
}

// logLeases logs which leases this replica holds since it was called last, and which no longer.
func (c *Cluster) logLeases() {
	var taken, ended []string
	for _, m := range c.list() {
		m.mu.Lock()
		held := m.mode == holding
		switch {
		case held && !m.logged:
			taken = append(taken, m.o.Name)
		case !held && m.logged:
			ended = append(ended, m.o.Name)
		}
		m.logged = held
		m.mu.Unlock()
	}
	if len(ended) > 0 {
		c.o.Log.Info("leases released or lost", "count", len(ended), "sources", named(ended))
	}
	if len(taken) > 0 {
		c.o.Log.Info("leases taken, polling", "count", len(taken), "sources", named(taken))
	}
}

// named joins the first ten names.
func named(all []string) string {
	slices.Sort(all)
	return strings.Join(all[:min(len(all), 10)], ", ")
}
