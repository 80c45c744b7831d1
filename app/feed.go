package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/board"
	"waitboard/chronicall"
	"waitboard/config"
	"waitboard/poller"
)

// A feed is the inner half of the service: the sources' clients, their pollers, and the board that they fill.
type feed struct {
	board   *board.Board
	sources []source
}

type source struct {
	name   string
	client *chronicall.Client
	poller *poller.Poller
}

func newFeed(c *config.Config, log *slog.Logger, metrics prometheus.Registerer, now func() time.Time) (*feed, error) {
	f := &feed{board: board.New(board.Options{Widgets: widgets(c), Now: now})}
	pollers := poller.NewMetrics(metrics)
	for _, s := range c.Sources {
		log := log.With("source", s.Name)
		client, err := chronicall.New(chronicall.Options{URL: s.URL, Key: s.Key, CA: s.CA, Timeout: s.Timeout, Now: now, Log: log})
		if err != nil {
			f.close()
			return nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		f.sources = append(f.sources, source{s.Name, client, poller.New(poller.Options{
			Name: s.Name, Source: client, Wants: wants(c, s.Name), Interval: s.Interval,
			Board: f.board, Metrics: pollers, Now: now, Log: log,
		})})
	}
	return f, nil
}

// run polls all sources until ctx is done, and then lets go of everything.
func (f *feed) run(ctx context.Context) {
	var pollers sync.WaitGroup
	for _, s := range f.sources {
		pollers.Go(func() { s.poller.Run(ctx) })
	}
	pollers.Wait()
	f.close()
}

// close lets go of connections and timers. Nothing may be polling.
func (f *feed) close() {
	for _, s := range f.sources {
		s.client.Close()
	}
	f.board.Close()
}

// tried tells whether every source has been asked at least once.
func (f *feed) tried() bool {
	return !slices.ContainsFunc(f.sources, func(s source) bool { return !s.poller.Tried() })
}
