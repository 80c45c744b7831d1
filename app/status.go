package app

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"waitboard/config"
	"waitboard/handlers/admin"
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
		n := 0
		for _, m := range s.poller.Report().Metrics {
			if m.Trouble() != "" {
				n++
			}
		}
		out <- prometheus.MustNewConstMetric(troubled, prometheus.GaugeValue, float64(n), s.config.Name)
	}
}

// status returns what the dashboard shows.
func (a *App) status() admin.Status {
	a.mu.Lock()
	rejected, current, public := a.rejected, a.config, publicURL(a.config, a.public)
	a.mu.Unlock()
	troubled := map[string][]config.Problem{}
	for _, s := range current.Sources {
		troubled[s.Name] = s.Trouble
	}
	out := admin.Status{Version: a.version, Rejected: problems(rejected), Reason: rejection(rejected), Files: adminFiles(current), Widgets: a.adminWidgets(public), Persistent: a.notices.Persistent()}
	for _, s := range a.feed.list() {
		report := s.poller.Report()
		source := admin.SourceStatus{Name: s.config.Name, State: "no answer yet", Age: "never", Updates: report.Subscription.String()}
		source.Trouble = lines(troubled[s.config.Name])
		switch {
		case !s.config.Usable():
			source.State, source.Updates = "can't be asked", "none"
		case report.Failure != nil:
			source.State = report.Failure.Error()
		case s.poller.Tried():
			source.State = "ok"
		}
		if source.Trouble != nil && s.config.Usable() {
			source.State += ", with the key and certificates of before"
		}
		if report.Answered {
			source.Age = report.Age.Round(time.Second).String() + " ago"
		}
		for _, m := range report.Metrics {
			if problem := m.Trouble(); problem != "" {
				source.Problems = append(source.Problems, fmt.Sprintf("%s: %s", strings.Join(m.Want.UsedBy, ", "), problem))
			}
		}
		out.Sources = append(out.Sources, source)
	}
	return out
}
