package simulator

import (
	"maps"
	"net/http"
	"strings"
	"sync"
)

// Requests counts the requests and responses of the API port.
type Requests struct {
	List   int64 // requests for the list of metrics, counted when they come in
	Values int64 // requests for values
	Other  int64 // requests for anything else

	Subscriptions int64 // attempts to subscribe
	Open          int64 // subscriptions that are open now

	// ByStatus counts the responses by HTTP status, just before each is sent. A
	// client that has a response finds it counted.
	ByStatus map[int]int64
	// Cut counts the requests whose connection was cut, also those of clients
	// that left while they were held.
	Cut int64
}

// counters counts Requests. It is safe for concurrent use.
type counters struct {
	mu sync.Mutex
	n  Requests
}

func newCounters() *counters {
	return &counters{n: Requests{ByStatus: map[int]int64{}}}
}

func (c *counters) add(count func(*Requests)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	count(&c.n)
}

// snapshot returns a copy.
func (c *counters) snapshot() Requests {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.n
	n.ByStatus = maps.Clone(n.ByStatus)
	return n
}

// counting counts the requests to next.
func (s *Simulator) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.count.add(func(n *Requests) {
			switch {
			case strings.HasSuffix(r.URL.Path, valuesPath):
				n.Values++
			case strings.HasSuffix(r.URL.Path, metricsPath):
				n.List++
			case strings.HasSuffix(r.URL.Path, subscribePath):
				n.Subscriptions++
			default:
				n.Other++
			}
		})
		answer := &countedAnswer{ResponseWriter: w, count: s.count}
		defer func() {
			// Count it and panic again: net/http cuts the connection.
			if cut := recover(); cut != nil {
				s.count.add(func(n *Requests) { n.Cut++ })
				panic(cut)
			}
			s.opts.Log.Debug("request answered", "path", r.URL.Path, "status", answer.status)
		}()
		next.ServeHTTP(answer, r)
	})
}

// countedAnswer counts the status when it is sent.
type countedAnswer struct {
	http.ResponseWriter
	count  *counters
	status int // 0 before it is sent
}

func (a *countedAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
		a.count.add(func(n *Requests) { n.ByStatus[status]++ })
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *countedAnswer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *countedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
