package poller

import (
	"context"
	"slices"
	"testing"
	"time"

	"waitboard/domain"
)

// A teller is an upstream that also tells of changes, to whoever has subscribed.
type teller struct {
	*upstream
	perGroup   int // metric IDs in one subscription
	handshake  func(ids []string) error
	deaf       bool          // it tells nothing
	skew       time.Duration // its clock is ahead
	lines      []*toldLine   // that are open
	handshakes []request
}

type toldLine struct {
	ids    []string
	tell   func(domain.Message)
	broken chan error
}

func tellsOf(n int) *teller {
	u := &teller{upstream: counts(n), perGroup: 100, handshake: func([]string) error { return nil }}
	u.updated = map[string]time.Time{}
	for id := range u.values {
		u.updated[id+"/"] = time.Now()
	}
	return u
}

func (u *teller) Groups(ids []string) (groups [][]string) {
	for group := range slices.Chunk(ids, u.perGroup) {
		groups = append(groups, group)
	}
	return groups
}

func (u *teller) Subscribe(ctx context.Context, ids []string, opened func(), tell func(domain.Message)) error {
	l := &toldLine{ids, tell, make(chan error, 1)}
	u.mu.Lock()
	u.handshakes = append(u.handshakes, request{time.Now(), ids})
	err := u.handshake(ids)
	if err == nil {
		u.lines = append(u.lines, l)
	}
	u.mu.Unlock()
	if err != nil {
		return err
	}
	defer u.change(func() { u.lines = slices.DeleteFunc(u.lines, func(o *toldLine) bool { return o == l }) })
	opened()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-l.broken:
		return err
	}
}

// set changes a value, and tells of it unless the upstream is deaf.
func (u *teller) set(id, category string, r domain.Reading) {
	updated := time.Now().Add(u.skew)
	u.change(func() {
		u.values[id][category], u.updated[id+"/"+category] = r, updated
	})
	if !u.deaf {
		u.say(domain.Message{KeyedReading: domain.KeyedReading{Key: domain.Key{Metric: id, Category: category}, Reading: r, Updated: updated}, At: time.Now()})
	}
}

func (u *teller) say(msg domain.Message) {
	u.mu.Lock()
	lines := slices.Clone(u.lines)
	u.mu.Unlock()
	for _, l := range lines {
		if msg.Key.Metric == "" || slices.Contains(l.ids, msg.Key.Metric) {
			l.tell(msg)
		}
	}
}

// cut breaks all lines.
func (u *teller) cut(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range u.lines {
		l.broken <- err
	}
}

// attempts counts the handshakes after a time.
func (u *teller) attempts(since time.Time) (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, h := range u.handshakes {
		if h.at.After(since) {
			n++
		}
	}
	return n
}

// open lists what the open lines tell of.
func (u *teller) open() (ids []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range u.lines {
		ids = append(ids, l.ids...)
	}
	slices.Sort(ids)
	return ids
}

// folded is when the board has shown what it was told.
const folded = 100 * time.Millisecond

func runTelling(t *testing.T, u *teller, metrics ...domain.Metric) *rig {
	return runWith(t, u.upstream, Options{Source: u, Subscriber: u}, metrics...)
}

func (r *rig) stale() bool {
	page, _ := r.board.Page("w")
	return page.Snapshot.Stale
}

func (r *rig) polls(since time.Time) int {
	all, lists := r.up.since(since)
	return all - lists
}
