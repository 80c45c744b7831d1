package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// dutyLife is the time to live of a duty's state. Its holder renews it.
const dutyLife = noticesLife

// ErrNotHeld means that another replica may do the duty now, or that the engine does not answer.
var ErrNotHeld = errors.New("the lease is lost, or the engine of the cluster does not answer")

// DutyOptions describe what one replica at a time does, with a state that its successor needs.
type DutyOptions struct {
	Name   string
	Secret string // it seals the state, and is the same on all replicas
	// Serve does the duty until ctx is done. state holds its fields. update changes them on the engine: all or none. After an error it may
	// have changed them, and the caller repeats the same update.
	Serve func(ctx context.Context, state map[string]string, update func(ctx context.Context, set map[string]string, del []string) error)
}

// A duty is this replica's part in it. All replicas have a copy of the state, for an engine that restarts empty.
type duty struct {
	c    *Cluster
	o    DutyOptions
	keys *keys
	id   string

	mu       sync.Mutex        // guards what follows
	copy     map[string]string // the state as on the engine: sealed fields, "t" the token, "r" the revision
	token    int64             // of our lease; 0: we have none
	deadline time.Time         // of our lease, by our clock
	waited   int               // ticks since the lease is free

	stop  context.CancelFunc // ends Serve; nil: it doesn't run
	ended chan struct{}
}

// Serve takes part in a duty until ctx is done. It then releases the lease.
func (c *Cluster) Serve(ctx context.Context, o DutyOptions) {
	d := &duty{c: c, o: o, keys: newKeys(o.Secret), id: newKeys("").name("duty", o.Name)}
	tick := time.NewTicker(c.o.TTL / 5)
	defer tick.Stop()
	for d.tick(ctx); ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-tick.C:
			d.tick(ctx)
		}
	}
	d.end()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if token := d.lost(); token > 0 {
		_ = release.Run(last, c.client, []string{d.key("lease")}, c.key("wake"), d.lease(token), "d:"+d.id).Err() // or it expires
	}
}

func (d *duty) key(part string) string { return d.c.key("duty", d.id, part) }

func (d *duty) lease(token int64) string { return d.c.replica + ":" + strconv.FormatInt(token, 10) }

// lost notes that we have no lease. It returns the token of the one before.
func (d *duty) lost() (token int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	token, d.token = d.token, 0
	return token
}

// end ends Serve.
func (d *duty) end() {
	if d.stop != nil {
		d.stop()
		<-d.ended
		d.stop = nil
	}
}

// tick renews the lease, or takes it if it is free.
func (d *duty) tick(parent context.Context) {
	ctx, cancel := context.WithTimeout(parent, tickTimeout)
	defer cancel()
	held := d.renew(ctx)
	if !held {
		d.end() // before anything is taken again
		if d.watch(ctx) {
			held = d.acquire(ctx)
		}
	}
	if held && d.stop == nil && parent.Err() == nil {
		d.start(parent)
	}
}

// renew extends our lease. It reports whether we have it.
func (d *duty) renew(ctx context.Context) bool {
	d.mu.Lock()
	token, deadline := d.token, d.deadline
	d.mu.Unlock()
	if token == 0 {
		return false
	}
	sent := d.c.o.Now()
	renewed, err := renew.Run(ctx, d.c.client, []string{d.key("lease"), d.key("token"), d.key("state")},
		d.c.o.TTL.Milliseconds(), tokenLife.Milliseconds(), dutyLife.Milliseconds(), d.lease(token)).Int64Slice()
	switch {
	case err == nil && renewed[0] == 1:
		d.mu.Lock()
		d.deadline = sent.Add(d.c.o.TTL * 4 / 5)
		d.mu.Unlock()
		return true
	case err != nil && d.c.o.Now().Before(deadline):
		return true
	}
	d.lost()
	d.waited = 2 // if the engine has lost the lease, we come first: our copy of the state is the newest
	return false
}

// watch copies the state that another replica changes. It reports whether we may take the lease.
func (d *duty) watch(ctx context.Context) bool {
	pipe := d.c.client.Pipeline()
	leases, revision := pipe.MGet(ctx, d.key("lease")), pipe.HGet(ctx, d.key("state"), "r")
	_, _ = pipe.Exec(ctx) // each command has its own error
	if leases.Err() != nil {
		return false
	}
	if revision.Val() != "" && revision.Val() != d.copy["r"] {
		if state, err := d.state(ctx); err == nil {
			d.absorb(state)
		}
	}
	lease, _ := leases.Val()[0].(string)
	switch holder, _, ok := parseLease(lease); {
	case ok && holder == d.c.replica: // the engine answered too late when this replica took it
		_ = release.Run(ctx, d.c.client, []string{d.key("lease")}, d.c.key("wake"), lease, "d:"+d.id).Err() // or it expires
		return false
	case ok:
		d.waited = 0
		return false
	}
	d.waited++
	return d.waited > 1
}

// state reads the state. It is empty if another program has written something else.
func (d *duty) state(ctx context.Context) (map[string]string, error) {
	state, err := d.c.client.HGetAll(ctx, d.key("state")).Result()
	if redis.HasErrorPrefix(err, "WRONGTYPE") {
		return nil, nil //nolint:nilnil // the state counts as lost
	}
	return state, err
}

// absorb replaces the copy, unless that is newer.
func (d *duty) absorb(state map[string]string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !before(state, d.copy) {
		d.copy = state
	}
}

// before reports whether a state is older than another one.
func before(a, b map[string]string) bool {
	if ta, tb := number64(a["t"]), number64(b["t"]); ta != tb {
		return ta < tb
	}
	return number64(a["r"]) < number64(b["r"])
}

// number64 returns a token or revision; 0 for what another program has written.
func number64(text string) int64 {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 && n < maxNumber {
		return n
	}
	return 0
}

// acquire takes the free lease, and writes the state back to an engine that has lost it.
func (d *duty) acquire(ctx context.Context) bool {
	d.mu.Lock()
	seen := number64(d.copy["t"])
	d.mu.Unlock()
	sent := d.c.o.Now()
	tokens, err := acquire.Run(ctx, d.c.client, []string{d.key("lease"), d.key("token"), d.key("state")},
		d.c.replica, d.c.o.TTL.Milliseconds(), tokenLife.Milliseconds(), seen).Int64Slice()
	if err != nil || tokens[0] == 0 {
		return false
	}
	state, err := d.state(ctx)
	if err != nil {
		return false // the lease expires
	}
	d.absorb(state)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.token, d.deadline = tokens[0], sent.Add(d.c.o.TTL*4/5)
	if d.rewrite(ctx) != nil {
		d.token = 0 // the lease expires
	}
	return d.token > 0
}

// start starts to serve with the state of this moment.
func (d *duty) start(parent context.Context) {
	state := map[string]string{}
	for field, sealed := range d.copy {
		if raw, ok := d.keys.open(d.id+field, sealed); ok {
			name, value, _ := strings.Cut(string(raw), "\x00")
			state[name] = value
		}
	}
	var ctx context.Context
	ctx, d.stop = context.WithCancel(parent)
	d.ended = make(chan struct{})
	go func(ended chan struct{}) { defer close(ended); d.o.Serve(ctx, state, d.update) }(d.ended)
}

// update changes fields.
func (d *duty) update(ctx context.Context, set map[string]string, del []string) error {
	sealed := map[string]string{}
	for name, value := range set {
		field := d.keys.name("field", name)
		sealed[field] = d.keys.seal(d.id+field, []byte(name+"\x00"+value))
	}
	gone := make([]string, len(del))
	for i, name := range del {
		gone[i] = d.keys.name("field", name)
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.token == 0 || !d.c.o.Now().Before(d.deadline) {
		return ErrNotHeld
	}
	err := d.amend(ctx, "0", sealed, gone)
	if errors.Is(err, errOtherState) {
		if err = d.rewrite(ctx); err == nil {
			err = d.amend(ctx, "0", sealed, gone)
		}
	}
	return err
}

// errOtherState means that the engine has lost the state, or that another program has written it.
var errOtherState = fmt.Errorf("the engine has another state: %w", ErrNotHeld)

// rewrite writes the whole copy under our token. The mutex must be held.
func (d *duty) rewrite(ctx context.Context) error {
	fields := maps.Clone(d.copy)
	delete(fields, "t")
	delete(fields, "r")
	return d.amend(ctx, "1", fields, nil)
}

// amend runs the script, and does the same to the copy. The mutex must be held.
func (d *duty) amend(ctx context.Context, all string, set map[string]string, del []string) error {
	args := []any{d.lease(d.token), d.token, all, dutyLife.Milliseconds(), number64(d.copy["r"]), len(set)}
	for field, value := range set {
		args = append(args, field, value)
	}
	for _, field := range del {
		args = append(args, field)
	}
	revision, err := amend.Run(ctx, d.c.client, []string{d.key("lease"), d.key("state")}, args...).Int64()
	switch {
	case err == nil && revision == -2:
		return errOtherState
	case err != nil || revision < 0:
		return ErrNotHeld
	}
	next := map[string]string{}
	if all == "0" {
		next = maps.Clone(d.copy)
	}
	maps.Copy(next, set)
	for _, field := range del {
		delete(next, field)
	}
	next["t"], next["r"] = strconv.FormatInt(d.token, 10), strconv.FormatInt(revision, 10)
	d.copy = next
	return nil
}

// amend changes and removes fields of the state of a duty. It returns the new revision, -1 if the lease is not the writer's, and -2 if the
// state is not of the writer's token, so that the writer must send all fields.
// KEYS: lease, state. ARGV: the lease's value, token, 1 for all fields, milliseconds of a state, the revision seen, number of fields to set,
// these with their values, then fields to remove.
var amend = redis.NewScript(number + `
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local token, revision = redis.pcall('HGET', KEYS[2], 't'), redis.pcall('HGET', KEYS[2], 'r')
if type(token) == 'table' then redis.call('DEL', KEYS[2]) end
if number(token) > number(ARGV[2]) then return -1 end
if ARGV[3] == '1' then redis.call('DEL', KEYS[2]) elseif token ~= ARGV[2] then return -2 end
revision = math.max(number(revision), number(ARGV[5])) + 1
redis.call('HSET', KEYS[2], 't', ARGV[2], 'r', string.format('%d', revision))
local last = 6 + 2 * tonumber(ARGV[6])
for i = 7, last, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i+1]) end
for i = last + 1, #ARGV do redis.call('HDEL', KEYS[2], ARGV[i]) end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return revision`)
