package poller

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
)

// PrometheusMetrics are the metrics of all pollers of a process. Labels name sources and outcomes, never upstream metrics
// or people.
type PrometheusMetrics struct {
	registry prometheus.Registerer
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	sockets  *prometheus.GaugeVec
	connects *prometheus.CounterVec
	losses   *prometheus.CounterVec
	messages *prometheus.CounterVec
}

// NewPrometheusMetrics registers the metrics.
func NewPrometheusMetrics(r prometheus.Registerer) *PrometheusMetrics {
	labels := []string{"source", "outcome"}
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &PrometheusMetrics{
		registry: r,
		requests: counter("waitboard_upstream_requests_total", "Requests to a source, by outcome: ok, or why it failed."),
		connects: counter("waitboard_upstream_connects_total", "Attempts to open a WebSocket to a source, by outcome: ok, or why it failed."),
		messages: counter("waitboard_upstream_messages_total", "Messages that a source pushed, by outcome: taken, or why it was ignored."),
		losses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_upstream_disconnects_total",
			Help: "WebSockets to a source that ended, by cause. missed_change: a poll found a change that the source had not pushed.",
		}, []string{"source", "cause"}),
		sockets: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "waitboard_upstream_sockets",
			Help: "Open WebSockets through which a source pushes changes.",
		}, labels[:1]),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "waitboard_poll_duration_seconds",
			Help:    "Duration of full polls of a source, including all their requests.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, labels[:1]),
	}
	r.MustRegister(m.requests, m.duration, m.sockets, m.connects, m.losses, m.messages)
	return m
}

// Forget drops the series of a source that is no longer polled.
func (m *PrometheusMetrics) Forget(source string) {
	of := prometheus.Labels{"source": source}
	for _, vec := range []interface {
		DeletePartialMatch(labels prometheus.Labels) int
	}{m.requests, m.duration, m.sockets, m.connects, m.losses, m.messages} {
		vec.DeletePartialMatch(of)
	}
	m.registry.Unregister(ageGauge(source, nil))
}

// expectPushes makes the counters of a source that can push changes start at 0, so that increase() sees the first event.
func (m *PrometheusMetrics) expectPushes(source string) {
	for _, outcome := range []string{taken, older, unexpected, unreadable} {
		m.messages.WithLabelValues(source, outcome)
	}
	for _, cause := range []domain.Cause{domain.Timeout, domain.Unreachable, domain.TooLarge, errMissedPush.Cause} {
		m.losses.WithLabelValues(source, string(cause))
	}
}

// watch exports a source's age, which grows between polls, in place of that of an earlier poller.
func (m *PrometheusMetrics) watch(source string, age func() float64) {
	gauge := ageGauge(source, age)
	m.registry.Unregister(gauge)
	m.registry.MustRegister(gauge)
}

func ageGauge(source string, age func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "waitboard_source_data_age_seconds",
		Help:        "Time since a source last sent a value; +Inf before it ever did.",
		ConstLabels: prometheus.Labels{"source": source},
	}, age)
}

// count counts an attempt, unless it was canceled because the poller stops.
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
