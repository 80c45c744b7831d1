package cluster

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"waitboard/domain"
)

// SourceOptions describe a source that this replica shows.
type SourceOptions struct {
	Name, URL, Key string
	Interval       time.Duration
	Want           []byte // what this replica wants of the source
	// Wanted is called with what all live replicas want, when that may have changed.
	Wanted func(all [][]byte)
	// Poll starts or stops the poller of the source. It must be quick, and must not call the cluster.
	Poll func(on bool)
}

// A mode is what a replica does for a source.
type mode uint8

const (
	following mode = iota // it shows what another replica polls
	holding               // it has the lease and polls
	solo                  // it polls without the lease, because it can't follow
)

// A Member is this replica's part in one source.
type Member struct {
	c      *Cluster
	o      SourceOptions
	keys   *keys
	id     string        // of the source on the engine
	jitter time.Duration // so that replicas that must poll alone don't start together

	passing sync.Mutex // orders the calls of Wanted
	writing sync.Mutex // orders the writes of this source to the engine and the store; locked before mu

	mu       sync.Mutex // guards what follows; never held while the engine is waited for
	mode     mode
	left     bool
	token    int64     // of our lease
	seen     int64     // the largest token
	deadline time.Time // of our lease, by our clock
	expiry   *time.Timer
	logged   bool      // as held
	rewrite  bool      // the next write must send all fields
	failed   error     // why the last write failed
	holder   string    // the replica with the lease; empty: unknown
	at       string    // token and revision of the state that was read last
	readable bool      // that state could be opened
	heard    time.Time // when this replica last knew that somebody it can follow polls the source
	waited   int       // ticks since the lease is free
	next     bool      // the holder has released it, and this replica is next
	readDue  time.Time
	want     []byte
	wantDue  int               // the tick at which to write what this replica wants
	wants    map[string]string // what the live replicas want, sealed, by replica
	askWants bool              // read them again
	places   map[string]string // of history, by their names on the engine
	epoch    string            // the live replicas since which pause grows
	pause    int               // ticks between the next two times that this replica hands the lease over
	yieldDue int               // the tick at which it may
	shared   string            // the condition that was published last
	shareDue time.Time         // when it must be published again
}

// Join makes this replica follow a source, and poll it whenever it is this replica's turn. The caller must call Leave.
func (c *Cluster) Join(o SourceOptions) *Member {
	k := newKeys(o.Key)
	m := &Member{
		c: c, o: o, keys: k, id: k.name(o.Name, o.URL), want: o.Want, heard: c.o.Now(),
		jitter: rand.N(max(o.Interval, 1)), //nolint:gosec // not a secret
	}
	m.expiry = time.AfterFunc(time.Hour, m.expire)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members[o.Name], c.byID[m.id] = m, m
	c.stable, c.prefer = 0, nil
	return m
}

// Leave ends the part of this replica. It stops the poller.
func (m *Member) Leave() {
	held := m.stopHolding()
	m.mu.Lock()
	m.left = true
	m.expiry.Stop()
	m.mu.Unlock()
	m.c.mu.Lock()
	if m.c.members[m.o.Name] == m {
		delete(m.c.members, m.o.Name)
	}
	if m.c.byID[m.id] == m {
		delete(m.c.byID, m.id)
	}
	m.c.stable, m.c.prefer = 0, nil
	m.c.mu.Unlock()
	if m.c.silent() || m.c.leaving.Load() {
		return // the lease expires, or was released
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	if held {
		m.c.release(ctx, []*Member{m})
	}
	pipe := m.c.client.Pipeline()
	pipe.HSet(ctx, m.key("wants"), m.c.replica, leftSource)
	pipe.PExpire(ctx, m.key("wants"), 20*m.c.o.TTL)
	m.c.answered(m.c.exec(ctx, pipe))
}

// SetWant replaces what this replica wants of the source. It calls Wanted with that and what the others want.
func (m *Member) SetWant(want []byte) {
	m.pass(func() { m.want, m.wantDue = want, 0 })
}

// Holder returns the replica that polls the source; ok is false if that is this one, or if nobody is known to.
func (m *Member) Holder() (replica string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.holder, m.mode == following && m.holder != ""
}

// Polls reports whether this replica polls the source.
func (m *Member) Polls() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mode != following
}

// Follows reports whether this replica has the state of another one.
func (m *Member) Follows() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mode == following && m.readable
}

func (m *Member) holds() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mode == holding
}

// enter changes the mode. The mutex must be held.
func (m *Member) enter(next mode) {
	before := m.mode
	m.mode = next
	if (before == following) != (next == following) && !m.left {
		m.o.Poll(next != following)
	}
	if before == holding && next != holding {
		m.heard = m.deadline.Add(-m.c.o.TTL * 4 / 5) // when the last renewal was sent
	}
}

// lease returns the value of our lease on the engine. The mutex must be held.
func (m *Member) lease() string { return m.c.replica + ":" + strconv.FormatInt(m.token, 10) }

func (m *Member) key(part string) string { return m.c.key("src", m.id, part) }

// extend notes that the engine extended our lease by a request that was sent at that time. The mutex must be held.
func (m *Member) extend(sent time.Time) {
	m.deadline = sent.Add(m.c.o.TTL * 4 / 5) // a fifth is left for clocks that run at different speeds, and for a write in progress
	m.expiry.Reset(max(m.deadline.Sub(m.c.o.Now()), 0))
}

// expire stops polling before the lease can have expired.
func (m *Member) expire() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.mode == holding && !m.c.o.Now().Before(m.deadline) {
		m.enter(following)
	}
}

// stopHolding stops polling. It reports whether this replica had the lease.
func (m *Member) stopHolding() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := m.mode == holding
	m.enter(following)
	m.waited, m.holder = 0, ""
	return held
}

// take begins to hold the lease with a token. It reads the last state first, so that no reading goes back.
func (m *Member) take(token int64, sent time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left {
		return
	}
	m.token, m.seen, m.rewrite, m.holder, m.askWants = token, max(m.seen, token), true, m.c.replica, true
	m.extend(sent)
	m.enter(holding)
}

// parseLease splits the value of a lease. It returns false if another program has written it. All releases have this format.
func parseLease(value string) (replica string, token int64, ok bool) {
	replica, number, _ := strings.Cut(value, ":")
	token, err := strconv.ParseInt(number, 10, 64)
	return replica, token, err == nil && replica == cleanHost(replica) && replica != "" && token >= 0 && token < maxNumber
}

// newer reports whether an observation may replace another one. A reading never goes back in time, unless the one before is from the future,
// as after a holder with a wrong clock.
func newer(before, next *domain.Observation, now time.Time) bool {
	switch {
	case before.Confirmed.After(now.Add(2 * maxOffset)):
		return true
	case next.Confirmed.Equal(before.Confirmed):
		return !next.Changed.Before(before.Changed)
	}
	return next.Confirmed.After(before.Confirmed)
}
