package admin

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A stream records what a handler writes.
type stream struct {
	*httptest.ResponseRecorder
	mu sync.Mutex
}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ResponseRecorder.Write(p)
}

// count returns how many events came so far.
func (s *stream) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.Body.String(), "event: changed\ndata:\n\n")
}

// open starts a stream, and returns it with a function that ends it and waits for that.
func (f *fixture) open(t *testing.T) (s *stream, end func()) {
	s = &stream{ResponseRecorder: httptest.NewRecorder()}
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, "GET", "/events", nil)
	r.Host = "localhost"
	ended := make(chan struct{})
	go func() { defer close(ended); f.ServeHTTP(s, r) }()
	synctest.Wait()
	return s, func() { cancel(); <-ended }
}

// A stream sends an event at most once a second and at least every five.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil, nil)
		s, end := f.open(t)
		defer end()
		wait := func(d time.Duration, want int) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if n := s.count(); n != want {
				t.Errorf("%d events, want %d", n, want)
			}
		}
		if h := s.Header(); h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("header %v", h)
		}
		f.changes.Notify()
		f.changes.Notify()
		wait(999*time.Millisecond, 0)
		wait(2*time.Millisecond, 1)
		wait(4900*time.Millisecond, 1) // nothing changes
		wait(time.Second, 2)
		for range 1000 { // a flood
			f.changes.Notify()
			time.Sleep(10 * time.Millisecond)
		}
		wait(0, 12)
	})
}

// Streams end when the service says so, and when the browser goes. Then they take no place.
func TestEventsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil, nil)
		var ends []func()
		for range maxDashboards {
			_, end := f.open(t)
			ends = append(ends, end)
		}
		if resp := f.do("GET", "/events", ""); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") != "5" || !strings.Contains(text(t, resp), `"code":"too_many_dashboards"`) {
			t.Errorf("one too many: %d %v", resp.StatusCode, resp.Header)
		}
		ends[0]()
		if len(f.changes.open) != maxDashboards-1 {
			t.Errorf("%d are open", len(f.changes.open))
		}
		f.changes.End()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := len(f.changes.open); n != 0 {
			t.Errorf("%d are open", n)
		}
		_, end := f.open(t) // a browser comes again
		f.changes.Close()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if resp := f.do("GET", "/events", ""); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") != "" || !strings.Contains(text(t, resp), `"code":"closing"`) {
			t.Errorf("after the end: %d %v", resp.StatusCode, resp.Header)
		}
		for _, each := range append(ends, end) {
			each()
		}
	})
}
