package cluster

import "github.com/prometheus/client_golang/prometheus"

// metrics are the Prometheus metrics of a cluster.
type metrics struct {
	dropped prometheus.Counter
	cluster *Cluster
}

var (
	connectedDesc = prometheus.NewDesc("waitboard_cluster_connected", "1 if the engine of the cluster answers, otherwise 0.", nil, nil)
	offsetDesc    = prometheus.NewDesc("waitboard_cluster_clock_offset_seconds", "How far the clock of this replica is ahead of the engine's.", nil, nil)
	replicasDesc  = prometheus.NewDesc("waitboard_cluster_replicas", "Live replicas, as this one sees them.", nil, nil)
	leaseDesc     = prometheus.NewDesc("waitboard_source_lease", "1 if this replica holds the lease of the source, otherwise 0.", []string{"source"}, nil)
)

func newMetrics(r prometheus.Registerer, c *Cluster) *metrics {
	m := &metrics{cluster: c, dropped: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "waitboard_cluster_refused_writes_total",
		Help: "Writes of a poller that were dropped because this replica no longer held the lease.",
	})}
	if r != nil {
		r.MustRegister(m.dropped, m)
	}
	return m
}

// Describe describes the metrics that Collect collects.
func (m *metrics) Describe(out chan<- *prometheus.Desc) {
	for _, each := range []*prometheus.Desc{connectedDesc, offsetDesc, replicasDesc, leaseDesc} {
		out <- each
	}
}

// Collect collects the state of this moment.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	bit := map[bool]float64{true: 1}
	c := m.cluster
	c.mu.Lock()
	connected, offset, live := c.ready.Load(), c.offset, len(c.live)
	c.mu.Unlock()
	gauge(connectedDesc, bit[connected])
	gauge(offsetDesc, offset.Seconds())
	gauge(replicasDesc, float64(live))
	for _, each := range c.list() {
		gauge(leaseDesc, bit[each.holds()], each.o.Name)
	}
}
