package app

import (
	"context"
	"time"

	"waitboard/checkpoint"
	"waitboard/config"
	"waitboard/domain"
	"waitboard/readings"
)

// saveEvery is the least time between two saves of the checkpoint, and so the most that a crash loses.
const saveEvery = 5 * time.Second

// restored returns the saved observations of the metrics that the widgets of a configuration show.
func restored(c *config.Config, store *checkpoint.Store, now time.Time) map[domain.Ref]domain.Observation {
	if store == nil {
		return nil
	}
	urls := map[string]string{}
	for _, s := range c.Sources {
		urls[s.Name] = s.URL
	}
	hideAfter := map[checkpoint.ServerRef]time.Duration{}
	for _, w := range c.Widgets {
		for _, m := range read(&w) {
			metric := checkpoint.ServerRef{Ref: domain.Ref{Source: m.Source, Metric: m.Metric}, URL: urls[m.Source]}
			hideAfter[metric] = max(hideAfter[metric], w.HideAfter)
		}
	}
	return store.Restore(hideAfter, now)
}

// saveChanges saves the checkpoint after changes, until ctx is done.
func (f *feed) saveChanges(ctx context.Context, changes *readings.Subscription) {
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
		case <-time.After(saveEvery):
		}
	}
}

// save saves the checkpoint. It logs a failure once; the service keeps running.
func (f *feed) save() {
	err := f.checkpoint.Save(f.latest())
	switch {
	case err != nil && !f.saveFailed:
		f.log.Warn("checkpoint not saved, retrying; a restart would lose the last values", "error", err)
	case err == nil && f.saveFailed:
		f.log.Info("checkpoint saved again")
	}
	f.saveFailed = err != nil
}

// latest returns the last observations of all sources, with the sources' URLs.
func (f *feed) latest() map[checkpoint.ServerRef]domain.Observation {
	f.mu.Lock() // so that no source changes its URL meanwhile
	defer f.mu.Unlock()
	urls := map[string]string{}
	for _, s := range f.sources {
		urls[s.config.Name] = s.config.URL
	}
	latest := map[checkpoint.ServerRef]domain.Observation{}
	for ref, o := range f.readings.All() {
		if url, ok := urls[ref.Source]; ok {
			latest[checkpoint.ServerRef{Ref: ref, URL: url}] = o
		}
	}
	return latest
}
