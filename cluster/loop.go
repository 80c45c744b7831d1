package cluster

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// wantsEvery is how many ticks pass between two times that a replica renews and reads what is wanted of a source.
const wantsEvery = 20

// tick does the work of one interval, and notes whether the engine can be used.
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
	c.logLeases()
}

// work talks to the engine. After an error the rest waits for the next tick.
func (c *Cluster) work(parent context.Context) error {
	ctx, cancel := context.WithTimeout(parent, 2*tickTimeout)
	defer cancel()
	c.mu.Lock()
	rejected := c.rejected
	c.mu.Unlock()
	if rejected != nil {
		return rejected
	}
	if !c.Connected() {
		report, err := inspect(ctx, c.client, c.key("try", c.replica))
		if err != nil {
			return err
		}
		c.warn(report)
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
	if err := c.announce(); err != nil {
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

// note logs when the engine stops or starts to be of use. Another fault than the logged one is logged if two ticks find it.
func (c *Cluster) note(err error) {
	before := c.ready.Swap(err == nil)
	c.late.Store(0)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		switch {
		case c.fault != nil:
			c.o.Log.Info("engine of the cluster answers again")
		case !before:
			c.o.Log.Info("engine of the cluster answers", "replica", c.replica, "replicas", len(c.live))
		}
		if !before {
			go c.historyMissed("") // the engine may have restarted empty
		}
		c.fault, c.doubt = nil, ""
		return
	}
	next := explain(err, c.o.secure())
	if before && next.cut() {
		next = &fault{noAnswer, "", err} // an engine that stops closes connections
	}
	doubt := c.doubt
	c.doubt = next.what
	switch {
	case c.fault != nil && (c.fault.what == next.what || doubt != next.what):
		return
	case next.away():
		c.o.Log.Error("engine of the cluster does not answer, polling without it until it does", slices.Concat([]any{"cause", next.short()}, next.fix())...)
	default:
		c.o.Log.Error("engine of the cluster can't be used, polling without it until it can", slices.Concat([]any{"cause", next.what}, next.fix())...)
	}
	c.fault = next
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
	at, live, ok := parseBeat(result)
	if !ok {
		return errReply
	}
	offset := between(sent, received).Sub(at)
	c.mu.Lock()
	defer c.mu.Unlock()
	if wrong := offset.Abs() > maxOffset; wrong != (c.offset.Abs() > maxOffset) {
		if wrong {
			c.o.Log.Error("clock differs from the engine's, ages of values may be wrong; set it with NTP", "offset", offset.Round(time.Millisecond).String())
		} else {
			c.o.Log.Info("clock agrees with the engine's again")
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

var errReply = errors.New("redis: can't parse the reply of a script")

// parseBeat reads the reply of beat: the engine's time, and the live replicas, sorted.
func parseBeat(reply []any) (at time.Time, live []string, ok bool) {
	if len(reply) != 3 {
		return at, nil, false
	}
	var unix [2]int64
	for i := range unix {
		text, _ := reply[i].(string)
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return at, nil, false
		}
		unix[i] = number
	}
	all, ok := reply[2].([]any)
	for _, each := range all {
		if replica, ok := each.(string); ok {
			live = append(live, replica)
		}
	}
	slices.Sort(live)
	return time.Unix(unix[0], unix[1]*1000), live, ok
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
	case connected && (m.readable && m.holder != "" || m.holder == "" && m.waited <= maxFree):
		m.heard = now
		if m.mode == solo && m.holder != "" {
			m.enter(following)
		}
	case m.mode == following && now.Sub(m.heard) > limit+m.jitter:
		m.enter(solo)
	}
}

// maxFree is how many ticks a lease is free before a replica doubts that it can be taken.
const maxFree = 5

// woken handles a message of another replica, and all others that wait.
func (c *Cluster) woken(parent context.Context, wake string) {
	ctx, cancel := context.WithTimeout(parent, tickTimeout)
	defer cancel()
	wakes := map[string]bool{wake: true}
	for len(c.wakes) > 0 {
		wakes[<-c.wakes] = true
	}
	var changed []*Member
	released := false
	for wake := range wakes {
		kind, id, rest := splitWake(wake)
		m := c.member(id)
		switch {
		case kind == "n":
			_ = c.notices.fetch(ctx, c) // or the next tick does
		case m == nil:
		case kind == "s" && !m.holds():
			changed = append(changed, m)
		case kind == "h":
			m.historySaved(rest)
		case kind == "r" && c.next(m):
			released = true
		case kind == "w":
			m.mu.Lock()
			m.askWants = true
			m.mu.Unlock()
		}
	}
	_ = c.read(ctx, changed) // or the next tick does
	if released && c.look(ctx) == nil {
		_ = c.announce()
	}
}

// exec runs a pipeline of commands whose first argument is a key. It removes our keys to which another program has given another type.
func (c *Cluster) exec(ctx context.Context, pipe redis.Pipeliner) error {
	commands, err := pipe.Exec(ctx)
	if err == nil {
		return nil
	}
	var wrong []string
	for _, each := range commands {
		switch err := each.Err(); {
		case err == nil, errors.Is(err, redis.Nil):
		case redis.HasErrorPrefix(err, wrongType):
			wrong = append(wrong, each.Args()[1].(string))
		default:
			return err
		}
	}
	if len(wrong) == 0 {
		return err
	}
	return c.client.Del(ctx, wrong...).Err()
}

const wrongType = "WRONGTYPE"
