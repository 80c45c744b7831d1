package app

import (
	"time"

	"waitboard/config"
	"waitboard/domain"
	"waitboard/typical"
)

// openHistory begins to publish what is typical, as far as it is known already.
func (a *App) openHistory(c *config.Config) {
	if a.dir == nil && a.feed.cluster == nil {
		if remembers(c) {
			a.log.Warn("history needs data_dir or cluster, collecting nothing")
		}
		return
	}
	o := typical.Options{
		Dir: a.dir, Readings: a.feed.readings, Publish: a.feed.publisher.SetTypical, Now: time.Now, Log: a.log,
		Notice: func(widget string) domain.Notice { return a.notices.All()[widget] },
	}
	if a.feed.cluster != nil {
		o.Replicas = a.feed.cluster
	}
	a.feed.history = typical.New(o)
	a.feed.history.Replace(widgets(c))
}

// remembers reports whether a metric has history.
func remembers(c *config.Config) bool {
	for _, w := range c.Widgets {
		for _, m := range w.Metrics {
			if m.History.Keep > 0 {
				return true
			}
		}
	}
	return false
}
