package poller

import (
	"context"
	"errors"
	"maps"
	"math"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
)

// Metrics are the pollers' figures for Prometheus. Labels name sources and outcomes, never metrics or people.
type Metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	ages     *ages

	sockets  *prometheus.GaugeVec
	connects *prometheus.CounterVec
	losses   *prometheus.CounterVec
	messages *prometheus.CounterVec
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
		sockets: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "waitboard_upstream_sockets",
			Help: "WebSockets through which a source tells of changes.",
		}, []string{"source"}),
		connects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_upstream_connects_total",
			Help: "Attempts to have a source tell of changes through a WebSocket, by outcome: ok, or why it failed.",
		}, []string{"source", "outcome"}),
		losses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_upstream_disconnects_total",
			Help: "WebSockets of a source that ended, by cause: why, or missed_change, when a poll found a change that the source did not tell of.",
		}, []string{"source", "cause"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_upstream_messages_total",
			Help: "Messages of a source, by outcome: taken, or why it was of no use.",
		}, []string{"source", "outcome"}),
	}
	r.MustRegister(m.requests, m.duration, m.ages, m.sockets, m.connects, m.losses, m.messages)
	return m
}

// Forget drops the figures of a source that is no longer polled.
func (m *Metrics) Forget(source string) {
	of := prometheus.Labels{"source": source}
	for _, vec := range []interface {
		DeletePartialMatch(labels prometheus.Labels) int
	}{m.requests, m.duration, m.sockets, m.connects, m.losses, m.messages} {
		vec.DeletePartialMatch(of)
	}
	m.ages.mu.Lock()
	defer m.ages.mu.Unlock()
	delete(m.ages.of, source)
}

// expect has the figures of a source that can tell of changes begin at 0, so that the first event is seen as one.
func (m *Metrics) expect(source string) {
	for _, outcome := range []string{taken, older, unexpected, unreadable} {
		m.messages.WithLabelValues(source, outcome)
	}
	for _, cause := range []domain.Cause{domain.Timeout, domain.Unreachable, domain.TooLarge, errMissed.Cause} {
		m.losses.WithLabelValues(source, string(cause))
	}
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

// age is how many seconds ago the source last answered for a metric; +Inf when it never did.
func (p *Poller) age() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fresh.IsZero() {
		return math.Inf(1)
	}
	return p.now().Sub(p.fresh).Seconds()
}

// count counts one attempt, unless it ended because we are stopping.
func count(attempts *prometheus.CounterVec, source string, err error) {
	outcome := "ok"
	switch {
	case errors.Is(err, context.Canceled):
		return
	case err != nil:
		outcome = string(failureOf(err).Cause)
	}
	attempts.WithLabelValues(source, outcome).Inc()
}
