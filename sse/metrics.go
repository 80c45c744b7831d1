package sse

import "github.com/prometheus/client_golang/prometheus"

// metrics counts streams and events. No label identifies a reader or a widget.
type metrics struct {
	open                  prometheus.Gauge
	snapshots, heartbeats prometheus.Counter
	cut                   prometheus.Counter
	refused               *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "waitboard_stream_events_total",
		Help: "Events written to streams, by type: snapshot or heartbeat.",
	}, []string{"event"})
	m := &metrics{
		open:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "waitboard_streams", Help: "Open event streams."}),
		snapshots: events.WithLabelValues("snapshot"), heartbeats: events.WithLabelValues("heartbeat"),
		cut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "waitboard_streams_cut_total",
			Help: "Event streams cut because their reader stopped reading.",
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_streams_refused_total",
			Help: "Event streams rejected, by the limit reached: total, address or widget; closing: the service is stopping.",
		}, []string{"limit"}),
	}
	r.MustRegister(m.open, events, m.cut, m.refused)
	for _, limit := range limitNames {
		m.refused.WithLabelValues(limit)
	}
	return m
}

// limitNames maps the errors of count to values of the label limit.
var limitNames = map[error]string{ErrFull: "total", ErrClientFull: "address", ErrTopicFull: "widget", ErrClosed: "closing"}
