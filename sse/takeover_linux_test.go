package sse

import (
	"bufio"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func init() { transports = append(transports, takenOver) }

// settle returns when every loop has swept its connections at the current time.
func settle(h *Hub) {
	loops := h.transports[0].(*takeover).all()
	for range 2 { // a loop sweeps after its tasks
		var done sync.WaitGroup
		for _, l := range loops {
			done.Add(1)
			if !l.post(done.Done) {
				done.Done()
			}
		}
		done.Wait()
	}
}

func TestTakeOverCloseWithStoppedReaders(t *testing.T) {
	w := newWorld(t, takenOver, still)
	for range 20 {
		w.dial("a")
	}
	for i := range 100 {
		w.set("a", fmt.Sprintf("v%d %s", i, strings.Repeat("x", 20_000)))
	}
	w.Close()
	if !w.streams(0)() {
		t.Error("Close returned while streams were open")
	}
}

// Streams that were taken over have no goroutines, and all receive every change.
func TestTakeOverThousand(t *testing.T) {
	readers := 1000
	if testing.Short() {
		readers = 200
	}
	w := newWorld(t, takenOver, still)
	first := w.dial("a")
	before := runtime.NumGoroutine()
	all := []net.Conn{first}
	for len(all) < readers {
		all = append(all, w.dial("a"))
	}
	w.until("all requests have ended", func() bool { return runtime.NumGoroutine() <= before+5 })
	if !w.streams(readers)() {
		t.Errorf("%v streams", w.metric("waitboard_streams"))
	}
	w.set("a", "a2 two")
	listeners := make([]*listener, readers)
	for i, conn := range all {
		listeners[i] = &listener{t: t, lines: bufio.NewScanner(conn)}
		listeners[i].expect(retry, snapshot("a1 one"), snapshot("a2 two"))
	}
	w.Close()
	for _, l := range listeners {
		l.expect(end)
	}
}
