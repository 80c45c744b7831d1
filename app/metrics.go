package app

import (
	"runtime"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// registerProcess registers the Prometheus metrics that belong to no single part: the program, its runtime, and the states of widgets
// and upstream metrics.
func registerProcess(r prometheus.Registerer, f *feed, version string) {
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "waitboard_build_info",
		Help:        "Always 1; the labels name the version.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()},
	})
	build.Set(1)
	r.MustRegister(build, runtimeCollector(sync.OnceValue(func() []prometheus.Collector {
		return []prometheus.Collector{collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})}
	})), stateCollector{f})
}

// A runtimeCollector creates the collectors of the Go runtime at the first scrape: they take most of the time of a start.
type runtimeCollector func() []prometheus.Collector

// Describe sends nothing, so that the registry creates nothing.
func (c runtimeCollector) Describe(chan<- *prometheus.Desc) {}

// Collect collects from all of them.
func (c runtimeCollector) Collect(out chan<- prometheus.Metric) {
	for _, each := range c() {
		each.Collect(out)
	}
}

// A stateCollector counts widgets and upstream metrics at each scrape.
type stateCollector struct{ feed *feed }

var (
	widgetStates = prometheus.NewDesc("waitboard_widgets", "Widgets, by the state that the public sees.", []string{"state"}, nil)
	staleWidgets = prometheus.NewDesc("waitboard_widgets_stale", "Open widgets that show something stale.", nil, nil)
	renders      = prometheus.NewDesc("waitboard_snapshots_rendered_total", "Snapshots that were rendered because something in them changed.", nil, nil)
	troubled     = prometheus.NewDesc("waitboard_source_metrics_in_trouble", "Upstream metrics that widgets show and that can't have a value: not found, rejected, or still initializing.", []string{"source"}, nil)
)

func (c stateCollector) Describe(out chan<- *prometheus.Desc) {
	out <- widgetStates
	out <- staleWidgets
	out <- renders
	out <- troubled
}

func (c stateCollector) Collect(out chan<- prometheus.Metric) {
	states, stale := c.feed.publisher.States()
	for state, n := range states {
		out <- prometheus.MustNewConstMetric(widgetStates, prometheus.GaugeValue, float64(n), string(state))
	}
	out <- prometheus.MustNewConstMetric(staleWidgets, prometheus.GaugeValue, float64(stale))
	out <- prometheus.MustNewConstMetric(renders, prometheus.CounterValue, float64(c.feed.publisher.Renders()))
	for _, s := range c.feed.list() {
		if member := s.shared(); member != nil && !member.Polls() {
			continue // the replica that polls the source counts them
		}
		n := 0
		for _, m := range s.current().Report().Metrics {
			if m.Trouble() != "" {
				n++
			}
		}
		out <- prometheus.MustNewConstMetric(troubled, prometheus.GaugeValue, float64(n), s.config.Name)
	}
}
