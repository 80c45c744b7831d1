package webhook

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"waitboard/internal/floodlog"
)

// A hook is one webhook.
type hook struct {
	o       Hook
	hooks   *Hooks
	sender  *sender
	count   *counters
	ctx     context.Context
	cancel  context.CancelFunc
	ended   chan struct{} // closed when it has stopped; nil: not started
	removed atomic.Bool   // from the configuration: its queue goes with it
	wake    chan struct{}
	dropped *floodlog.Log

	mu     sync.Mutex      // guards what follows
	dirty  map[string]bool // widgets whose snapshots changed
	status Status
}

func newHook(o Hook, hooks *Hooks, count *counters) *hook {
	h := &hook{o: o, hooks: hooks, sender: newSender(o, &hooks.o), count: count, wake: make(chan struct{}, 1), dirty: map[string]bool{}, status: Status{Name: o.Name, Usable: o.URL != ""}}
	h.dropped = floodlog.New(hooks.o.Log, hooks.o.Now, "webhook messages dropped")
	h.ctx, h.cancel = context.WithCancel(hooks.ctx)
	return h
}

// join waits until the hook has stopped.
func (h *hook) join() {
	if h.ended != nil {
		<-h.ended
	}
}

// mark notes that a snapshot changed.
func (h *hook) mark(widget string) {
	h.mu.Lock()
	h.dirty[widget] = true
	h.mu.Unlock()
	h.awake()
}

// awake makes the hook look at what changed.
func (h *hook) awake() {
	select {
	case h.wake <- struct{}{}:
	default: // it is awake
	}
}

// changed returns the widgets whose snapshots changed.
func (h *hook) changed() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	dirty := slices.Sorted(maps.Keys(h.dirty))
	clear(h.dirty)
	return dirty
}

// widgets returns the existing widgets that the hook reports on.
func (h *hook) widgets() []string {
	all := h.hooks.o.Publisher.IDs()
	if h.o.Widgets == nil {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(id string) bool { return !h.o.covers(id) })
}

// fedBy returns the widgets of the hook that show a source.
func (h *hook) fedBy(source string) (widgets []string) {
	for _, id := range h.widgets() {
		for _, ref := range h.hooks.o.Publisher.Refs(id) {
			if ref.Source == source {
				widgets = append(widgets, id)
				break
			}
		}
	}
	return widgets
}

// feeds returns the sources of the hook's widgets.
func (h *hook) feeds() map[string]bool {
	sources := map[string]bool{}
	for _, id := range h.widgets() {
		for _, ref := range h.hooks.o.Publisher.Refs(id) {
			sources[ref.Source] = true
		}
	}
	return sources
}

// serve serves the hook until ctx is done.
func (h *hook) serve(ctx context.Context, state map[string]string, update Update) {
	t := &turn{hook: h, queue: newQueue(state), facts: newFacts(h.o.For), levels: map[string][]string{}, lanes: map[string]*lane{}, update: update, results: make(chan result, maxBusy)}
	t.run(ctx)
	h.note(func(s *Status) { s.Serving, s.Queued, s.Oldest, s.Unsaved = false, 0, time.Time{}, "" })
}

// note changes the status.
func (h *hook) note(change func(*Status)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(&h.status)
}
