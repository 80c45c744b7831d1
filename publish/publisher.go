// Package publish holds the last snapshot of every widget, rendered as pages that are ready to be sent.
//
// The readings store calls the publisher with each change. The publisher computes the snapshots of the widgets that it concerns, and
// renders those that differ, once. It also re-renders a snapshot at the instant at which it changes without new readings: it turns stale, is
// hidden, opens, or its words change. Readers get finished bytes and never wait. JSON is rendered in advance; other forms, compressed JSON
// among them, are rendered for the first reader who asks.
package publish

import (
	"cmp"
	"runtime"
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
	now      func() time.Time
	store    *readings.Store
	pages    *cache.Cache // widget ID -> *Page; entries never expire: the snapshot judges its age
	version  atomic.Uint64
	renders  atomic.Uint64
	watchers watchers
	turning  sync.Mutex // held by the timer that refreshes its widget

	mu      sync.RWMutex // guards what follows; taken before the mutex of a slot
	ids     []string     // of the widgets, in their configured order
	slots   map[string]*slot
	users   map[domain.Ref][]use
	notices map[string]domain.Notice // operators' notices, by widget ID
	typical map[domain.Placement]*domain.TypicalWeek
	expect  map[domain.Placement]*domain.Expectation
}

// A use is a place where an upstream metric is shown.
type use struct {
	slot   *slot
	metric int // index into the widget's metrics
	input  int // index into the metric's Refs
}

// A slot holds what is published of one widget.
type slot struct {
	widget domain.Widget // never changes

	mu       sync.Mutex // guards what follows
	inputs   domain.Inputs
	snapshot domain.Snapshot // the snapshot in rendered, with current times
	rendered *rendered
	badges   *Badges
	turn     *time.Timer // when the snapshot changes without new readings
	closed   bool

	week      *Week     // nil: not rendered yet
	refreshed time.Time // when its snapshot was last computed
	due       time.Time // when turn is due; zero: never
}

// New returns a publisher of the store's readings. The caller closes it after the last write to the store.
func New(o Options) *Publisher {
	p := &Publisher{
		now:     o.Now,
		store:   cmp.Or(o.Readings, readings.New(o.Now)),
		pages:   cache.New(cache.NoExpiration, 0),
		notices: map[string]domain.Notice{},
		typical: map[domain.Placement]*domain.TypicalWeek{},
		expect:  map[domain.Placement]*domain.Expectation{},
	}
	p.Replace(o.Widgets)
	p.store.Publish(p.take)
	return p
}

// Replace replaces the widgets. A widget that stays the same is not touched, and one that differs begins with the readings that the store
// has, so that nobody who asks for either meets a gap.
func (p *Publisher) Replace(widgets []domain.Widget) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.slots
	p.ids, p.slots, p.users = nil, map[string]*slot{}, map[domain.Ref][]use{}
	p.store.Hold(holds(widgets))
	for _, w := range widgets {
		s := old[w.ID]
		if s == nil || !s.widget.Equal(w) {
			s = &slot{widget: w, inputs: domain.Inputs{
				Observed: make([]domain.Observation, len(w.Metrics)), Notice: p.notices[w.ID], Typical: p.typicalOf(&w), Expected: p.expectedOf(&w),
			}}
		}
		for i := range w.Metrics {
			for n, ref := range w.Metrics[i].Refs() {
				if s != old[w.ID] {
					s.inputs.Observe(i, n, p.store.Get(ref))
				}
				p.users[ref] = append(p.users[ref], use{s, i, n})
			}
		}
		p.ids, p.slots[w.ID] = append(p.ids, w.ID), s
		if before := old[w.ID]; before != s {
			if before != nil {
				before.close() // a refresh that is in progress ends first; the page stays until then
			}
			p.refresh(s)
		}
	}
	for id, s := range old {
		if p.slots[id] == nil {
			s.close()
			p.pages.Delete(id)
			p.watchers.notify(id)
		}
	}
	if old != nil {
		p.version.Add(1) // the list may have changed without a page
	}
}

// holds lists the metrics with hysteresis.
func holds(widgets []domain.Widget) map[domain.Ref][]readings.Hold {
	out := map[domain.Ref][]readings.Hold{}
	for _, w := range widgets {
		for i := range w.Metrics {
			if m := &w.Metrics[i]; m.Holds() {
				out[m.Ref] = append(out[m.Ref], readings.Hold{Placement: domain.Placement{Widget: w.ID, Metric: m.ID}, Metric: m})
			}
		}
	}
	return out
}

// Close stops the timers. The pages stay readable.
func (p *Publisher) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.slots {
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

// Page returns the widget's current page; ok is false when there is no such widget.
func (p *Publisher) Page(id string) (page *Page, ok bool) {
	cached, ok := p.pages.Get(id)
	if !ok {
		return nil, false
	}
	return cached.(*Page), true
}

// Current works like Page, but never returns an outdated page. A page is outdated after the process was suspended, until late timers fire.
// Watchers must not call it.
func (p *Publisher) Current(id string) (page *Page, ok bool) {
	page, ok = p.Page(id)
	if !ok || !page.over(p.now()) {
		return page, ok
	}
	p.Refresh(id)
	return p.Page(id)
}

// over reports whether the snapshot shows something else by now.
func (p *Page) over(now time.Time) bool {
	for _, end := range [...]time.Time{p.Snapshot.Ages, p.Snapshot.Turn} {
		if !end.IsZero() && !now.Before(end) {
			return true
		}
	}
	return false
}

// IDs returns the IDs of the widgets in their configured order. The caller must not change it.
func (p *Publisher) IDs() []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.ids
}

// Version grows with every change of a page, so that callers can cache what they make of several pages until then.
func (p *Publisher) Version() uint64 { return p.version.Load() }

// Renders returns how many snapshots were rendered: those that differed from the ones before them.
func (p *Publisher) Renders() uint64 { return p.renders.Load() }

// States counts the widgets by the state of their snapshots, and those that show something stale.
func (p *Publisher) States() (states map[domain.State]int, stale int) {
	states = map[domain.State]int{domain.Open: 0, domain.Closed: 0, domain.Initializing: 0, domain.Unavailable: 0}
	for _, id := range p.IDs() {
		page, ok := p.Page(id)
		if !ok { // removed meanwhile
			continue
		}
		states[page.Snapshot.State]++
		if page.Snapshot.Stale {
			stale++
		}
	}
	return states, stale
}

// take refreshes the widgets that a change of the readings concerns.
func (p *Publisher) take(change readings.Change) {
	for s := range p.touched(change.Observed) {
		if !change.Pushed || !p.fold(s) {
			p.refresh(s)
		}
	}
}

// touched hands observations to the slots that they concern, and returns those.
func (p *Publisher) touched(observed map[domain.Ref]domain.Observation) map[*slot]struct{} {
	touched := make(map[*slot]struct{}, len(observed))
	p.mu.RLock()
	defer p.mu.RUnlock()
	for ref, o := range observed {
		for _, u := range p.users[ref] {
			u.slot.mu.Lock()
			u.slot.inputs.Observe(u.metric, u.input, o)
			u.slot.mu.Unlock()
			touched[u.slot] = struct{}{}
		}
	}
	return touched
}

// Refs returns the upstream metrics that a widget shows.
func (p *Publisher) Refs(id string) (refs []domain.Ref) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if s := p.slots[id]; s != nil {
		for i := range s.widget.Metrics {
			refs = append(refs, s.widget.Metrics[i].Refs()...)
		}
	}
	return refs
}

// Refresh recomputes a widget's page now, even if pushed changes wait to be shown together.
func (p *Publisher) Refresh(id string) {
	p.mu.RLock()
	s := p.slots[id]
	p.mu.RUnlock()
	if s != nil {
		p.refresh(s)
	}
}

// Readings returns the store whose readings it publishes.
func (p *Publisher) Readings() *readings.Store { return p.store }

// SetNotice sets an operator's notice on a widget, which need not exist yet; a zero notice removes it.
func (p *Publisher) SetNotice(id string, n domain.Notice) {
	p.mu.Lock()
	if n == (domain.Notice{}) {
		delete(p.notices, id)
	} else {
		p.notices[id] = n
	}
	s := p.slots[id]
	p.mu.Unlock()
	if s == nil {
		return
	}
	s.mu.Lock()
	s.inputs.Notice = n
	s.mu.Unlock()
	p.refresh(s)
}

// refresh recomputes the widget's snapshot, replaces the page if it differs, and sets the timer for the next change.
func (p *Publisher) refresh(s *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	now := p.now()
	s.refreshed = now
	snapshot, until := s.widget.At(s.inputs, now)
	switch {
	case s.rendered == nil || !snapshot.Same(&s.snapshot):
		s.badges = badgesOf(&s.widget, &snapshot, s.badges, false, time.Time{})
		s.snapshot, s.rendered = snapshot, render(&snapshot)
		p.renders.Add(1)
		p.put(s)
		p.watchers.notify(s.widget.ID)
	case !snapshot.ObservedAt.Equal(s.snapshot.ObservedAt), !snapshot.Ages.Equal(s.snapshot.Ages), !snapshot.Turn.Equal(s.snapshot.Turn):
		s.badges = badgesOf(&s.widget, &snapshot, s.badges, true, s.snapshot.ObservedAt)
		s.snapshot.ObservedAt, s.snapshot.Ages, s.snapshot.Turn = snapshot.ObservedAt, snapshot.Ages, snapshot.Turn
		p.put(s)
	}
	p.alarm(s, now, until)
}

// onTurn refreshes a widget whose timer fired. All fire at the same time when an hour begins: they refresh one after the other, and let requests
// go first.
func (p *Publisher) onTurn(s *slot) {
	p.turning.Lock()
	defer p.turning.Unlock()
	runtime.Gosched()
	p.refresh(s)
}

// put replaces the widget's page by what the slot holds. The slot's mutex must be held.
func (p *Publisher) put(s *slot) {
	page := s.rendered.page(s.snapshot)
	page.Badges = s.badges
	p.pages.Set(s.widget.ID, page, cache.NoExpiration)
	p.version.Add(1)
}

// alarm sets the timer that refreshes the widget at that time; zero: never. The slot's mutex must be held.
func (p *Publisher) alarm(s *slot, now, until time.Time) {
	s.due = until
	if until.IsZero() {
		if s.turn != nil {
			s.turn.Stop()
		}
		return
	}
	in := max(until.Sub(now), time.Millisecond)
	if s.turn == nil {
		s.turn = time.AfterFunc(in, func() { p.onTurn(s) })
	} else {
		s.turn.Reset(in)
	}
}
