package app

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"waitboard/board"
	"waitboard/handlers"
)

// registerProcess adds the figures that belong to no single part: the program, its runtime, and the widgets' states.
func registerProcess(r prometheus.Registerer, b *board.Board, version string) {
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "waitboard_build_info",
		Help:        "Always 1; the labels say which program this is.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()},
	})
	build.Set(1)
	r.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), stateCollector{b})
}

// A stateCollector counts the widgets when it is asked to.
type stateCollector struct{ board *board.Board }

var widgetStates = prometheus.NewDesc("waitboard_widgets", "Widgets, by the state that the public sees.", []string{"state"}, nil)

func (c stateCollector) Describe(out chan<- *prometheus.Desc) { out <- widgetStates }

func (c stateCollector) Collect(out chan<- prometheus.Metric) {
	for state, n := range c.board.States() {
		out <- prometheus.MustNewConstMetric(widgetStates, prometheus.GaugeValue, float64(n), string(state))
	}
}

// status is what the operators' page shows.
func (a *App) status(version string) handlers.AdminStatus {
	out := handlers.AdminStatus{Version: version}
	for _, s := range a.feed.sources {
		report := s.poller.Report()
		source := handlers.AdminSource{Name: s.name, State: "ok", Age: "never"}
		if report.Cause != "" {
			source.State = string(report.Cause)
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
	for _, id := range a.feed.board.IDs() {
		page, _ := a.feed.board.Page(id)
		out.Widgets = append(out.Widgets, handlers.AdminWidget{ID: id, State: string(page.Snapshot.State), Stale: page.Snapshot.Stale})
	}
	return out
}
