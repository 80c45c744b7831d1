// Package publish holds the last snapshot of every widget, ready to be sent.
//
// The readings store calls the board with each change; the board works out which widgets it concerns, makes their snapshots, and renders those
// that differ, once. It also watches the time: a snapshot that changes by itself (it turns stale, is hidden, its wording
// moves on) is made anew at that instant. Readers get finished bytes and never wait. Only JSON is made in advance; what fewer ask for,
// compressed JSON among it, is made once as well, for the first who asks.
package publish

import (
	"cmp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/patrickmn/go-cache"

	"waitboard/domain"
	"waitboard/readings"
)

// Options make a [Publisher]. All but Readings are required.
type Options struct {
	Widgets  []domain.Widget // with distinct IDs
	Readings *readings.Store // which it publishes; nil: an empty one of its own
	Now      func() time.Time
}

// A Publisher is safe for concurrent use.
type Publisher struct {
	now     func() time.Time
	store   *readings.Store
	pages   *cache.Cache // widget ID -> *Page; entries never expire, age is the snapshot's business
	version atomic.Uint64
	renders atomic.Uint64
	changed watcher

	mu      sync.RWMutex // guards what follows; taken before the mutex of a slot
	ids     []string     // of the widgets, in their configured order
	slots   map[string]*slot
	users   map[domain.Ref][]use
	notices map[string]domain.Notice // operators' ones, by widget ID
}

// A use is a place where an upstream metric is shown.
type use struct {
	slot   *slot
	metric int // index into the widget's metrics
}

// A slot is the workplace of one widget.
type slot struct {
	widget domain.Widget // always the same

	mu       sync.Mutex // guards what follows
	known    domain.Known
	snapshot domain.Snapshot // the one that rendered was made of, with its times kept current
	rendered *rendered
	badges   *Badges
	turn     *time.Timer // when the snapshot changes by itself
	closed   bool

	refreshed time.Time // when it was last made
	due       time.Time // when turn is due; zero: never
}

// New makes a board. Close it when its pollers have stopped.
func New(o Options) *Publisher {
	b := &Publisher{
		now:     o.Now,
		store:   cmp.Or(o.Readings, readings.New(nil)),
		pages:   cache.New(cache.NoExpiration, 0),
		notices: map[string]domain.Notice{},
	}
	b.Replace(o.Widgets)
	b.store.Publish(b.take)
	return b
}

// Replace puts other widgets in place of those that there are. One that stays the same is not touched, and one that
// differs begins with all that is known; so nobody who asks for either meets a gap.
func (b *Publisher) Replace(widgets []domain.Widget) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.slots
	b.ids, b.slots, b.users = nil, map[string]*slot{}, map[domain.Ref][]use{}
	for _, w := range widgets {
		s := old[w.ID]
		if s == nil || !s.widget.Equal(w) {
			s = &slot{widget: w, known: domain.Known{Observed: make([]domain.Observation, len(w.Metrics)), Override: b.notices[w.ID]}}
		}
		for i, m := range w.Metrics {
			if s != old[w.ID] {
				s.known.Observed[i] = b.store.Get(m.Ref)
			}
			b.users[m.Ref] = append(b.users[m.Ref], use{s, i})
		}
		b.ids, b.slots[w.ID] = append(b.ids, w.ID), s
		if before := old[w.ID]; before != s {
			if before != nil {
				before.close() // a refresh of it that is under way ends first; its page stays up until then
			}
			b.refresh(s)
		}
	}
	for id, s := range old {
		if b.slots[id] == nil {
			s.close()
			b.pages.Delete(id)
			b.changed.tell(id)
		}
	}
	if old != nil {
		b.version.Add(1) // the list may have changed without a page
	}
}

// Close stops watching the time. The pages stay readable.
func (b *Publisher) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.slots {
		s.close()
	}
}

func (s *slot) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.turn != nil {
		s.turn.Stop()
	}
}

// Page is the widget's current page; ok is false when there is no such widget.
func (b *Publisher) Page(id string) (page *Page, ok bool) {
	cached, ok := b.pages.Get(id)
	if !ok {
		return nil, false
	}
	return cached.(*Page), true
}

// IDs lists the widgets in their configured order. The caller must not change it.
func (b *Publisher) IDs() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.ids
}

// Version grows with every change of a page, so that what is made of several pages can be kept until then.
func (b *Publisher) Version() uint64 { return b.version.Load() }

// Renders is how many snapshots have been rendered: those that differed from the ones before them.
func (b *Publisher) Renders() uint64 { return b.renders.Load() }

// States counts the widgets by the state of their snapshots, and those that show something stale.
func (b *Publisher) States() (states map[domain.State]int, stale int) {
	states = map[domain.State]int{domain.Open: 0, domain.Closed: 0, domain.Initializing: 0, domain.Unavailable: 0}
	for _, id := range b.IDs() {
		page, ok := b.Page(id)
		if !ok { // gone since
			continue
		}
		states[page.Snapshot.State]++
		if page.Snapshot.Stale {
			stale++
		}
	}
	return states, stale
}

// take takes in a change of the readings, and refreshes the widgets that it concerns. What no widget shows is passed over.
func (b *Publisher) take(change readings.Change) {
	for s := range b.touched(change.Observed) {
		if !change.Pushed || !b.fold(s) {
			b.refresh(s)
		}
	}
}

// touched takes in observations, and returns the slots that they concern.
func (b *Publisher) touched(observed map[domain.Ref]domain.Observation) map[*slot]struct{} {
	touched := make(map[*slot]struct{}, len(observed))
	b.mu.RLock()
	defer b.mu.RUnlock()
	for ref, o := range observed {
		for _, u := range b.users[ref] {
			u.slot.mu.Lock()
			u.slot.known.Observed[u.metric] = o
			u.slot.mu.Unlock()
			touched[u.slot] = struct{}{}
		}
	}
	return touched
}

// Readings is the store that the board publishes.
func (b *Publisher) Readings() *readings.Store { return b.store }

// SetNotice shows an operator's notice on a widget, whether or not there is one of that ID now; a zero notice takes it
// back.
func (b *Publisher) SetNotice(id string, n domain.Notice) {
	b.mu.Lock()
	if n == (domain.Notice{}) {
		delete(b.notices, id)
	} else {
		b.notices[id] = n
	}
	s := b.slots[id]
	b.mu.Unlock()
	if s == nil {
		return
	}
	s.mu.Lock()
	s.known.Override = n
	s.mu.Unlock()
	b.refresh(s)
}

// refresh makes the widget's snapshot anew, puts up a page if it differs, and sets the alarm for its next turn.
func (b *Publisher) refresh(s *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	now := b.now()
	s.refreshed = now
	now = now.Add(-time.Duration(now.Nanosecond()) % time.Millisecond) // what is published has milliseconds; so has its instant
	snapshot, until := s.widget.At(&s.known, now)
	switch {
	case s.rendered == nil || !snapshot.Same(&s.snapshot):
		s.badges = badgesOf(&s.widget, &snapshot, s.badges, false, time.Time{})
		s.snapshot, s.rendered = snapshot, render(&snapshot)
		b.renders.Add(1)
		b.put(s)
		b.changed.tell(s.widget.ID)
	case !snapshot.ObservedAt.Equal(s.snapshot.ObservedAt), !snapshot.Ages.Equal(s.snapshot.Ages), !snapshot.Turn.Equal(s.snapshot.Turn):
		s.badges = badgesOf(&s.widget, &snapshot, s.badges, true, s.snapshot.ObservedAt)
		s.snapshot.ObservedAt, s.snapshot.Ages, s.snapshot.Turn = snapshot.ObservedAt, snapshot.Ages, snapshot.Turn
		b.put(s)
	}
	b.alarm(s, now, until)
}

// put puts up a page of what the slot holds. Its mutex must be held.
func (b *Publisher) put(s *slot) {
	page := s.rendered.page(s.snapshot)
	page.Badges = s.badges
	b.pages.Set(s.widget.ID, page, cache.NoExpiration)
	b.version.Add(1)
}

// alarm has the widget made anew at that time; zero: not by itself. The slot's mutex must be held.
func (b *Publisher) alarm(s *slot, now, until time.Time) {
	s.due = until
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
