package cluster

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"waitboard/domain"
)

// mark is the place of a value that shows that a state can be read, even if the source has never sent anything.
const mark = ":mark"

// Write decides whether observations of a poll or a push become visible. The store calls it before anybody sees them, and visible publishes
// them. Write drops those of a poller that should have stopped.
func (c *Cluster) Write(source string, observed map[string]domain.Observation, visible func(map[string]domain.Observation)) {
	c.mu.Lock()
	m := c.members[source]
	c.mu.Unlock()
	if m == nil { // a source that can't be shared, because its key is unknown
		visible(observed)
		return
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	send, ok := m.mayWrite()
	if !ok {
		c.metrics.dropped.Inc()
		return
	}
	for metric, o := range observed {
		before := c.o.Store.Get(domain.Ref{Source: source, Metric: metric})
		if !newer(&before, &o, c.o.Now()) {
			delete(observed, metric) // the clock of the holder before was ahead of ours
		}
	}
	if send && !m.send(observed) {
		c.metrics.dropped.Inc()
		return
	}
	visible(observed)
}

// mayWrite reports whether this replica may show what it has polled, and whether it must send it to the engine first.
func (m *Member) mayWrite() (send, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.mode == holding && m.c.silent() {
		m.rewrite = true
		return false, m.mayShow()
	}
	return m.mode == holding, m.mayShow()
}

// mayShow reports whether this replica may poll at this moment. The mutex must be held.
func (m *Member) mayShow() bool {
	return m.mode == solo || m.mode == holding && m.c.o.Now().Before(m.deadline)
}

// send writes observations to the engine. It returns false if this replica may not show them, because another one has the lease. If the engine
// does not answer, the next write sends everything. The mutex writing must be held.
func (m *Member) send(observed map[string]domain.Observation) bool {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	m.mu.Lock()
	token, lease, result := m.token, m.lease(), int64(-2)
	rewrite := m.rewrite
	m.mu.Unlock()
	var err error
	if !rewrite {
		result, err = m.write(ctx, lease, token, "0", observed)
	}
	if result == -2 && err == nil {
		all := m.c.o.Store.Of(m.o.Name)
		for metric, o := range observed {
			all[metric] = o
		}
		result, err = m.write(ctx, lease, token, "1", all)
	}
	m.c.answered(err)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failed = err
	switch {
	case token != m.token: // the lease was lost, and taken again
		m.rewrite = true
		return err == nil && result > 0
	case err != nil:
		m.rewrite = true
		return m.mayShow()
	case result < 0:
		if m.mode == holding {
			m.enter(following)
		}
		return false
	}
	m.rewrite = false
	m.at, m.readable = strconv.FormatInt(token, 10)+":"+strconv.FormatInt(result, 10), true
	return true
}

// write returns the new revision, or what the script returns for a rejected write.
func (m *Member) write(ctx context.Context, lease string, token int64, all string, observed map[string]domain.Observation) (int64, error) {
	args := make([]any, 0, 8+2*len(observed))
	args = append(args, lease, token, all, stateLife.Milliseconds(), m.c.key("wake"), "s:"+m.id)
	put := func(place string, value []byte) {
		field := m.keys.name("field", place)
		args = append(args, field, m.keys.seal(m.id+field, value))
	}
	if all == "1" {
		put(mark, nil)
	}
	for metric, o := range observed {
		if !o.Restored() && !o.Confirmed.IsZero() {
			if raw, ok := encode(metric, &o); ok {
				put(metric, raw)
			}
		}
	}
	return write.Run(ctx, m.c.client, []string{m.key("lease"), m.key("state")}, args...).Int64()
}

// announce writes the states of sources that this replica begins to poll, and those that the engine could not take. It stops at the first
// that fails.
func (c *Cluster) announce() error {
	for _, m := range c.list() {
		if err := m.announce(); err != nil {
			return err
		}
	}
	return nil
}

// announce writes the state of one source, if it is due.
func (m *Member) announce() error {
	due := func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.mode == holding && m.rewrite
	}
	if !due() {
		return nil
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	if !due() { // a poll was faster
		return nil
	}
	m.send(nil)
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failed
}

// absorb shows the state of another replica.
func (m *Member) absorb(state map[string]string) {
	m.writing.Lock()
	defer m.writing.Unlock()
	markField := m.keys.name("field", mark)
	if !m.fresh(state, markField) {
		return
	}
	observed := make(map[domain.Ref]domain.Observation, len(state))
	for field, sealed := range state {
		if field == "t" || field == "r" || field == markField {
			continue
		}
		raw, ok := m.keys.open(m.id+field, sealed)
		if !ok {
			continue
		}
		metric, o, ok := decode(raw)
		ref := domain.Ref{Source: m.o.Name, Metric: metric}
		before := m.c.o.Store.Get(ref)
		if ok && newer(&before, &o, m.c.o.Now()) {
			observed[ref] = o
		}
	}
	m.c.o.Store.Set(observed)
}

// fresh notes a state, and reports whether it was not shown yet.
func (m *Member) fresh(state map[string]string, markField string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := state["t"] + ":" + state["r"]
	if at == m.at || m.left || len(state) == 0 {
		return false
	}
	m.at = at
	_, m.readable = m.keys.open(m.id+markField, state[markField])
	if token, err := strconv.ParseInt(state["t"], 10, 64); err == nil && token < maxNumber {
		m.seen = max(m.seen, token)
	}
	return true
}

// Refresh reads the states of sources from the engine now. It returns when they are shown, or when ctx is done.
func (c *Cluster) Refresh(ctx context.Context, sources []string) {
	if c.silent() {
		return
	}
	var members []*Member
	c.mu.Lock()
	for _, name := range sources {
		if m := c.members[name]; m != nil {
			members = append(members, m)
		}
	}
	c.mu.Unlock()
	c.answered(c.read(ctx, members))
}

// read reads and shows the states of members. It waits for a write of our own that is in progress.
func (c *Cluster) read(ctx context.Context, members []*Member) error {
	if len(members) == 0 {
		return nil
	}
	pipe := c.client.Pipeline()
	states := make([]*redis.MapStringStringCmd, len(members))
	for i, m := range members {
		states[i] = pipe.HGetAll(ctx, m.key("state"))
	}
	if err := c.exec(ctx, pipe); err != nil {
		return err
	}
	for i, m := range members {
		m.absorb(states[i].Val())
	}
	return nil
}

// due reports whether the state should be read again although nothing woke this replica.
func (m *Member) due(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.mode == holding || now.Before(m.readDue) {
		return false
	}
	m.readDue = now.Add(m.o.Interval)
	return true
}
