package sse

import (
	"runtime"
	"sync"
)

// maxLoops bounds how many goroutines write to the connections that were taken over. Writing is what costs: a system call for
// each reader.
const maxLoops = 8

// loops share the connections that a hub has taken over. They are started for the first of them.
type loops struct {
	mu      sync.Mutex // guards what follows
	all     []*loop
	next    int
	closed  bool
	running sync.WaitGroup
}

// pick is the loop for another connection; nil when there can be none.
func (ls *loops) pick(h *Hub) *loop {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.closed {
		return nil
	}
	if ls.all == nil {
		for range min(runtime.GOMAXPROCS(0), maxLoops) {
			l, err := newLoop(h)
			if err != nil { // the process has no descriptors left; those before it do
				break
			}
			ls.all = append(ls.all, l)
			ls.running.Go(l.run)
		}
	}
	if len(ls.all) == 0 {
		return nil
	}
	ls.next++
	return ls.all[ls.next%len(ls.all)]
}

func (ls *loops) changed(t *topic) {
	ls.mu.Lock()
	all := ls.all
	ls.mu.Unlock()
	for _, l := range all {
		l.post(func() { l.changed(t) })
	}
}

// close ends them and their streams.
func (ls *loops) close() {
	ls.mu.Lock()
	ls.closed = true
	all := ls.all
	ls.mu.Unlock()
	for _, l := range all {
		l.stop()
	}
	ls.running.Wait()
}
