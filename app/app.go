// Package app wires the service together: configuration in, a running service out. Everything below it gets what it
// needs as options, the clock included.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/config"
	"waitboard/handlers"
)

// Options make an [App]. All are required.
type Options struct {
	Config  *config.Config
	Version string
	Log     *slog.Logger
}

// An App is the whole service, listening but not yet serving.
type App struct {
	log    *slog.Logger
	feed   *feed
	public *server
	admin  *server // nil: turned off
}

// drainTime is how long requests in flight may take to end when the service stops.
const drainTime = 3 * time.Second

// New builds the service and opens its listeners, so that a port that is taken is an error here. Run must be called to
// serve, and to let the listeners go.
func New(o Options) (*App, error) {
	registry := prometheus.NewRegistry()
	feed, err := newFeed(o.Config, o.Log, registry, time.Now)
	if err != nil {
		return nil, err
	}
	a := &App{log: o.Log, feed: feed}
	if a.public, err = listen("public", "listen", o.Config.Listen, o.Log); err != nil {
		feed.close()
		return nil, err
	}
	if o.Config.Admin != "" {
		if a.admin, err = listen("admin", "admin", o.Config.Admin, o.Log); err != nil {
			_ = a.public.listener.Close()
			feed.close()
			return nil, err
		}
		registerProcess(registry, feed, o.Version)
		a.admin.http.Handler = handlers.Admin(handlers.AdminOptions{
			Metrics: registry, Status: func() handlers.AdminStatus { return a.status(o.Version) }, Loopback: a.admin.loopback(),
		})
		a.admin.http.WriteTimeout = 2 * time.Minute // a profile takes as long as it is asked to
	}
	origins, unlisted := map[string][]string{}, map[string]bool{}
	for _, w := range o.Config.Widgets {
		origins[w.ID], unlisted[w.ID] = w.Origins, w.Unlisted
	}
	publicURL := o.Config.PublicURL
	if publicURL == "" {
		publicURL = a.URL()
	}
	a.public.http.Handler = handlers.Public(handlers.Options{
		Board: feed.board, Origins: origins, Unlisted: unlisted, PublicURL: publicURL,
		Ready: feed.tried, Metrics: registry, Log: o.Log,
		RateLimit: handlers.RateLimit(o.Config.RateLimit), TrustedProxies: o.Config.TrustedProxies, Now: time.Now,
	})
	return a, nil
}

// URL is the address that the public listener is reached at from this machine.
func (a *App) URL() string { return a.public.url() }

// AdminURL is that of the admin listener, empty when it is turned off.
func (a *App) AdminURL() string {
	if a.admin == nil {
		return ""
	}
	return a.admin.url()
}

// Run serves until ctx is done, then stops: no new connections, requests in flight are given a few seconds to end, and
// the pollers stop. It returns nil after such an orderly stop.
func (a *App) Run(ctx context.Context) error {
	polling, stopPolling := context.WithCancel(context.WithoutCancel(ctx))
	fed := make(chan struct{})
	go func() { defer close(fed); a.feed.run(polling) }()

	servers := []*server{a.public}
	if a.admin != nil {
		servers = append(servers, a.admin)
	}
	failed := make(chan error, len(servers))
	for _, s := range servers {
		a.log.Info("listening", "for", s.name, "url", s.url())
		go func() { failed <- s.serve() }()
	}
	var err error
	select {
	case <-ctx.Done():
		a.log.Info("stopping")
	case err = <-failed:
	}
	var drained sync.WaitGroup
	for _, s := range servers {
		drained.Go(func() { s.stop(drainTime) })
	}
	drained.Wait()
	stopPolling()
	<-fed
	if err == nil {
		a.log.Info("stopped")
	}
	return err
}

// A server is one listener and what serves it.
type server struct {
	name     string
	listener net.Listener
	http     *http.Server
}

// listen opens a listener with the limits that a service on the open internet needs. key is what the configuration
// calls its address.
func listen(name, key, address string, log *slog.Logger) (*server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		var reason *net.OpError
		if errors.As(err, &reason) {
			err = reason.Err // the rest repeats the address
		}
		return nil, fmt.Errorf("%s: can't listen on %s: %w; is another program using that port?", key, address, err)
	}
	return &server{name: name, listener: listener, http: &http.Server{
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}, nil
}

func (s *server) serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%s server: %w", s.name, err)
	}
	return nil
}

// lameDuck is how long a server that stops goes on answering, without keeping connections: those that the kernel has
// accepted and the server has not yet would be reset otherwise.
const lameDuck = 200 * time.Millisecond

// stop drains the server, and after the time cuts what is left.
func (s *server) stop(drain time.Duration) {
	s.http.SetKeepAlivesEnabled(false)
	time.Sleep(lameDuck)
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
	}
}

func (s *server) loopback() bool {
	address, ok := s.listener.Addr().(*net.TCPAddr)
	return ok && address.IP.IsLoopback()
}

// url names a listener on all addresses by localhost.
func (s *server) url() string {
	host, port, _ := net.SplitHostPort(s.listener.Addr().String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "http://" + host + ":" + port
}
