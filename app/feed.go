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
	"waitboard/wait"
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
	for _, s := range f.sources {
		s.client.Close()
	}
	f.board.Close()
}

// tried tells whether every source has been asked at least once.
func (f *feed) tried() bool {
	return !slices.ContainsFunc(f.sources, func(s source) bool { return !s.poller.Tried() })
}

// widgets translates the configuration into the domain. A reader is told to ask again as often as the quickest of a
// widget's sources is polled.
func widgets(c *config.Config) []wait.Widget {
	intervals := map[string]time.Duration{}
	for _, s := range c.Sources {
		intervals[s.Name] = s.Interval
	}
	out := make([]wait.Widget, len(c.Widgets))
	for i, w := range c.Widgets {
		out[i] = wait.Widget{ID: w.ID, Title: w.Title, StaleAfter: w.StaleAfter, HideAfter: w.HideAfter, RefreshAfter: intervals[w.Metrics[0].Source]}
		for _, m := range w.Metrics {
			combine, err := wait.ParseCombine(m.Combine)
			if err != nil {
				panic(err) // config lets only these words through
			}
			out[i].RefreshAfter = min(out[i].RefreshAfter, intervals[m.Source])
			out[i].Metrics = append(out[i].Metrics, wait.Metric{
				ID: m.ID, Label: m.Label, Ref: wait.Ref{Source: m.Source, Metric: m.Metric}, Categories: m.Categories, Combine: combine,
			})
		}
	}
	return out
}

// wants lists what a source is asked for, each metric once however many widgets show it.
func wants(c *config.Config, source string) []poller.Want {
	var out []poller.Want
	index := map[string]int{}
	for _, w := range c.Widgets {
		for _, m := range w.Metrics {
			if m.Source != source {
				continue
			}
			i, known := index[m.Metric]
			if !known {
				i = len(out)
				index[m.Metric] = i
				out = append(out, poller.Want{Metric: m.Metric})
			}
			out[i].UsedBy = append(out[i].UsedBy, w.ID+"."+m.ID)
			for _, category := range m.Categories {
				if !slices.Contains(out[i].Categories, category) {
					out[i].Categories = append(out[i].Categories, category)
				}
			}
		}
	}
	return out
}
