// Package app wires the service together: configuration in, a running service out. Everything below it gets what it
// needs as options, the clock included.
package app

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/checkpoint"
	"waitboard/config"
	"waitboard/datadir"
	"waitboard/embeds"
	"waitboard/handlers"
	"waitboard/handlers/admin"
	"waitboard/handlers/pages"
	"waitboard/internal/listening"
	"waitboard/notices"
	"waitboard/webhook"
)

// Options make an [App]. Config, Version and Log are required.
type Options struct {
	Config  *config.Config
	Version string
	Log     *slog.Logger

	// Reload requests that Load read the configuration again; the text is the reason.
	Reload <-chan string
	Load   func() (*config.Config, error)

	// Listen opens the listeners, and Dial the connections to sources and webhooks; nil: on TCP.
	Listen func(address string) (net.Listener, error)
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
}

// An App is the whole service, listening but not yet serving.
type App struct {
	version  string
	log      *slog.Logger
	load     func() (*config.Config, error)
	due      <-chan string
	tcp      func(address string) (net.Listener, error)
	leaving  atomic.Bool // the service serves on after the signal to stop
	registry *prometheus.Registry
	reloads  *reloadMetrics
	troubles troubles // of the goroutine of Run, and of New before that
	feed     *feed
	dir      *datadir.Dir // nil: none
	notices  *notices.Store
	events   *handlers.Events
	embeds   *embeds.Tracker
	hooks    *webhook.Hooks
	changes  admin.Changes // for dashboards
	faults   *httpLog
	idle     *idleConns
	failed   chan error // a server's failure

	hookStore hookStore

	mu       sync.Mutex // guards what follows; only New and the goroutine of Run write, and they read without it
	config   *config.Config
	rejected error // why the configuration that was read last is not in force; nil: it is
	public   *server
	admin    *server        // nil: turned off
	serving  sync.WaitGroup // servers, and those that stop
	running  bool
}

// drainTime is how long requests in flight may take to end when the service stops.
const drainTime = 3 * time.Second

// New builds the service and opens its listeners, so that a port that is taken is an error here. Run serves, and closes what New opened.
func New(o Options) (*App, error) {
	a := &App{
		version: o.Version, log: o.Log, load: o.Load, due: o.Reload, tcp: o.Listen,
		registry: prometheus.NewRegistry(), failed: make(chan error, 1), embeds: embeds.New(time.Now, rand.IntN),
	}
	if a.tcp == nil {
		a.tcp = listening.TCP
	}
	var undo []func()
	fail := func(err error) (*App, error) {
		for _, each := range slices.Backward(undo) {
			each()
		}
		return nil, err
	}
	var err error
	if a.dir, err = openDataDir(o.Config); err != nil {
		return nil, err
	}
	undo = append(undo, a.closeDataDir)
	var store *checkpoint.Store
	if a.dir != nil {
		store = checkpoint.Open(a.dir, o.Log)
	}
	if a.feed, err = newFeed(o.Config, feedOptions{log: o.Log, metrics: a.registry, now: time.Now, store: store, dial: o.Dial, cluster: o.Config.Cluster, changed: a.changes.Notify}); err != nil {
		return fail(err)
	}
	undo = append(undo, a.feed.close)
	a.reloads = newReloadMetrics(a.registry, time.Now())
	a.faults = newHTTPLog(o.Log, a.registry)
	registerProcess(a.registry, a.feed, o.Version, a.Config)
	if err := a.openNotices(); err != nil {
		return fail(err)
	}
	a.openHistory(o.Config)
	a.openEstimates(o.Config)
	a.shareCollected()
	a.watchSnapshots(o.Config, o.Dial)
	undo = append(undo, a.notices.Close, a.events.Close, a.closeHooks)
	a.idle = newIdleConns(openFiles(), a.events.Open)
	planned, err := a.plan(o.Config)
	if err != nil {
		return fail(err)
	}
	a.commit(planned)
	a.registry.MustRegister(certificateCollector{a}, fileCollector{a})
	a.troubles = troubles{log: o.Log}
	a.troubles.report(o.Config)
	return a, nil
}

func (a *App) publicHandler(c *config.Config, s *server) http.Handler {
	warnOfLanguages(a.log, c)
	o := handlers.Options{
		Publisher: a.feed.publisher, PublicURL: publicURL(c, s), NoPublicURL: c.PublicURL == "", Ready: a.ready, Metrics: a.registry, Log: a.log,
		NoGallery: c.NoGallery, Events: a.events, EventLimits: a.eventLimits(c),
		RateLimit: handlers.RateLimit(c.RateLimit), TrustedProxies: c.TrustedProxies, Now: time.Now, Languages: languages(c),
	}
	if !c.NoEmbeds {
		o.Embeds = a.embeds
	}
	if a.feed.cluster != nil {
		o.CatchUp, o.Problem = a.catchUp, a.feed.cluster.Problem
	}
	there := map[string]bool{}
	for _, w := range c.Widgets {
		_, extras := w.Rows()
		there[w.ID] = true
		offered := pages.Offered{ID: w.ID, Origins: w.Origins, Unlisted: w.Unlisted, Extras: extras}
		for _, m := range w.Metrics {
			offered.History = offered.History || m.History.Keep > 0
			offered.Metrics = append(offered.Metrics, pages.OfferedMetric{ID: m.ID, Label: m.Label})
		}
		o.Widgets = append(o.Widgets, offered)
	}
	if a.config != nil { // a removed widget keeps its origins until the publisher drops it
		for _, w := range a.config.Widgets {
			if !there[w.ID] {
				o.Widgets = append(o.Widgets, pages.Offered{ID: w.ID, Origins: w.Origins, Unlisted: true})
			}
		}
	}
	return handlers.New(o)
}

// ready reports whether new visitors may come.
func (a *App) ready() bool { return !a.leaving.Load() && a.feed.tried() }

// publicURL returns where the public reaches the service: as configured, or at the listener.
func publicURL(c *config.Config, public *server) string { return cmp.Or(c.PublicURL, public.url()) }

func (a *App) adminHandler(c *config.Config, s *server) http.Handler {
	o := admin.Options{
		Metrics: a.registry, State: a.state, Readiness: a.readiness, Publisher: a.feed.publisher, Notices: a.notices, Changes: &a.changes,
		Loopback: s.loopback(), Now: time.Now, Log: a.log, Trend: a.feed.trend, Webhooks: a.webhookStates,
	}
	if a.feed.history != nil {
		o.History = a.feed.history
	}
	if a.feed.estimates != nil {
		o.Waits = a.feed.estimates
	}
	if c.AdminToken.Reveal() != "" {
		o.Authorized = func(token string) bool { return c.AdminToken.Equal(config.NewSecret(token)) }
	}
	return admin.New(o)
}

// URL returns the address of the public listener as this machine reaches it.
func (a *App) URL() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.public.url()
}

// AdminURL returns the address of the admin listener; empty when it is turned off.
func (a *App) AdminURL() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.admin == nil {
		return ""
	}
	return a.admin.url()
}

// serve starts to serve. A server that fails ends the service.
func (a *App) serve(s *server) {
	a.log.Info("listening", "for", s.name, "url", s.url())
	a.serving.Go(func() {
		if err := s.serve(); err != nil {
			select {
			case a.failed <- err:
			default: // another one failed before
			}
		}
	})
}

// servers returns the servers that are turned on.
func (a *App) servers() []*server {
	return slices.DeleteFunc([]*server{a.public, a.admin}, func(s *server) bool { return s == nil })
}

// Run serves until ctx is done, and reloads the configuration on request. To stop, it ends event streams, closes the listeners, gives
// requests in flight a few seconds, and stops the pollers. It returns nil after such an orderly stop.
func (a *App) Run(ctx context.Context) error {
	setMemory()
	polling, stopPolling := context.WithCancel(context.WithoutCancel(ctx))
	var inner sync.WaitGroup
	inner.Go(func() { a.feed.run(polling) })

	a.log.Info("starting", "version", a.version, "sources", len(a.config.Sources), "widgets", len(a.config.Widgets))
	a.mu.Lock()
	a.running = true
	for _, s := range a.servers() {
		a.serve(s)
	}
	if keys := a.public.keys.Load(); keys != nil {
		go keys.fetch() // the authority connects to the listener
	}
	a.mu.Unlock()
	a.hooks.Start()
	err := a.wait(ctx)
	a.events.Close()
	a.serving.Go(a.closeHooks)
	a.changes.Close()
	for _, s := range a.servers() {
		a.serving.Go(func() { s.stop(drainTime) })
	}
	a.serving.Wait()
	stopPolling()
	inner.Wait()
	a.notices.Close()
	a.closeDataDir()
	if err == nil {
		a.log.Info("stopped")
	}
	return err
}

// leave hands all sources over to other replicas, and serves on for the configured time. So load balancers notice by /readyz before the
// service refuses connections.
func (a *App) leave() error {
	a.leaving.Store(true)
	a.feed.leave()
	if delay := a.config.ShutdownDelay; delay > 0 {
		a.log.Info("not ready, serving until the shutdown delay ends", "delay", delay.String())
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case err := <-a.failed:
			return err
		}
	}
	a.log.Info("stopping")
	return nil
}

// wait reloads the configuration on request, until ctx is done or a server fails.
func (a *App) wait(ctx context.Context) error {
	daily := time.NewTicker(24 * time.Hour)
	defer daily.Stop()
	for {
		select {
		case <-ctx.Done():
			return a.leave()
		case now := <-daily.C:
			a.keys().warn(a.log, now)
		case err := <-a.failed:
			return err
		case why := <-a.due:
			a.reload(why)
		}
	}
}
