// Package cluster makes several replicas act as one service. It owns what they share on a Valkey or Redis engine: which replica polls which
// source (leases), the readings of each source (states), operators' notices, and certificates.
//
// One loop serves all sources. Every tick it announces this replica, renews its leases, takes free ones, and reads what others have written.
// Messages of other replicas wake it in between. A lost message only delays the others, because the state is on the engine.
package cluster

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"waitboard/domain"
)

// Options configure a [Cluster]. TLS is optional; without Prefix, TTL or Host their defaults apply.
type Options struct {
	URL     string        // of the engine, in a form of go-redis; it may hold a password
	TLS     *tls.Config   // its certificates replace those of a rediss URL; nil: none
	Prefix  string        // of all keys; default waitboard
	Host    string        // the name of this machine, for operators
	TTL     time.Duration // of a lease and of a replica; default 5 s
	Store   Store
	Metrics prometheus.Registerer
	Now     func() time.Time
	Log     *slog.Logger
}

// A Store holds the readings that this replica shows.
type Store interface {
	Of(source string) map[string]domain.Observation
	Get(ref domain.Ref) domain.Observation
	Set(observed map[domain.Ref]domain.Observation)
}

const (
	defaultPrefix = "waitboard"

	writeTimeout = 250 * time.Millisecond // of a write that a poll waits for
	tickTimeout  = time.Second            // of each request of the loop
	tokenLife    = 24 * time.Hour         // of a key that outlives a lease
	stateLife    = 10 * time.Minute
	noticesLife  = 30 * 24 * time.Hour
)

// A Cluster connects this replica with the others. It is safe for concurrent use.
type Cluster struct {
	o       Options
	client  redis.UniversalClient
	replica string // the ID of this one
	metrics *metrics
	wakes   chan string
	leaving atomic.Bool
	ready   atomic.Bool  // the last tick succeeded
	late    atomic.Int32 // requests outside the loop that failed since the last success or tick
	notices sharedNotices
	evicts  string // the policy that was logged; only New and the loop use it

	mu       sync.Mutex // guards what follows
	members  map[string]*Member
	byID     map[string]*Member
	offset   time.Duration
	live     []string // IDs of the live replicas, sorted
	stable   int      // ticks since the live replicas or the members changed
	prefer   map[string]string
	ticks    int
	fault    *fault // why the engine can't be used, as logged; nil: it can
	doubt    string // what the last tick found instead
	rejected error  // why the engine rejects the subscription; nil: it doesn't
	history  func(source, place string)
}

// New prepares a connection. It fails if the URL can't be used, or if the engine answers and can't serve as one.
func New(ctx context.Context, o Options) (*Cluster, error) {
	o.Prefix = cmp.Or(o.Prefix, defaultPrefix)
	o.TTL = cmp.Or(o.TTL, 5*time.Second)
	client, err := connect(o)
	if err != nil {
		return nil, err
	}
	c := &Cluster{
		o: o, client: client, replica: newReplica(o.Host), wakes: make(chan string, 1024),
		members: map[string]*Member{}, byID: map[string]*Member{},
	}
	report, err := inspect(ctx, client, c.key("try", c.replica))
	if errors.Is(err, errClusterMode) {
		_ = client.Close()
		return nil, err
	}
	c.warn(report)
	c.metrics = newMetrics(o.Metrics, c)
	return c, nil
}

// warn logs once that the engine may evict keys.
func (c *Cluster) warn(report Report) {
	if report.Evicts != "" && report.Evicts != c.evicts {
		c.o.Log.Warn("engine may evict keys, set its maxmemory-policy to noeviction", "maxmemory_policy", report.Evicts)
	}
	c.evicts = report.Evicts
}

// newReplica returns a new ID of a replica.
func newReplica(host string) string {
	raw := make([]byte, 4)
	_, _ = rand.Read(raw) // never fails
	host = cleanHost(host)
	return strings.TrimPrefix(host[:min(len(host), 60)]+"-"+hex.EncodeToString(raw), "-")
}

// cleanHost returns a text with a hyphen in place of everything but ASCII letters and digits.
func cleanHost(host string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, host)
}

// Replica returns the ID of this replica.
func (c *Cluster) Replica() string { return c.replica }

func (c *Cluster) key(parts ...string) string {
	return c.o.Prefix + ":" + strings.Join(parts, ":")
}

// Connected reports whether the engine answered the last requests of the loop.
func (c *Cluster) Connected() bool { return c.ready.Load() }

// maxLate is how many requests in a row may fail before visitors and polls stop waiting for the engine, until the loop has reached it.
const maxLate = 2

// silent reports whether only the loop should send requests, because the engine does not answer.
func (c *Cluster) silent() bool { return !c.ready.Load() || c.late.Load() >= maxLate }

// gaveUp reports whether the loop has logged that the engine can't be used, or requests fail.
func (c *Cluster) gaveUp() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault != nil || c.late.Load() >= maxLate
}

// answered notes whether the engine has answered a request outside the loop.
func (c *Cluster) answered(err error) {
	switch {
	case err == nil:
		c.late.Store(0)
	case !errors.Is(err, context.Canceled): // by a visitor who has left
		c.late.Add(1)
	}
}

// Replicas returns the IDs of the live replicas, sorted.
func (c *Cluster) Replicas() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.live)
}

// maxOffset is the largest acceptable difference between the clocks of a replica and of the engine.
const maxOffset = 2 * time.Second

// Problem returns what an operator should know about this replica, in a sentence; empty: nothing.
func (c *Cluster) Problem() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.fault != nil && !c.fault.away():
		return "The engine of the cluster can't be used: " + c.fault.Error() + ". This replica polls on its own."
	case !c.ready.Load():
		return "The engine of the cluster does not answer. This replica polls on its own."
	case c.offset.Abs() > maxOffset:
		return "The clock of this replica differs from that of the engine by " + c.offset.Abs().Round(100*time.Millisecond).String() + "."
	}
	return ""
}

// Run serves all members until ctx is done. It releases all leases at the end, and closes the connection.
func (c *Cluster) Run(ctx context.Context) {
	var listening sync.WaitGroup
	listening.Go(func() { c.listen(ctx) })
	tick := time.NewTicker(c.o.TTL / 5)
	defer tick.Stop()
	c.tick(ctx)
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			c.tick(ctx)
		case wake := <-c.wakes:
			c.woken(ctx, wake)
		}
	}
	c.Leave()
	listening.Wait()
	c.Close()
}

// Close closes the connection of a cluster that does not run.
func (c *Cluster) Close() { _ = c.client.Close() }

// Leave releases all leases, so that other replicas take them at once. This replica follows from then on.
func (c *Cluster) Leave() {
	if c.leaving.Swap(true) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tickTimeout)
	defer cancel()
	var released []*Member
	for _, m := range c.list() {
		if m.stopHolding() {
			released = append(released, m)
		}
	}
	c.logLeases()
	if !c.ready.Load() {
		return // they expire
	}
	c.release(ctx, released)
	_ = c.client.ZRem(ctx, c.key("replicas"), c.replica).Err() // or it expires
}

// member returns the member with an ID on the engine; nil: none.
func (c *Cluster) member(id string) *Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byID[id]
}

func (c *Cluster) list() []*Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]*Member, 0, len(c.members))
	for _, m := range c.members {
		all = append(all, m)
	}
	return all
}
