// Package app wires the service together: configuration in, a running service out. Everything below it gets what it
// needs as options, the clock included.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/checkpoint"
	"waitboard/config"
	"waitboard/datadir"
	"waitboard/handlers"
	"waitboard/internal/listening"
	"waitboard/notices"
)

// Options make an [App]. Config, Version and Log are required.
type Options struct {
	Config  *config.Config
	Version string
	Log     *slog.Logger

	// Reload asks for the configuration to be read anew by Load, and says why.
	Reload <-chan string
	Load   func() (*config.Config, error)

	// Listen opens the listeners, and Dial the connections to sources; nil: on TCP. A test can give a network of its own.
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
	registry *prometheus.Registry
	reloads  *reloadFigures
	troubles troubles // of the goroutine of Run, and of New before that
	feed     *feed
	dir      *datadir.Dir // nil: none
	notices  *notices.Store
	events   *handlers.Events
	failed   chan error // a server's failure

	// Guards what follows, which only New and the goroutine of Run change; these two read it without.
	mu      sync.Mutex
	config  *config.Config
	refused error // why the configuration that was read last is not in force; nil: it is
	public  *server
	admin   *server        // nil: turned off
	serving sync.WaitGroup // servers, and those that stop
	running bool
}

// drainTime is how long requests in flight may take to end when the service stops.
const drainTime = 3 * time.Second

// New builds the service and opens its listeners, so that a port that is taken is an error here. Run must be called to
// serve, and to let the listeners go.
func New(o Options) (*App, error) {
	a := &App{
		version: o.Version, log: o.Log, load: o.Load, due: o.Reload, tcp: o.Listen,
		registry: prometheus.NewRegistry(), failed: make(chan error, 1),
	}
	if a.tcp == nil {
		a.tcp = listening.TCP
	}
	var err error
	if a.dir, err = openDataDir(o.Config); err != nil {
		return nil, err
	}
	var store *checkpoint.Store
	if a.dir != nil {
		store = checkpoint.Open(a.dir, o.Log)
	}
	if a.feed, err = newFeed(o.Config, feedOptions{log: o.Log, metrics: a.registry, now: time.Now, store: store, dial: o.Dial}); err != nil {
		a.closeDataDir()
		return nil, err
	}
	a.reloads = newReloadFigures(a.registry, time.Now())
	registerProcess(a.registry, a.feed, o.Version)
	if err := a.openNotices(); err != nil {
		a.feed.close()
		a.closeDataDir()
		return nil, err
	}
	a.events = handlers.NewEvents(handlers.EventOptions{Publisher: a.feed.board, Metrics: a.registry, Now: time.Now, Pace: handlers.DefaultPace})
	if err := a.open(o.Config); err != nil {
		a.events.Close()
		a.notices.Close()
		a.feed.close()
		a.closeDataDir()
		return nil, err
	}
	a.registry.MustRegister(expiryCollector{a}, fileCollector{a})
	a.troubles = troubles{log: o.Log}
	a.troubles.report(o.Config)
	return a, nil
}

// open listens where a configuration says, unless that is done already, and puts the handlers that it asks for in place.
// After an error everything is as it was.
func (a *App) open(c *config.Config) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	public, err := a.listen(a.public, "public", "listen", c.Listen)
	if err != nil {
		return err
	}
	admin, err := a.listen(a.admin, "admin", "admin", c.Admin)
	if err == nil {
		err = mayListen(c, admin)
	}
	if err == nil && public == a.public {
		err = maySpeak(a.config, c)
	}
	var keys *keyring
	if err == nil && (public != a.public || !c.TLS.Equal(a.config.TLS)) { // or those that there are go on
		keys, err = newKeyring(c, a.log)
	}
	if err != nil {
		if admin != nil && admin != a.admin {
			_ = admin.listener.Close()
		}
		if public != a.public {
			_ = public.listener.Close()
		}
		return err
	}
	if keys != nil {
		keys.warn(a.log, time.Now())
		public.encrypt(keys)
	} else if c.H2C && public != a.public {
		public.speakH2C()
	}
	if keys != nil && a.running {
		go keys.fetch()
	}
	public.handle(a.publicHandler(c, public))
	if admin != nil {
		admin.handle(a.adminHandler(c, admin))
	}
	for _, change := range []struct{ old, now *server }{{a.public, public}, {a.admin, admin}} {
		if change.old == change.now {
			continue
		}
		if change.old != nil { // what it has begun it ends
			a.serving.Go(func() { change.old.stop(drainTime) })
			if change.old == a.public {
				a.events.EndAll() // they are at the new address from now on
			}
		}
		if change.now != nil && a.running {
			a.serve(change.now)
		}
	}
	a.config, a.public, a.admin = c, public, admin
	return nil
}

// listen is the server for an address: the one there is if that has it, otherwise a new one; nil for no address.
func (a *App) listen(current *server, name, key, address string) (*server, error) {
	switch {
	case address == "":
		return nil, nil //nolint:nilnil // turned off is no error
	case current != nil && current.address == address:
		return current, nil
	}
	s, err := listen(name, key, address, a.tcp, a.log)
	switch {
	case err == nil:
		if name == "admin" {
			s.http.WriteTimeout = 2 * time.Minute // a profile takes as long as it is asked to
		}
	case a.public.hasPort(address) || a.admin.hasPort(address):
		return nil, restartError(fmt.Sprintf("%s: %s can't be taken while waitboard itself listens on that port", key, address))
	case !errors.As(err, new(listening.AddressError)):
		return nil, portError{err}
	}
	return s, err
}

func (a *App) publicHandler(c *config.Config, s *server) http.Handler {
	warnOfLanguages(a.log, c)
	o := handlers.Options{
		Publisher: a.feed.board, PublicURL: publicURL(c, s), Ready: a.feed.tried, Metrics: a.registry, Log: a.log,
		NoGallery: c.NoGallery, Events: a.events, EventLimits: a.eventLimits(c),
		RateLimit: handlers.RateLimit(c.RateLimit), TrustedProxies: c.TrustedProxies, Now: time.Now, Locales: languages(c),
	}
	there := map[string]bool{}
	for _, w := range c.Widgets {
		_, extras := w.Rows()
		there[w.ID] = true
		offered := handlers.Widget{ID: w.ID, Origins: w.Origins, Unlisted: w.Unlisted, Extras: extras}
		for _, m := range w.Metrics {
			offered.Metrics = append(offered.Metrics, handlers.Metric{ID: m.ID, Label: m.Label})
		}
		o.Widgets = append(o.Widgets, offered)
	}
	if a.config != nil { // until the board has dropped a widget, it stays with its origins
		for _, w := range a.config.Widgets {
			if !there[w.ID] {
				o.Widgets = append(o.Widgets, handlers.Widget{ID: w.ID, Origins: w.Origins, Unlisted: true})
			}
		}
	}
	return handlers.Public(o)
}

// publicURL is where the public reaches the service: where the configuration says, or at its listener.
func publicURL(c *config.Config, public *server) string { return cmp.Or(c.PublicURL, public.url()) }

func (a *App) adminHandler(c *config.Config, s *server) http.Handler {
	o := handlers.AdminOptions{
		Metrics: a.registry, Status: a.status, Publisher: a.feed.board, Notices: a.notices,
		Loopback: s.loopback(), Now: time.Now, Log: a.log,
	}
	if c.AdminToken.Reveal() != "" {
		o.Authorized = func(token string) bool { return c.AdminToken.Equal(config.NewSecret(token)) }
	}
	return handlers.Admin(o)
}

// URL is the address that the public listener is reached at from this machine.
func (a *App) URL() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.public.url()
}

// AdminURL is that of the admin listener, empty when it is turned off.
func (a *App) AdminURL() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.admin == nil {
		return ""
	}
	return a.admin.url()
}

// serve begins to serve. A server that fails ends the service.
func (a *App) serve(s *server) {
	a.log.Info("listening", "for", s.name, "url", s.url())
	a.serving.Go(func() {
		if err := s.serve(); err != nil {
			select {
			case a.failed <- err:
			default: // another has failed already
			}
		}
	})
}

// servers is those that there are.
func (a *App) servers() []*server {
	return slices.DeleteFunc([]*server{a.public, a.admin}, func(s *server) bool { return s == nil })
}

// Run serves until ctx is done, then stops: streams of events end, no new connections, requests in flight are given a few seconds to
// end, and the pollers stop. It returns nil after such an orderly stop. In the meantime it reads the configuration anew when that
// is due.
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
		go keys.fetch() // which the authority answers by asking at the listener
	}
	a.mu.Unlock()
	err := a.wait(ctx)
	a.events.Close()
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

// wait reloads when it is due, until ctx is done or a server fails.
func (a *App) wait(ctx context.Context) error {
	daily := time.NewTicker(24 * time.Hour)
	defer daily.Stop()
	for {
		select {
		case <-ctx.Done():
			a.log.Info("stopping")
			return nil
		case now := <-daily.C:
			a.keys().warn(a.log, now)
		case err := <-a.failed:
			return err
		case why := <-a.due:
			a.reload(why)
		}
	}
}
