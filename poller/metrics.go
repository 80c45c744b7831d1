package poller

import (
	"context"
	"errors"
	"maps"
	"math"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

var inf = math.Inf(1)

// Metrics are the pollers' figures for Prometheus. Labels name sources and outcomes, never metrics or people.
type Metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	ages     *ages
}

// NewMetrics registers the figures of all pollers of a process.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_upstream_requests_total",
			Help: "Requests to a source, by outcome: ok, or why it failed.",
		}, []string{"source", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "waitboard_poll_duration_seconds",
			Help:    "How long one full poll of a source took, with all its requests.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"source"}),
		ages: &ages{of: map[string]func() float64{}},
	}
	r.MustRegister(m.requests, m.duration, m.ages)
	return m
}

// Forget drops the figures of a source that is no longer polled.
func (m *Metrics) Forget(source string) {
	m.requests.DeletePartialMatch(prometheus.Labels{"source": source})
	m.duration.DeleteLabelValues(source)
	m.ages.mu.Lock()
	defer m.ages.mu.Unlock()
	delete(m.ages.of, source)
}

// watch publishes a source's age.
func (m *Metrics) watch(source string, age func() float64) {
	m.ages.mu.Lock()
	defer m.ages.mu.Unlock()
	m.ages.of[source] = age
}

// ages are the sources' ages, which grow between polls and so are worked out when they are asked for.
type ages struct {
	mu sync.Mutex
	of map[string]func() float64
}

var ageDesc = prometheus.NewDesc("waitboard_source_data_age_seconds", "Time since a source last answered for a metric; +Inf before it ever did.", []string{"source"}, nil)

func (a *ages) Describe(out chan<- *prometheus.Desc) { out <- ageDesc }

func (a *ages) Collect(out chan<- prometheus.Metric) {
	a.mu.Lock()
	of := maps.Clone(a.of)
	a.mu.Unlock()
	for source, age := range of {
		out <- prometheus.MustNewConstMetric(ageDesc, prometheus.GaugeValue, age(), source)
	}
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
