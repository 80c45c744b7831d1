package publish

import "sync"

// watchers are the functions to call when a snapshot changed.
type watchers struct {
	mu    sync.Mutex // guards funcs; never held during a call
	funcs []*func(id string)
}

// Watch calls changed with a widget's ID after each change of its snapshot, once the new page can be read, and after the widget's
// removal. A newer ObservedAt alone is no change. The publisher waits for the call: it must be quick, and may read pages, but call nothing
// else of the publisher. Any number of watchers can be there. Stop removes this one; a call in progress may still end after it.
func (p *Publisher) Watch(changed func(id string)) (stop func()) {
	added := &changed
	w := &p.watchers
	w.mu.Lock()
	defer w.mu.Unlock()
	w.funcs = append(w.funcs[:len(w.funcs):len(w.funcs)], added) // notify may be reading the old one
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		var rest []*func(id string)
		for _, f := range w.funcs {
			if f != added {
				rest = append(rest, f)
			}
		}
		w.funcs = rest
	}
}

func (w *watchers) notify(id string) {
	w.mu.Lock()
	funcs := w.funcs
	w.mu.Unlock()
	for _, f := range funcs {
		(*f)(id)
	}
}
