package simulator

import "time"

// event is a scheduled change of the call center.
type event struct {
	at     time.Time
	order  uint64 // orders events at the same instant, so that runs repeat
	happen func()
}

// eventHeap is a heap.Interface with the next event at the top.
type eventHeap []event

func (h eventHeap) Len() int { return len(h) }

func (h eventHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].order < h[j].order
	}
	return h[i].at.Before(h[j].at)
}

func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *eventHeap) Push(e any) { *h = append(*h, e.(event)) }

func (h *eventHeap) Pop() any {
	old := *h
	last := len(old) - 1
	e := old[last]
	old[last] = event{} // release what the event refers to
	*h = old[:last]
	return e
}
