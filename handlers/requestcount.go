package handlers

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// requestCounter counts public requests by route and status, and measures how long they take.
type requestCounter struct {
	total    *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newRequestCounter(r prometheus.Registerer) *requestCounter {
	return &requestCounter{
		registered(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_http_requests_total",
			Help: "Public requests, by route (any: preflights and rejections) and status code.",
		}, []string{"route", "code"})),
		registered(r, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "waitboard_http_request_duration_seconds",
			Help:    "Duration of public requests by route, without event streams, preflights and rejections.",
			Buckets: []float64{.001, .005, .025, .1, .5, 2.5},
		}, []string{"route"})),
	}
}

// timed returns a function that notes the duration of an answer of a route; it does nothing for event streams, which last as long as their readers.
func (c *requestCounter) timed(route string) (note func(time.Duration)) {
	if strings.HasSuffix(route, "/events") {
		return func(time.Duration) {}
	}
	histogram := c.duration.WithLabelValues(route)
	return func(d time.Duration) { histogram.Observe(d.Seconds()) }
}

// registered registers a collector, or returns the one that an earlier handler has registered under the same name.
func registered[C prometheus.Collector](r prometheus.Registerer, collector C) C {
	var before prometheus.AlreadyRegisteredError
	switch err := r.Register(collector); {
	case errors.As(err, &before):
		return before.ExistingCollector.(C)
	case err != nil:
		panic(err) // another collector has this name
	}
	return collector
}

// route returns a function that counts an answer of a route. It looks up the counters of the usual statuses in advance.
func (c *requestCounter) route(route string, usual ...int) (count func(status int)) {
	counters := make([]prometheus.Counter, len(usual))
	for i, status := range usual {
		counters[i] = c.total.WithLabelValues(route, strconv.Itoa(status))
	}
	return func(status int) {
		for i := range usual {
			if usual[i] == status {
				counters[i].Inc()
				return
			}
		}
		c.total.WithLabelValues(route, strconv.Itoa(status)).Inc()
	}
}
