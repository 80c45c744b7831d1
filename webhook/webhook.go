// Package webhook sends messages to addresses of the operator's choice when something changes: a level, the state of a widget, or a source.
//
// A hook compares the present conditions with those that it reported last (facts.go). If one differs and has lasted, the hook creates a message
// and records the condition as reported, in one step (queue.go). That step is durable: in a journal, or on the engine of a cluster (store.go).
// So a restart neither repeats nor loses a message. A hook sends each message at least once, and those of a widget in order (turn.go, send.go).
package webhook

import (
	"context"
	"log/slog"
	"net"
	"net/url"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/publish"
)

// A Hook is the settings of one webhook.
type Hook struct {
	Name             string
	URL              string // a secret; empty: it can't be used, so it does nothing
	Secret           string // whsec_ and base64; empty: messages are not signed
	When             []Kind
	Widgets          []string // nil: all
	For              time.Duration
	Format           string // json, slack, teams or ntfy
	Private          bool
	AllowPrivate     bool
	EnvironmentProxy bool
}

// String returns the name, so that no log can hold the rest.
func (o Hook) String() string { return o.Name }

// GoString returns the name, like String.
func (o Hook) GoString() string { return o.Name }

// covers reports whether the hook reports on a widget.
func (o *Hook) covers(widget string) bool {
	return o.Widgets == nil || slices.Contains(o.Widgets, widget)
}

// A SourceState is the condition of a source, and its cause.
type SourceState struct {
	Condition string // ok, failing or refused
	Cause     string // private; empty for ok
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// Options configure [Hooks].
type Options struct {
	Publisher *publish.Publisher
	// Turns serves a hook whenever it is this process's turn, until ctx is done.
	Turns func(ctx context.Context, o Hook, serve Serve)
	// Sources returns the states of the sources, without those that are unknown. It is called once a second while a hook reports sources.
	Sources func(ctx context.Context) map[string]SourceState
	// Ready reports whether the snapshots show polled values. Until then they show the checkpoint, and hooks create no messages.
	Ready   func() bool
	Proxy   func(to *url.URL) (*url.URL, error)
	Dial    dialFunc // in place of TCP; nil: TCP
	Metrics prometheus.Registerer
	Now     func() time.Time
	Log     *slog.Logger
}

// Hooks are the webhooks of a service.
type Hooks struct {
	o       Options
	sources atomic.Pointer[sample] // nil: none yet
	ctx     context.Context        // ends with Close
	stop    func()
	running sync.WaitGroup
	ignore  func() // ends the watching of the publisher

	mu       sync.Mutex // guards what follows
	all      []*hook
	counters map[string]*counters
	started  bool
}

// New returns hooks that do nothing until Start. The caller must call Close.
func New(o Options) *Hooks {
	h := &Hooks{o: o, counters: map[string]*counters{}}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.ignore = o.Publisher.Watch(h.changed)
	o.Metrics.MustRegister(collector{h})
	return h
}

// Start starts sending.
func (h *Hooks) Start() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.started || h.ctx.Err() != nil {
		return
	}
	h.started = true
	for _, each := range h.all {
		h.run(each)
	}
	h.running.Go(h.look)
}

// Close stops sending. A message on its way has a moment to arrive; otherwise the next start sends it again.
func (h *Hooks) Close() {
	h.mu.Lock() // so that nothing starts any more
	h.stop()
	h.mu.Unlock()
	h.running.Wait()
	h.ignore()
}

// Replace replaces the settings. Hooks that stay the same are not touched; removed ones lose their queues. Calls must not overlap.
func (h *Hooks) Replace(settings []Hook) {
	var next []*hook
	h.mu.Lock()
	before := h.all
	for _, o := range settings {
		if i := slices.IndexFunc(before, func(each *hook) bool { return reflect.DeepEqual(each.o, o) }); i >= 0 {
			next = append(next, before[i])
			continue
		}
		if h.counters[o.Name] == nil {
			h.counters[o.Name] = new(counters)
		}
		next = append(next, newHook(o, h, h.counters[o.Name]))
	}
	h.mu.Unlock()
	for _, each := range before {
		if !slices.Contains(next, each) {
			each.removed.Store(!slices.ContainsFunc(settings, func(o Hook) bool { return o.Name == each.o.Name }))
			each.cancel()
		}
	}
	for _, each := range before {
		if !slices.Contains(next, each) {
			each.join()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = next
	for name := range h.counters {
		if !slices.ContainsFunc(settings, func(o Hook) bool { return o.Name == name }) {
			delete(h.counters, name)
		}
	}
	for _, each := range next {
		if h.started && h.ctx.Err() == nil && !slices.Contains(before, each) {
			h.run(each)
		}
	}
}

// run starts a hook. The mutex must be held.
func (h *Hooks) run(each *hook) {
	if each.o.URL == "" {
		return
	}
	each.ended = make(chan struct{})
	h.running.Go(func() {
		defer close(each.ended)
		defer each.sender.close()
		h.o.Turns(each.ctx, each.o, each.serve)
	})
}

// list returns the hooks of this moment.
func (h *Hooks) list() []*hook {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all
}

// changed wakes the hooks that report on a widget.
func (h *Hooks) changed(widget string) {
	for _, each := range h.list() {
		if each.o.covers(widget) {
			each.mark(widget)
		}
	}
}

// look reads the states of the sources once a second.
func (h *Hooks) look() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-tick.C:
		}
		if slices.ContainsFunc(h.list(), func(each *hook) bool { return slices.Contains(each.o.When, Source) }) {
			h.sources.Store(&sample{h.o.Now(), h.o.Sources(h.ctx)})
			for _, each := range h.list() {
				each.awake()
			}
		}
	}
}

// A sample is the states of the sources at an instant.
type sample struct {
	at     time.Time
	states map[string]SourceState
}
