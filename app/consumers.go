package app

import (
	"context"
	"sync"
	"time"

	"waitboard/config"
	"waitboard/handlers"
)

// Consumers attach here: those of snapshots in watchSnapshots, those of readings in run. Watchers are reloaded in commit (plan.go), and closed
// where Run ends and where New fails.

// watchSnapshots starts the watchers of snapshots: the event streams, the webhooks, and the dashboards.
func (a *App) watchSnapshots(c *config.Config, dial dialFunc) {
	a.feed.publisher.Watch(func(string) { a.changes.Notify() })
	a.events = handlers.NewEvents(handlers.EventOptions{Publisher: a.feed.publisher, Metrics: a.registry, Now: time.Now, Pace: handlers.DefaultPace})
	a.watchForHooks(c, dial)
}

// run polls all sources until ctx is done. Then it closes everything, and saves the checkpoint.
func (f *feed) run(ctx context.Context) {
	var saving sync.WaitGroup
	if f.checkpoint != nil {
		changes := f.readings.Subscribe()
		saving.Go(func() { f.saveChanges(ctx, changes) })
	}
	saving.Go(func() { f.sampleMinutes(ctx) })
	if f.history != nil {
		saving.Go(func() { f.history.Run(ctx) })
	}
	if f.estimates != nil {
		saving.Go(func() { f.estimates.Run(ctx) })
	}
	f.mu.Lock()
	f.polling = ctx
	for _, s := range f.sources {
		f.start(s)
	}
	f.mu.Unlock()
	if f.cluster != nil {
		saving.Go(func() { f.cluster.Run(ctx) })
	}
	<-ctx.Done()
	f.leave()
	f.close()
	saving.Wait()
	if f.checkpoint != nil {
		f.save()
	}
}
