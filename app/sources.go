package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/checkpoint"
	"waitboard/chronicall"
	"waitboard/config"
	"waitboard/domain"
	"waitboard/poller"
	"waitboard/publish"
	"waitboard/readings"
)

// A feed is the inner half of the service: the sources' clients, their pollers, the readings that they keep fresh, and the board that publishes those.
type feed struct {
	readings *readings.Store
	board    *publish.Publisher
	log      *slog.Logger
	metrics  *poller.Metrics
	now      func() time.Time
	dial     dialFunc
	ready    atomic.Bool       // every source has been tried
	store    *checkpoint.Store // nil: nothing is kept
	unkept   bool              // it could not be written to; of the goroutine that does

	mu      sync.Mutex // guards what follows
	sources []*source
	polling context.Context // nil: not yet
}

// maxPing keeps a subscription through proxies and firewalls, which forget a connection that has been quiet for a minute.
const maxPing = 20 * time.Second

// A source is one that is polled, or will be.
type source struct {
	config config.Source
	client client
	poller *poller.Poller
	stop   context.CancelFunc // nil: it has not begun
	ended  chan struct{}      // closed when it has stopped
}

// A client asks one source. One that is a [poller.Subscriber] also hears of its changes.
type client interface {
	poller.Source
	Close()
}

// feedOptions make a feed. All but store and dial are required.
type feedOptions struct {
	log     *slog.Logger
	metrics prometheus.Registerer
	now     func() time.Time
	store   *checkpoint.Store // nil: nothing is saved
	dial    dialFunc          // opens connections to sources; nil: on TCP
}

// dialFunc opens a connection, as [net/http.Transport].DialContext does.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// newFeed begins with the values in the store, if there is one.
func newFeed(c *config.Config, o feedOptions) (*feed, error) {
	known := restored(c, o.store, o.now())
	if len(known) > 0 {
		o.log.Info("values of before the restart are shown, with their age, until the sources answer", "metrics", len(known))
	}
	latest := readings.New(o.now)
	latest.Set(known)
	f := &feed{
		readings: latest, board: publish.New(publish.Options{Widgets: widgets(c), Readings: latest, Now: o.now}),
		log: o.log, metrics: poller.NewMetrics(o.metrics), now: o.now, store: o.store, dial: o.dial,
	}
	sources, err := f.plan(c)
	if err != nil {
		f.board.Close()
		return nil, err
	}
	f.replace(c, sources)
	return f, nil
}

// plan lists the sources of a configuration: those that stay as they are, and those that differ or are new with a client
// of their own, not polled yet. When one can't be made nothing has changed.
func (f *feed) plan(c *config.Config) (planned []*source, err error) {
	for _, s := range c.Sources {
		if same := f.same(s); same != nil {
			planned = append(planned, same)
			continue
		}
		if !s.Usable() {
			planned = append(planned, &source{config: s, client: newMisconfigured(s)})
			continue
		}
		client, err := chronicall.New(chronicall.Options{
			URL: s.URL, Key: s.Key, CA: s.CA, Timeout: s.Timeout, Ping: min(s.Interval, maxPing), Now: f.now, Log: f.log.With("source", s.Name), Dial: f.dial,
		})
		if err != nil {
			discard(planned)
			return nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		planned = append(planned, &source{config: s, client: client})
	}
	return planned, nil
}

// discard lets go of planned sources that will not be used.
func discard(planned []*source) {
	for _, s := range planned {
		if s.poller == nil {
			s.client.Close()
		}
	}
}

// same is the source that is configured just so, nil if there is none.
func (f *feed) same(s config.Source) *source {
	for _, known := range f.list() {
		if alike(known.config, s) {
			return known
		}
	}
	return nil
}

// alike tells whether two sources are asked in the same way. While one can't be asked, it matters why.
func alike(a, b config.Source) bool {
	if a.Usable() && b.Usable() {
		a.Trouble, b.Trouble = nil, nil
	}
	a.File, b.File = "", ""
	return a.Equal(b)
}

// replace puts planned sources and the widgets that they feed in place of those there are.
func (f *feed) replace(c *config.Config, planned []*source) {
	if len(f.list()) > 0 {
		f.tried() // what was ready stays so while new sources are tried
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	gone := slices.DeleteFunc(slices.Clone(f.sources), func(s *source) bool { return slices.Contains(planned, s) })
	closeAll(gone)
	for _, old := range gone {
		successor := slices.IndexFunc(planned, func(s *source) bool { return s.config.Name == old.config.Name })
		if successor < 0 {
			f.metrics.Forget(old.config.Name)
		} else if planned[successor].config.URL != old.config.URL { // what is known was known of another server
			f.readings.Forget(old.config.Name)
		}
	}
	shown := widgets(c)
	f.board.Replace(shown)
	f.readings.Retain(shownBy(shown))
	f.sources = planned
	for _, s := range planned {
		wanted := wants(c, s.config.Name)
		if s.poller != nil {
			s.poller.SetWants(wanted)
			continue
		}
		s.poller = f.newPoller(s, wanted, f.readings.Of(s.config.Name))
		if f.polling != nil {
			s.start(f.polling)
		}
	}
}

// shownBy returns whether one of the widgets shows a metric.
func shownBy(widgets []domain.Widget) func(domain.Ref) bool {
	refs := map[domain.Ref]bool{}
	for _, w := range widgets {
		for _, m := range w.Metrics {
			refs[m.Ref] = true
		}
	}
	return func(ref domain.Ref) bool { return refs[ref] }
}

// newPoller is one for a planned source, which has not begun. It takes over what is known of the source.
func (f *feed) newPoller(s *source, wanted []poller.Want, known map[string]domain.Observation) *poller.Poller {
	o := poller.Options{
		Name: s.config.Name, Source: s.client, Wants: wanted, Interval: s.config.Interval, Known: known,
		Store: f.readings, Metrics: f.metrics, Now: f.now, Log: f.log.With("source", s.config.Name),
	}
	subscriber, subscribes := s.client.(poller.Subscriber)
	switch {
	case !s.config.Usable():
		o.Log = slog.New(slog.DiscardHandler) // the log has been told
	case subscribes && s.config.Mode != config.ModePoll:
		o.Subscriber, o.Insist = subscriber, s.config.Mode == config.ModeSubscribe
	}
	return poller.New(o)
}

func (s *source) start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(ctx)
	s.ended = make(chan struct{})
	go func() { defer close(s.ended); s.poller.Run(ctx) }()
}

// closeAll stops polling sources and lets go of their connections. All stop at once: one that does not answer takes a moment to be parted from.
func closeAll(sources []*source) {
	for _, s := range sources {
		if s.stop != nil {
			s.stop()
		}
	}
	for _, s := range sources {
		if s.stop != nil {
			<-s.ended
		}
		s.client.Close()
	}
}

// run polls all sources until ctx is done, and then lets go of everything. It keeps what is known at the end.
func (f *feed) run(ctx context.Context) {
	var keeping sync.WaitGroup
	if f.store != nil {
		changes := f.readings.Subscribe()
		keeping.Go(func() { f.keep(ctx, changes) })
	}
	f.mu.Lock()
	f.polling = ctx
	for _, s := range f.sources {
		s.start(ctx)
	}
	f.mu.Unlock()
	<-ctx.Done()
	f.close()
	keeping.Wait()
	if f.store != nil {
		f.save()
	}
}

// close stops whatever is polling, and lets go of connections and timers.
func (f *feed) close() {
	closeAll(f.list())
	f.board.Close()
}

// list is the sources at this moment.
func (f *feed) list() []*source {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sources
}

// tried tells whether every source has been asked at least once. It stays true when others come.
func (f *feed) tried() bool {
	if !f.ready.Load() && !slices.ContainsFunc(f.list(), func(s *source) bool { return !s.poller.Tried() }) {
		f.ready.Store(true)
	}
	return f.ready.Load()
}
