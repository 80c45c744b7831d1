package publish

import "sync/atomic"

// A watcher is whoever wants to know of changes, if there is anyone.
type watcher struct {
	told atomic.Pointer[func(id string)]
}

// Watch has changed called with a widget's ID whenever its snapshot has changed, once its page is up, and when the widget has gone. That
// only ObservedAt has moved is no change. It is called while the widget's next page waits: it must be quick, and may ask for pages, but
// do nothing else with the board. There is one watcher at most, the last.
func (b *Publisher) Watch(changed func(id string)) { b.changed.told.Store(&changed) }

func (w *watcher) tell(id string) {
	if changed := w.told.Load(); changed != nil {
		(*changed)(id)
	}
}
