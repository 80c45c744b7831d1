package sse

import "github.com/prometheus/client_golang/prometheus"

// metrics are the figures of streams. None of them tells who reads what.
type metrics struct {
	open                  prometheus.Gauge
	snapshots, heartbeats prometheus.Counter
	cut                   prometheus.Counter
	refused               *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "waitboard_stream_events_total",
		Help: "Events written to streams: snapshots and heartbeats.",
	}, []string{"event"})
	m := &metrics{
		open:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "waitboard_streams", Help: "Streams that are open."}),
		snapshots: events.WithLabelValues("snapshot"), heartbeats: events.WithLabelValues("heartbeat"),
		cut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "waitboard_streams_cut_total",
			Help: "Streams cut off because their reader did not take what was written.",
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waitboard_streams_refused_total",
			Help: "Streams refused, by the limit that was reached: total, address or widget; closing: the service is stopping.",
		}, []string{"limit"}),
	}
	r.MustRegister(m.open, events, m.cut, m.refused)
	for _, limit := range limitNames {
		m.refused.WithLabelValues(limit)
	}
	return m
}

// limitNames are the reasons for which count refuses a stream.
var limitNames = map[error]string{ErrFull: "total", ErrClientFull: "address", ErrTopicFull: "widget", ErrClosed: "closing"}
