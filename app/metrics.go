package app

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"waitboard/config"
	"waitboard/domain"
	"waitboard/poller"
)

// registerProcess registers the Prometheus metrics that belong to no single part: the program, its runtime, widgets, and upstream metrics.
// current is called at each scrape.
func registerProcess(r prometheus.Registerer, f *feed, version string, current func() *config.Config) {
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "waitboard_build_info",
		Help:        "Always 1; the labels name the version.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()},
	})
	build.Set(1)
	r.MustRegister(build, runtimeCollector(sync.OnceValue(func() []prometheus.Collector {
		return []prometheus.Collector{collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})}
	})), stateCollector{f, current}, f.publisher.Collector(func() bool { return current().Private }))
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

// A stateCollector counts widgets and looks at sources at each scrape.
type stateCollector struct {
	feed    *feed
	current func() *config.Config
}

var (
	widgetStates = prometheus.NewDesc("waitboard_widgets", "Widgets, by the state that the public sees.", []string{"state"}, nil)
	staleWidgets = prometheus.NewDesc("waitboard_widgets_stale", "Open widgets that show something stale.", nil, nil)
	renders      = prometheus.NewDesc("waitboard_snapshots_rendered_total", "Snapshots that were rendered because something in them changed.", nil, nil)
	troubled     = prometheus.NewDesc("waitboard_source_metrics_in_trouble", "Upstream metrics that widgets show and that can't have a value: not found, rejected, or still initializing.", []string{"source"}, nil)
	trouble      = prometheus.NewDesc("waitboard_metric_trouble", "Always 1: the metric of the widget has no value, for this reason.", []string{"widget", "metric", "reason"}, nil)
	failure      = prometheus.NewDesc("waitboard_source_failure", "Always 1: the last poll of the source failed, for this cause.", []string{"source", "cause"}, nil)
	staleAfter   = prometheus.NewDesc("waitboard_source_stale_after_seconds", "The shortest stale_after of the widgets that show the source.", []string{"source"}, nil)
)

// Describe sends all descriptions.
func (c stateCollector) Describe(out chan<- *prometheus.Desc) {
	for _, each := range []*prometheus.Desc{widgetStates, staleWidgets, renders, troubled, trouble, failure, staleAfter} {
		out <- each
	}
}

// Collect sends the values of this moment.
func (c stateCollector) Collect(out chan<- prometheus.Metric) {
	states, stale := c.feed.publisher.States()
	for state, n := range states {
		out <- gauge(widgetStates, float64(n), string(state))
	}
	out <- gauge(staleWidgets, float64(stale))
	out <- prometheus.MustNewConstMetric(renders, prometheus.CounterValue, float64(c.feed.publisher.Renders()))
	c.collectWidgets(out, c.collectSources(out))
}

// collectSources collects the state of each source that this replica polls, and returns the reports on their metrics.
func (c stateCollector) collectSources(out chan<- prometheus.Metric) map[domain.Ref]poller.MetricReport {
	reports := map[domain.Ref]poller.MetricReport{}
	for _, s := range c.feed.list() {
		if member := s.shared(); member != nil && !member.Polls() {
			continue // the replica that polls the source reports on it
		}
		name, report, n := s.config.Name, s.current().Report(), 0
		for _, m := range report.Metrics {
			reports[domain.Ref{Source: name, Metric: m.Want.Metric}] = m
			if m.Trouble() != "" {
				n++
			}
		}
		out <- gauge(troubled, float64(n), name)
		if report.Failure != nil {
			out <- gauge(failure, 1, name, string(report.Failure.Cause))
		}
	}
	return reports
}

// collectWidgets collects the metrics of widgets that are in trouble, and how old values may be.
func (c stateCollector) collectWidgets(out chan<- prometheus.Metric, reports map[domain.Ref]poller.MetricReport) {
	least := map[string]time.Duration{}
	for _, w := range c.current().Widgets {
		unfit := c.feed.publisher.Unfit(w.ID)
		for _, m := range w.Metrics {
			reasons := map[string]bool{string(unfit[m.ID]): true}
			for _, in := range m.Inputs() {
				report, ok := reports[domain.Ref{Source: in.Source, Metric: in.Metric}]
				if !ok {
					clear(reasons)
					break
				}
				if before, ok := least[m.Source]; !ok || w.StaleAfter < before {
					least[m.Source] = w.StaleAfter
				}
				reasons[string(reasonOf(report, in))] = true
			}
			delete(reasons, "")
			for reason := range reasons {
				out <- gauge(trouble, 1, w.ID, m.ID, reason)
			}
		}
	}
	for source, d := range least {
		out <- gauge(staleAfter, d.Seconds(), source)
	}
}

// reasonOf returns why a widget's metric has no value. Category values that only other widgets choose don't matter.
func reasonOf(report poller.MetricReport, m config.WidgetMetric) poller.Reason {
	report.Missing = slices.DeleteFunc(slices.Clone(report.Missing), func(category string) bool { return !slices.Contains(m.Categories, category) })
	return report.Reason()
}

func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}
