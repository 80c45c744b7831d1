package handlers

import (
	"errors"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// requestCounter counts public requests by route and status.
type requestCounter struct{ total *prometheus.CounterVec }

func newRequestCounter(r prometheus.Registerer) *requestCounter {
	return &requestCounter{registered(r, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "waitboard_http_requests_total",
		Help: "Public requests, by route (any: preflights and rejections) and status code.",
	}, []string{"route", "code"}))}
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
