package poller

import (
	"context"
	"errors"
	"math"

	"github.com/prometheus/client_golang/prometheus"
)

var inf = math.Inf(1)

// Metrics are the pollers' figures for Prometheus. Labels name sources and outcomes, never metrics or people.
type Metrics struct {
	registerer prometheus.Registerer
	requests   *prometheus.CounterVec
	duration   *prometheus.HistogramVec
}

// NewMetrics registers the figures of all pollers of a process.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		registerer: r,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_upstream_requests_total",
			Help: "Requests to a source, by outcome: ok, or why it failed.",
		}, []string{"source", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "waitboard_poll_duration_seconds",
			Help:    "How long one full poll of a source took, with all its requests.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"source"}),
	}
	r.MustRegister(m.requests, m.duration)
	return m
}

// watch publishes a source's age, which grows between polls.
func (m *Metrics) watch(source string, age func() float64) {
	m.registerer.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "waitboard_source_data_age_seconds",
		Help:        "Time since a source last answered for a metric; +Inf before it ever did.",
		ConstLabels: prometheus.Labels{"source": source},
	}, age))
}

func (m *Metrics) count(source string, err error) {
	outcome := "ok"
	switch {
	case errors.Is(err, context.Canceled):
		return // we are stopping
	case err != nil:
		outcome = string(failureOf(err).Cause)
	}
	m.requests.WithLabelValues(source, outcome).Inc()
}
