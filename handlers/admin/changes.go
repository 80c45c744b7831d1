package admin

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"waitboard/handlers/respond"
)

// Changes notifies open dashboards that something changed. The zero value is ready to use, and safe for concurrent use.
type Changes struct {
	mu     sync.Mutex // guards what follows
	open   map[chan struct{}]struct{}
	closed bool
}

// maxDashboards is how many event streams can be open at a time.
const maxDashboards = 64

// Notify notifies all dashboards. It never waits.
func (c *Changes) Notify() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for each := range c.open {
		select {
		case each <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// End ends all streams. Browsers connect again.
func (c *Changes) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for each := range c.open {
		close(each)
	}
	c.open = nil
}

// Close ends all streams, and allows no others.
func (c *Changes) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.End()
}

// watch returns a channel with one element after a change, which closes when the stream must end, or why there is none.
func (c *Changes) watch() (chan struct{}, *respond.Problem) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, errClosing
	case len(c.open) >= maxDashboards:
		return nil, errCrowded
	}
	if c.open == nil {
		c.open = map[chan struct{}]struct{}{}
	}
	changed := make(chan struct{}, 1)
	c.open[changed] = struct{}{}
	return changed, nil
}

// leave ends the stream of a channel.
func (c *Changes) leave(changed chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, changed)
}

// The pace of an event stream: an event at most once in least, so that a busy service doesn't keep browsers busy, and at least once in most,
// because ages and running waits grow without a change.
const (
	least = time.Second
	most  = 5 * time.Second
)

// sendTime is how long a browser may take to accept an event.
const sendTime = 10 * time.Second

var (
	errClosing = respond.NewProblem(http.StatusServiceUnavailable, "closing", "The service stops. Retry later.")
	errCrowded = respond.NewProblem(http.StatusServiceUnavailable, "too_many_dashboards", fmt.Sprintf("Too many dashboards are open: %d. Close some, or read the state every few seconds.", maxDashboards))
	typeEvents = []string{"text/event-stream"}
	unbuffered = []string{"no"}
	retryAfter = []string{"5"}
)

// events sends an event whenever the dashboard should be read again.
func (a *admin) events(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	changed, problem := a.Changes.watch()
	if problem != nil {
		if problem == errCrowded { // the script of the dashboard recognizes it by this
			h["Retry-After"] = retryAfter
		}
		problem.Send(w, r)
		return
	}
	defer a.Changes.leave(changed)
	h["Content-Type"], h["X-Accel-Buffering"] = typeEvents, unbuffered
	if r.Method == http.MethodHead {
		return
	}
	stream := http.NewResponseController(w)
	beat := time.NewTimer(most)
	defer beat.Stop()
	for open, event := true, "retry: 2000\n\n"; open; event = "event: changed\ndata:\n\n" {
		_ = stream.SetWriteDeadline(a.Now().Add(sendTime)) // in place of that of the server
		if _, err := w.Write([]byte(event)); err != nil || stream.Flush() != nil {
			return
		}
		beat.Reset(least)
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
		}
		beat.Reset(most - least)
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
		case _, open = <-changed:
		}
	}
}
