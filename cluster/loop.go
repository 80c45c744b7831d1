package cluster

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// wantsEvery is how many ticks pass between two times that a replica renews and reads what is wanted of a source.
const wantsEvery = 20

// tick does everything that is due.
func (c *Cluster) tick(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	c.ticks++
	c.mu.Unlock()
	err := c.work(ctx)
	if ctx.Err() != nil {
		return
	}
	c.note(err)
	for _, m := range c.list() {
		m.judge(c.o.Now(), err == nil)
	}
}

// work talks to the engine. After an error the rest waits for the next tick.
func (c *Cluster) work(parent context.Context) error {
	ctx, cancel := context.WithTimeout(parent, 2*tickTimeout)
	defer cancel()
	if !c.Connected() {
		if _, err := inspect(ctx, c.client); err != nil {
			return err
		}
	}
	if err := c.beat(ctx); err != nil {
		return err
	}
	if err := c.renew(ctx); err != nil {
		return err
	}
	if err := c.look(ctx); err != nil {
		return err
	}
	if err := c.share(ctx); err != nil {
		return err
	}
	c.yield(ctx)
	if err := c.notices.sync(ctx, c); err != nil {
		return err
	}
	return c.probe(ctx)
}

// note logs when the engine stops or starts to answer.
func (c *Cluster) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready = err == nil
	switch {
	case err == nil:
		if c.down {
			c.o.Log.Info("engine of the cluster answers again")
		}
		c.down = false
	case !c.down:
		c.down = true
		c.o.Log.Error("engine of the cluster does not answer, polling without it until it does", "error", c.reason(err))
	}
}

// reason returns an error without what it may repeat of the URL.
func (c *Cluster) reason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	return err.Error()
}

// beat announces this replica, finds the live ones, and compares the clocks.
func (c *Cluster) beat(ctx context.Context) error {
	self := c.replica
	if c.leaving.Load() {
		self = ""
	}
	sent := c.o.Now()
	result, err := beat.Run(ctx, c.client, []string{c.key("replicas")}, self, c.o.TTL.Milliseconds()).Slice()
	if err != nil {
		return err
	}
	received := c.o.Now()
	seconds, _ := strconv.ParseInt(result[0].(string), 10, 64)
	micros, _ := strconv.ParseInt(result[1].(string), 10, 64)
	var live []string
	for _, each := range result[2].([]any) {
		live = append(live, each.(string))
	}
	slices.Sort(live)
	offset := sent.Add(received.Sub(sent) / 2).Sub(time.Unix(seconds, micros*1000))
	c.mu.Lock()
	defer c.mu.Unlock()
	if wrong := offset.Abs() > maxOffset; wrong != (c.offset.Abs() > maxOffset) {
		if wrong {
			c.o.Log.Error("clock differs from that of the engine, set it; ages of values may be wrong", "offset", offset.Round(time.Millisecond).String())
		} else {
			c.o.Log.Info("clock agrees with that of the engine again")
		}
	}
	c.offset = offset
	c.stable++
	if !slices.Equal(live, c.live) {
		c.live, c.stable, c.prefer = live, 0, nil
		for _, m := range c.members {
			m.mu.Lock()
			m.wantDue = 0 // the engine may have restarted empty
			m.mu.Unlock()
		}
	}
	return nil
}

// judge decides whether the source must be polled without a lease.
func (m *Member) judge(now time.Time, connected bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	limit := m.c.o.TTL
	if connected {
		limit = max(limit, 3*m.o.Interval)
	}
	switch {
	case m.mode == holding || m.left || m.c.leaving.Load():
	case connected && (m.readable || m.holder == ""):
		m.heard = now
		if m.mode == solo && m.holder != "" {
			m.enter(following)
		}
	case m.mode == following && now.Sub(m.heard) > limit+m.jitter:
		m.enter(solo)
	}
}

// woken does what a message of another replica is about, and everything else that waits.
func (c *Cluster) woken(parent context.Context, wake string) {
	ctx, cancel := context.WithTimeout(parent, tickTimeout)
	defer cancel()
	wakes := map[string]bool{wake: true}
	for len(c.wakes) > 0 {
		wakes[<-c.wakes] = true
	}
	byID := map[string]*Member{}
	for _, m := range c.list() {
		byID[m.id] = m
	}
	var changed []*Member
	released := false
	for wake := range wakes {
		kind, id, _ := strings.Cut(wake, ":")
		m := byID[id]
		switch {
		case kind == "n":
			_ = c.notices.fetch(ctx, c) // or the next tick does
		case m == nil:
		case kind == "s" && !m.holds():
			changed = append(changed, m)
		case kind == "r" && c.next(m):
			released = true
		case kind == "w":
			m.mu.Lock()
			m.askWants = true
			m.mu.Unlock()
		}
	}
	_ = c.read(ctx, changed) // or the next tick does
	if released {
		_ = c.look(ctx)
	}
}

// hash returns the result of a command that reads a hash.
func hash(cmd redis.Cmder) (map[string]string, error) {
	return cmd.(*redis.MapStringStringCmd).Result()
}
