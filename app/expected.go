package app

import (
	"time"

	"waitboard/config"
	"waitboard/domain"
	"waitboard/expected"
)

// openEstimates begins to publish what is expected, as far as it is known already.
func (a *App) openEstimates(c *config.Config) {
	if a.dir == nil && a.feed.cluster == nil {
		return // then the configuration has no estimates
	}
	o := expected.Options{
		Dir: a.dir, Readings: a.feed.readings, Publish: a.feed.publisher.SetExpectation, Now: time.Now, Log: a.log,
		Notice: func(widget string) domain.Notice { return a.notices.All()[widget] },
	}
	if a.feed.cluster != nil {
		o.Replicas = a.feed.cluster
	}
	a.feed.estimates = expected.New(o)
	a.feed.estimates.Replace(widgets(c))
}

// shareCollected makes what other replicas save known to the collectors.
func (a *App) shareCollected() {
	if a.feed.cluster == nil {
		return
	}
	a.feed.cluster.OnHistory(func(source, place string) {
		a.feed.history.Refresh(source, place)
		a.feed.estimates.Refresh(source, place)
	})
}
