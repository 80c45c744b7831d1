// Package board holds the last snapshot of every widget, ready to be sent.
//
// Pollers report observations; the board works out which widgets they concern, makes their snapshots, and renders those
// that differ, once. It also watches the time: a snapshot that changes by itself (it turns stale, is hidden, its wording
// moves on) is made anew at that instant. Readers get finished bytes and never wait.
package board

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/patrickmn/go-cache"

	"waitboard/wait"
)

// Options make a [Board]. Both are required.
type Options struct {
	Widgets []wait.Widget // with distinct IDs
	Now     func() time.Time
}

// A Board is safe for concurrent use.
type Board struct {
	now     func() time.Time
	ids     []string     // of the widgets, in their configured order
	pages   *cache.Cache // widget ID -> *Page; entries never expire, age is the snapshot's business
	users   map[wait.Ref][]use
	slots   []*slot
	version atomic.Uint64
}

// A use is a place where an upstream metric is shown.
type use struct {
	slot   *slot
	metric int // index into the widget's metrics
}

// A slot is the workplace of one widget.
type slot struct {
	mu       sync.Mutex
	widget   wait.Widget
	observed []wait.Observation // of each of the widget's metrics
	snapshot wait.Snapshot      // the one that rendered was made of, with ObservedAt kept current
	rendered *rendered
	turn     *time.Timer // when the snapshot changes by itself
	closed   bool
}

// New makes a board on which nothing is known yet. Close it when its pollers have stopped.
func New(o Options) *Board {
	b := &Board{
		now:   o.Now,
		pages: cache.New(cache.NoExpiration, 0),
		users: map[wait.Ref][]use{},
	}
	for _, w := range o.Widgets {
		s := &slot{widget: w, observed: make([]wait.Observation, len(w.Metrics))}
		for i, m := range w.Metrics {
			b.users[m.Ref] = append(b.users[m.Ref], use{s, i})
		}
		b.ids, b.slots = append(b.ids, w.ID), append(b.slots, s)
		b.refresh(s)
	}
	return b
}

// Close stops watching the time. The pages stay readable.
func (b *Board) Close() {
	for _, s := range b.slots {
		s.mu.Lock()
		s.closed = true
		if s.turn != nil {
			s.turn.Stop()
		}
		s.mu.Unlock()
	}
}

// Page is the widget's current page; ok is false when there is no such widget.
func (b *Board) Page(id string) (page *Page, ok bool) {
	cached, ok := b.pages.Get(id)
	if !ok {
		return nil, false
	}
	return cached.(*Page), true
}

// IDs lists the widgets in their configured order. The caller must not change it.
func (b *Board) IDs() []string { return b.ids }

// Version grows with every change of a page, so that what is made of several pages can be kept until then.
func (b *Board) Version() uint64 { return b.version.Load() }

// States counts the widgets by the state of their snapshots, and those that show something stale.
func (b *Board) States() (states map[wait.State]int, stale int) {
	states = map[wait.State]int{wait.Open: 0, wait.Closed: 0, wait.Initializing: 0, wait.Unavailable: 0}
	for _, id := range b.ids {
		page, _ := b.Page(id)
		states[page.Snapshot.State]++
		if page.Snapshot.Stale {
			stale++
		}
	}
	return states, stale
}

// Observe takes in what has become known of a source's metrics, by the names that the widgets call them by.
func (b *Board) Observe(source string, observed map[string]wait.Observation) {
	touched := make(map[*slot]struct{}, len(observed))
	for metric, o := range observed {
		for _, u := range b.users[wait.Ref{Source: source, Metric: metric}] {
			u.slot.mu.Lock()
			u.slot.observed[u.metric] = o
			u.slot.mu.Unlock()
			touched[u.slot] = struct{}{}
		}
	}
	for s := range touched {
		b.refresh(s)
	}
}

// refresh makes the widget's snapshot anew, puts up a page if it differs, and sets the alarm for its next turn.
func (b *Board) refresh(s *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	now := b.now()
	now = now.Add(-time.Duration(now.Nanosecond()) % time.Millisecond) // what is published has milliseconds; so has its instant
	snapshot, until := s.widget.At(s.observed, now)
	switch {
	case s.rendered == nil || !snapshot.Same(&s.snapshot):
		s.snapshot, s.rendered = snapshot, render(&s.widget, &snapshot)
		b.put(s)
	case !snapshot.ObservedAt.Equal(s.snapshot.ObservedAt):
		s.snapshot.ObservedAt = snapshot.ObservedAt
		b.put(s)
	}
	b.watch(s, now, until)
}

func (b *Board) put(s *slot) {
	page := s.rendered.page(s.snapshot)
	b.pages.Set(s.widget.ID, page, cache.NoExpiration)
	b.version.Add(1)
}

func (b *Board) watch(s *slot, now, until time.Time) {
	if until.IsZero() {
		if s.turn != nil {
			s.turn.Stop()
		}
		return
	}
	in := max(until.Sub(now), time.Millisecond)
	if s.turn == nil {
		s.turn = time.AfterFunc(in, func() { b.refresh(s) })
	} else {
		s.turn.Reset(in)
	}
}
