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
	"waitboard/cluster"
	"waitboard/config"
	"waitboard/domain"
	"waitboard/expected"
	"waitboard/poller"
	"waitboard/publish"
	"waitboard/readings"
	"waitboard/trend"
	"waitboard/typical"
)

// A feed is the inner half of the service: the pollers of all sources, the readings store that they write to, and its publisher.
type feed struct {
	readings   *readings.Store
	publisher  *publish.Publisher
	log        *slog.Logger
	metrics    *poller.PrometheusMetrics
	now        func() time.Time
	dial       dialFunc
	ready      atomic.Bool       // every source was tried
	checkpoint *checkpoint.Store // nil: nothing is saved
	saveFailed bool              // last time; only the goroutine that saves uses it
	cluster    *cluster.Cluster  // nil: this process is alone
	trends     trend.Values
	changed    func()              // called after each poll
	history    *typical.Collector  // nil: nothing is collected
	estimates  *expected.Collector // nil: nothing is estimated

	mu      sync.Mutex // guards what follows; never held while a goroutine is joined
	sources []*source
	shown   []domain.Widget
	polling context.Context // nil: not yet
}

// maxPing keeps a subscription through proxies and firewalls, which forget a connection that was quiet for a minute.
const maxPing = 20 * time.Second

// A source is a configured source with its client and its poller.
type source struct {
	config config.Source
	client client
	polls  *trend.Polls

	mu     sync.Mutex         // guards what follows
	member *cluster.Member    // nil: it isn't shared with other replicas, or not yet
	poller *poller.Poller     // the latest; nil: planned only
	wants  []poller.Want      // of the latest
	stop   context.CancelFunc // nil: not started
	ended  chan struct{}      // closed when the poller ended
}

// A client sends requests to one source. If it is a [poller.Subscriber] too, the source can push changes.
type client interface {
	poller.Source
	Close()
}

// feedOptions make a feed. All but store, dial, cluster and changed are required.
type feedOptions struct {
	log     *slog.Logger
	metrics prometheus.Registerer
	now     func() time.Time
	store   *checkpoint.Store // nil: nothing is saved
	dial    dialFunc          // opens connections to sources; nil: on TCP
	cluster config.Cluster
	changed func() // called after each poll; nil: nobody waits for that
}

// dialFunc opens a connection, as [net/http.Transport].DialContext does.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// newFeed returns a feed that starts with the values of the checkpoint, if there is one.
func newFeed(c *config.Config, o feedOptions) (*feed, error) {
	store := readings.New(o.now)
	if saved := restored(c, o.store, o.now()); len(saved) > 0 {
		store.Set(saved)
		o.log.Info("checkpoint restored, showing its values with their age until the first poll", "metrics", len(saved))
	}
	f := &feed{
		readings: store, publisher: publish.New(publish.Options{Widgets: widgets(c), Readings: store, Now: o.now}),
		log: o.log, metrics: poller.NewPrometheusMetrics(o.metrics), now: o.now, checkpoint: o.store, dial: o.dial,
		changed: o.changed,
	}
	if f.changed == nil {
		f.changed = func() {}
	}
	if o.cluster.On() {
		if err := f.openCluster(o); err != nil {
			f.publisher.Close()
			return nil, err
		}
	}
	sources, err := f.plan(c)
	if err != nil {
		f.publisher.Close()
		return nil, err
	}
	f.replace(c, sources)
	return f, nil
}

// plan returns the sources of a configuration: those that stay the same, and new ones that are not polled yet. After an error nothing
// changed.
func (f *feed) plan(c *config.Config) (planned []*source, err error) {
	for _, s := range c.Sources {
		if same := f.same(s); same != nil {
			planned = append(planned, same)
			continue
		}
		if !s.Usable() {
			planned = append(planned, &source{config: s, client: newMisconfigured(s), polls: new(trend.Polls)})
			continue
		}
		client, err := chronicall.New(chronicall.Options{
			URL: s.URL, Key: s.Key, CA: s.CA, ServerName: s.ServerName, ClientCert: s.ClientCert, ClientKey: s.ClientKey,
			Timeout: s.Timeout, Ping: min(s.Interval, maxPing), Now: f.now, Log: f.log.With("source", s.Name), Dial: f.dial,
		})
		if err != nil {
			discard(planned)
			return nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		planned = append(planned, &source{config: s, client: client, polls: new(trend.Polls)})
	}
	return planned, nil
}

// discard closes the new ones among planned sources.
func discard(planned []*source) {
	for _, s := range planned {
		if s.current() == nil {
			s.client.Close()
		}
	}
}

// same returns the current source with the same configuration; nil if there is none.
func (f *feed) same(s config.Source) *source {
	for _, current := range f.list() {
		if alike(current.config, s) {
			return current
		}
	}
	return nil
}

// alike reports whether two sources are polled in the same way. The problems matter only while one can't be polled.
func alike(a, b config.Source) bool {
	if a.Usable() && b.Usable() {
		a.Trouble, b.Trouble = nil, nil
	}
	a.File, b.File = "", ""
	a.KeyFrom, b.KeyFrom = "", ""
	a.Notes, b.Notes = nil, nil
	return a.Equal(b)
}

// replace puts planned sources and the widgets that show them into effect. One goroutine at a time may call it.
func (f *feed) replace(c *config.Config, planned []*source) {
	if len(f.list()) > 0 {
		f.tried() // the service stays ready while new sources are tried
	}
	stay := func(s *source) bool { return slices.Contains(planned, s) }
	f.mu.Lock()
	gone := slices.DeleteFunc(slices.Clone(f.sources), stay)
	f.sources = slices.DeleteFunc(slices.Clone(f.sources), func(s *source) bool { return !stay(s) })
	f.mu.Unlock()
	closeAll(gone)

	f.mu.Lock()
	defer f.mu.Unlock()
	for _, old := range gone {
		successor := slices.IndexFunc(planned, func(s *source) bool { return s.config.Name == old.config.Name })
		if successor < 0 {
			f.metrics.Forget(old.config.Name)
			continue
		}
		if planned[successor].current() == nil {
			planned[successor].polls = old.polls
		}
		if planned[successor].config.URL != old.config.URL { // the readings belong to another server
			f.readings.Forget(old.config.Name)
		}
	}
	shown := widgets(c)
	f.publisher.Replace(shown)
	if f.history != nil {
		f.history.Replace(shown)
	}
	if f.estimates != nil {
		f.estimates.Replace(shown)
	}
	f.readings.Retain(shownBy(shown))
	f.sources, f.shown = planned, shown
	for _, s := range planned {
		wanted := wants(c, s.config.Name)
		if current := s.current(); current != nil {
			s.want(wanted)
			continue
		}
		s.poller, s.wants = f.newPoller(s, wanted, f.readings.Of(s.config.Name)), wanted
		if f.polling != nil {
			f.start(s)
		}
	}
}

// current returns the source's poller, which runs or not; nil: the source is only planned.
func (s *source) current() *poller.Poller {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.poller
}

// shared returns this replica's part in the source; nil: the source isn't shared.
func (s *source) shared() *cluster.Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.member
}

// want replaces what this replica wants of the source.
func (s *source) want(wanted []poller.Want) {
	if member := s.shared(); member != nil {
		member.SetWant(encodeWants(wanted)) // it calls setWants
		return
	}
	s.setWants(wanted)
}

// setWants replaces what the poller requests, now and when it starts again.
func (s *source) setWants(wanted []poller.Want) {
	s.mu.Lock()
	s.wants = wanted
	current := s.poller
	s.mu.Unlock()
	current.SetWants(wanted)
}

// shownBy returns a function that reports whether one of the widgets shows a metric.
func shownBy(widgets []domain.Widget) func(domain.Ref) bool {
	refs := map[domain.Ref]bool{}
	for _, w := range widgets {
		for i := range w.Metrics {
			for _, ref := range w.Metrics[i].Refs() {
				refs[ref] = true
			}
		}
	}
	return func(ref domain.Ref) bool { return refs[ref] }
}

// newPoller returns the poller of a planned source, which starts with the last values.
func (f *feed) newPoller(s *source, wanted []poller.Want, last map[string]domain.Observation) *poller.Poller {
	o := poller.Options{
		Name: s.config.Name, KeyFrom: s.config.KeyFrom, Source: s.client, Wants: wanted, Interval: s.config.Interval, Initial: last,
		Store: f.readings, Metrics: f.metrics, Now: f.now, Log: f.log.With("source", s.config.Name),
		Polled: func(took time.Duration, failed bool) { s.polls.Add(f.now(), took, failed); f.changed() },
	}
	subscriber, subscribes := s.client.(poller.Subscriber)
	switch {
	case !s.config.Usable():
		o.Log = slog.New(slog.DiscardHandler) // troubles logs why
	case subscribes && s.config.Mode != config.ModePoll:
		o.Subscriber, o.SubscriptionRequired = subscriber, s.config.Mode == config.ModeSubscribe
	}
	return poller.New(o)
}

// start starts to poll a source, or to share it with other replicas.
func (f *feed) start(s *source) {
	if f.cluster != nil && s.config.Usable() {
		f.join(s)
		return
	}
	s.run(f.polling, s.poller)
}

// run runs a poller until ctx is done, or stop is called.
func (s *source) run(ctx context.Context, p *poller.Poller) {
	ctx, s.stop = context.WithCancel(ctx)
	s.ended = make(chan struct{})
	go func() { defer close(s.ended); p.Run(ctx) }()
}

// closeAll stops polling sources, all at the same time, and closes their connections.
func closeAll(sources []*source) {
	for _, s := range sources {
		if member := s.shared(); member != nil {
			member.Leave()
		}
		s.mu.Lock()
		if s.stop != nil {
			s.stop()
		}
		s.mu.Unlock()
	}
	for _, s := range sources {
		if s.stop != nil {
			<-s.ended
		}
		s.client.Close()
	}
}

// close stops the pollers and the publisher's timers, and closes connections.
func (f *feed) close() {
	closeAll(f.list())
	f.publisher.Close()
	if f.cluster != nil {
		f.cluster.Close()
	}
}

// leave hands all sources over to other replicas.
func (f *feed) leave() {
	if f.cluster == nil {
		return
	}
	if f.history != nil {
		f.history.Leave()
	}
	if f.estimates != nil {
		f.estimates.Leave()
	}
	f.cluster.Leave()
}

// list returns the sources of this moment.
func (f *feed) list() []*source {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sources
}

// widgets returns the widgets of this moment.
func (f *feed) widgets() []domain.Widget {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shown
}

// tried reports whether every source was tried at least once. It stays true when others are added.
func (f *feed) tried() bool {
	if !f.ready.Load() && !slices.ContainsFunc(f.list(), func(s *source) bool { return !s.tried() }) && !f.locked() {
		f.ready.Store(true)
	}
	return f.ready.Load()
}

// locked reports whether every source rejects the key of this replica, while there are other replicas: they may have the right one, and an
// update that replaces them must not go on.
func (f *feed) locked() bool {
	return f.cluster != nil && len(f.cluster.Replicas()) > 1 && len(f.list()) > 0 && !slices.ContainsFunc(f.list(), func(s *source) bool {
		report := s.current().Report()
		return report.Answered || report.Failure == nil || report.Failure.Cause != domain.Unauthorized
	})
}

// tried reports whether the source was tried at least once, by this replica or by the one that it follows.
func (s *source) tried() bool {
	member := s.shared()
	return s.current().Tried() || member != nil && member.Follows()
}
