package sse

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A loop writes to taken-over connections from one goroutine, which owns them: they need no locks, goroutines, buffers or timers. The kernel
// reports (epoll) when a reader has left or can take more. The loop never reads what a reader sends.
type loop struct {
	hub           *Hub
	epoll, wakeup int // descriptors; wakeup is an eventfd

	mu      sync.Mutex // guards tasks and stopped
	tasks   []func()
	stopped bool

	// The goroutine owns the fields below.
	conns     []*conn // by descriptor
	open      int     // number of conns
	followers map[*topic]map[*conn]struct{}
	swept     time.Duration // time of the last sweep
	found     [128]unix.EpollEvent
	count     [8]byte    // read from wakeup
	scratch   [2048]byte // read from readers
}

func newLoop(h *Hub) (*loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	wakeup, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err == nil {
		if err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, wakeup, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(wakeup)}); err != nil {
			_ = unix.Close(wakeup)
		}
	}
	if err != nil {
		_ = unix.Close(epoll)
		return nil, err
	}
	return &loop{hub: h, epoll: epoll, wakeup: wakeup, followers: map[*topic]map[*conn]struct{}{}}, nil
}

// post runs a task on the loop. It returns false if the loop has stopped.
func (l *loop) post(task func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped {
		return false
	}
	l.tasks = append(l.tasks, task)
	if len(l.tasks) == 1 {
		l.wake()
	}
	return true
}

// stop ends the loop and its streams. A second call does nothing, because the descriptor of wakeup may belong to something else by then.
func (l *loop) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.stopped {
		l.stopped = true
		l.wake()
	}
}

// wake wakes the loop. The caller must hold the mutex: the loop closes wakeup only after it has seen stopped.
func (l *loop) wake() {
	_, _ = unix.Write(l.wakeup, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // an eventfd takes 2^64 of these
}

func (l *loop) run() {
	for stopped := false; !stopped; {
		l.await()
		stopped = l.work()
		l.sweep()
	}
	for _, c := range l.conns {
		if c != nil {
			l.end(c)
		}
	}
	_ = unix.Close(l.wakeup)
	_ = unix.Close(l.epoll)
}

// await waits for events and handles the events of connections.
func (l *loop) await() {
	n, err := unix.EpollWait(l.epoll, l.found[:], l.pause())
	if err != nil && !errors.Is(err, unix.EINTR) {
		panic(fmt.Sprintf("sse: epoll_wait: %v", err)) // only for wrong arguments
	}
	for _, each := range l.found[:max(n, 0)] {
		if fd := int(each.Fd); fd != l.wakeup {
			l.ready(l.conns[fd], each.Events) // epoll reports each connection once, so it is still open
		} else {
			_, _ = unix.Read(l.wakeup, l.count[:])
		}
	}
}

// work runs the tasks, and reports whether the loop must stop.
func (l *loop) work() (stopped bool) {
	l.mu.Lock()
	tasks, stopped := l.tasks, l.stopped
	l.tasks = nil
	l.mu.Unlock()
	for _, task := range tasks {
		task()
	}
	return stopped
}

// pause returns the time until the next sweep in milliseconds; -1: no limit.
func (l *loop) pause() int {
	if l.open == 0 {
		return -1
	}
	return max(int((l.swept+l.sweepEvery()-l.hub.clock())/time.Millisecond), 0) + 1
}

// sweepEvery returns the time between two sweeps. A sweep of hundreds of thousands of connections takes some milliseconds, and saves a timer
// for each.
func (l *loop) sweepEvery() time.Duration {
	p := l.hub.o.Pace
	return min(time.Second, p.Heartbeat/16, p.WriteTimeout/4, p.MaxAge/4)
}

// sweep cuts readers that block for too long, ends old streams, and sends heartbeats.
func (l *loop) sweep() {
	h := l.hub
	now, at := h.clock(), h.o.Now()
	if now < l.swept+l.sweepEvery() {
		return
	}
	l.swept = now
	for _, c := range l.conns {
		switch {
		case c == nil:
		case c.blocked:
			if now >= c.blockedAt+h.o.Pace.WriteTimeout {
				h.metrics.cut.Inc()
				l.drop(c)
			}
		case now >= c.end:
			l.end(c)
		case now >= c.nextBeat:
			c.nextBeat = now + h.vary(h.o.Pace.Heartbeat)
			text, events := c.heartbeat(nil, at)
			h.metrics.heartbeats.Add(float64(events))
			l.send(c, text)
		}
	}
}
