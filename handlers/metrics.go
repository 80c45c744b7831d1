package handlers

import (
	"errors"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// requestCounter counts public requests by route and status.
type requestCounter struct{ total *prometheus.CounterVec }

func newRequestCounter(r prometheus.Registerer) *requestCounter {
	c := &requestCounter{total: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "waitboard_http_requests_total",
		Help: "Public requests, by route (any: preflights and refusals) and status code.",
	}, []string{"route", "code"})}
	c.total = registered(r, c.total)
	return c
}

// registered is a figure that a handler before this one has registered, or the given one.
func registered[C prometheus.Collector](r prometheus.Registerer, figure C) C {
	var before prometheus.AlreadyRegisteredError
	switch err := r.Register(figure); {
	case errors.As(err, &before):
		return before.ExistingCollector.(C)
	case err != nil:
		panic(err) // something else has taken the name
	}
	return figure
}

// route returns the function that counts an answer of the route. The counters of its usual statuses are looked up in
// advance.
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
