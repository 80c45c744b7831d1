package app

import (
	"context"
	"time"

	"waitboard/checkpoint"
	"waitboard/config"
	"waitboard/domain"
	"waitboard/readings"
)

// keepEvery is how long it takes at least from one writing of what is known to the next. So much of it a crash may lose.
const keepEvery = 5 * time.Second

// restored is what a run before has left of what the widgets of a configuration show.
func restored(c *config.Config, store *checkpoint.Store, now time.Time) map[domain.Ref]domain.Observation {
	if store == nil {
		return nil
	}
	urls := map[string]string{}
	for _, s := range c.Sources {
		urls[s.Name] = s.URL
	}
	hideAfter := map[checkpoint.Metric]time.Duration{}
	for _, w := range c.Widgets {
		for _, m := range w.Metrics {
			metric := checkpoint.Metric{Ref: domain.Ref{Source: m.Source, Metric: m.Metric}, URL: urls[m.Source]}
			hideAfter[metric] = max(hideAfter[metric], w.HideAfter)
		}
	}
	return store.Restore(hideAfter, now)
}

// keep writes what is known when it has changed, until ctx is done.
func (f *feed) keep(ctx context.Context, changes *readings.Subscription) {
	defer changes.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes.Changed():
			f.save()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(keepEvery):
		}
	}
}

// save writes what is known. That it fails is nobody's business but the operator's, who is told once.
func (f *feed) save() {
	err := f.store.Save(f.known())
	switch {
	case err != nil && !f.unkept:
		f.log.Warn("what is known can't be kept for after a restart; trying again", "error", err)
	case err == nil && f.unkept:
		f.log.Info("what is known can be kept again")
	}
	f.unkept = err != nil
}

// known is what is known of the metrics of all sources.
func (f *feed) known() map[checkpoint.Metric]domain.Observation {
	f.mu.Lock() // so that no source changes its URL meanwhile
	defer f.mu.Unlock()
	urls := map[string]string{}
	for _, s := range f.sources {
		urls[s.config.Name] = s.config.URL
	}
	known := map[checkpoint.Metric]domain.Observation{}
	for ref, o := range f.readings.All() {
		if url, ok := urls[ref.Source]; ok {
			known[checkpoint.Metric{Ref: ref, URL: url}] = o
		}
	}
	return known
}
