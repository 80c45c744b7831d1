package poller

import (
	"context"
	"slices"
	"testing"
	"time"

	"waitboard/domain"
)

// A pusher is an upstream that also pushes changes to its subscribers.
type pusher struct {
	*upstream
	perGroup   int // metric IDs in one subscription
	handshake  func(ids []string) error
	silent     bool          // it pushes nothing
	skew       time.Duration // its clock is ahead
	sockets    []*pushSocket // that are open
	handshakes []request     // of metrics without a socket
	renewals   int           // handshakes of metrics that have a socket
}

type pushSocket struct {
	ids     []string
	receive func(domain.Push)
	broken  chan error
}

func pusherOf(n int) *pusher {
	u := &pusher{upstream: counts(n), perGroup: 100, handshake: func([]string) error { return nil }}
	u.updated = map[string]time.Time{}
	for id := range u.values {
		u.updated[id+"/"] = time.Now()
	}
	return u
}

func (u *pusher) Groups(ids []string) (groups [][]string) {
	for group := range slices.Chunk(ids, u.perGroup) {
		groups = append(groups, group)
	}
	return groups
}

func (u *pusher) Subscribe(ctx context.Context, ids []string) (func(func(domain.Push)) error, error) {
	u.mu.Lock()
	if slices.ContainsFunc(u.sockets, func(open *pushSocket) bool { return slices.Equal(open.ids, ids) }) {
		u.renewals++
	} else {
		u.handshakes = append(u.handshakes, request{time.Now(), ids})
	}
	handshake := u.handshake
	u.mu.Unlock() // a handshake may take time
	if err := handshake(ids); err != nil {
		return nil, err
	}
	sock := &pushSocket{ids: ids, broken: make(chan error, 1)}
	return func(receive func(domain.Push)) error {
		sock.receive = receive
		u.change(func() { u.sockets = append(u.sockets, sock) })
		defer u.change(func() { u.sockets = slices.DeleteFunc(u.sockets, func(o *pushSocket) bool { return o == sock }) })
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-sock.broken:
			return err
		}
	}, nil
}

// renewed returns the number of renewals.
func (u *pusher) renewed() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.renewals
}

// set changes a value, and pushes it unless the upstream is silent.
func (u *pusher) set(id, category string, r domain.Reading) {
	updated := time.Now().Add(u.skew)
	u.change(func() {
		u.values[id][category], u.updated[id+"/"+category] = r, updated
	})
	if !u.silent {
		u.push(domain.Push{KeyedReading: domain.KeyedReading{Key: domain.Key{Metric: id, Category: category}, Reading: r, Updated: updated}, At: time.Now()})
	}
}

func (u *pusher) push(msg domain.Push) {
	u.mu.Lock()
	sockets := slices.Clone(u.sockets)
	u.mu.Unlock()
	for _, l := range sockets {
		if msg.Key.Metric == "" || slices.Contains(l.ids, msg.Key.Metric) {
			l.receive(msg)
		}
	}
}

// cut breaks all sockets.
func (u *pusher) cut(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range u.sockets {
		l.broken <- err
	}
}

// attempts counts the handshakes after a time.
func (u *pusher) attempts(since time.Time) (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, h := range u.handshakes {
		if h.at.After(since) {
			n++
		}
	}
	return n
}

// open lists the metric IDs of the open sockets.
func (u *pusher) open() (ids []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range u.sockets {
		ids = append(ids, l.ids...)
	}
	slices.Sort(ids)
	return ids
}

// pushShown is how long the publisher takes to show a push.
const pushShown = 100 * time.Millisecond

func runPushing(t *testing.T, u *pusher, metrics ...domain.WidgetMetric) *rig {
	return runWith(t, u.upstream, Options{Source: u, Subscriber: u}, metrics...)
}

func (r *rig) stale() bool {
	page, _ := r.publisher.Page("w")
	return page.Snapshot.Stale
}

func (r *rig) polls(since time.Time) int {
	all, lists := r.up.since(since)
	return all - lists
}
