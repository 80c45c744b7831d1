package publish

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
)

// A collector collects what the public sees of each widget at the moment of a scrape, so removed widgets have no series.
type collector struct {
	publisher *Publisher
	private   func() bool
}

// Collector returns the Prometheus metrics of all widgets. While private returns true they include exact values.
func (p *Publisher) Collector(private func() bool) prometheus.Collector { return collector{p, private} }

// An exact value has no label bound, which is the same as an empty one to Prometheus.
var (
	widgetValue     = prometheus.NewDesc("waitboard_widget_value", widgetValueHelp, []string{"widget", "metric"}, nil)
	widgetBound     = prometheus.NewDesc("waitboard_widget_value", widgetValueHelp, []string{"widget", "metric", "bound"}, nil)
	widgetState     = prometheus.NewDesc("waitboard_widget_state", "1 for the state of the widget, 0 for the other states.", []string{"widget", "state"}, nil)
	widgetStale     = prometheus.NewDesc("waitboard_widget_stale", "1 if the widget shows something stale, otherwise 0.", []string{"widget"}, nil)
	widgetLevel     = prometheus.NewDesc("waitboard_widget_level", "1 for the level of a value that the public sees, 0 for the other levels.", []string{"widget", "metric", "level"}, nil)
	estimateSamples = prometheus.NewDesc("waitboard_estimate_samples", "Inferred waits of 28 days by which an estimate is judged.", []string{"widget", "metric"}, nil)
	estimateCovered = prometheus.NewDesc("waitboard_estimate_covered_ratio", "The part of these waits that the announced range held.", []string{"widget", "metric"}, nil)
	estimateLonger  = prometheus.NewDesc("waitboard_estimate_longer_ratio", "The part of these waits that were more than a minute longer than announced.", []string{"widget", "metric"}, nil)
	privateValue    = prometheus.NewDesc("waitboard_private_value", "The exact value, in seconds or as a count; 1 or 0 for yes or no. Only with metrics: {private: true}.", []string{"widget", "metric"}, nil)
)

const widgetValueHelp = "What the public sees of a value, in seconds or as a count; 1 or 0 for yes or no. A range has the ends bound=min and bound=max instead."

// Describe sends one description for each name: the registry accepts no two.
func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, each := range []*prometheus.Desc{widgetValue, widgetState, widgetStale, widgetLevel, privateValue, estimateSamples, estimateCovered, estimateLonger} {
		out <- each
	}
}

var (
	allStates = []domain.State{domain.Open, domain.Closed, domain.Initializing, domain.Unavailable}
	allLevels = []domain.Level{domain.Low, domain.Moderate, domain.High}
)

// Collect sends the values of this moment.
func (c collector) Collect(out chan<- prometheus.Metric) {
	now, private := c.publisher.now(), c.private()
	for _, id := range c.publisher.IDs() {
		page, ok := c.publisher.Page(id)
		if !ok { // removed meanwhile
			continue
		}
		s := &page.Snapshot
		for _, state := range allStates {
			out <- gauge(widgetState, bit(state == s.State), id, string(state))
		}
		out <- gauge(widgetStale, bit(s.Stale), id)
		for i := range s.Metrics {
			collectShown(out, id, &s.Metrics[i], now)
		}
		for metric, e := range c.publisher.expectations(id) {
			said := domain.SaidOf(e)
			out <- gauge(estimateSamples, float64(said.Samples), id, metric)
			if said.Samples > 0 {
				out <- gauge(estimateCovered, said.Covered, id, metric)
				out <- gauge(estimateLonger, said.Longer, id, metric)
			}
		}
		if !private {
			continue
		}
		for _, each := range c.publisher.Exact(id) {
			if amount, ok := amountOf(each.Value); ok {
				out <- gauge(privateValue, amount, id, each.Metric)
			}
		}
	}
}

// expectations returns what is expected for a widget's estimates, by their IDs.
func (p *Publisher) expectations(id string) map[string]*domain.Expectation {
	p.mu.RLock()
	defer p.mu.RUnlock()
	all := map[string]*domain.Expectation{}
	if s := p.slots[id]; s != nil {
		for i, e := range p.expectedOf(&s.widget) {
			if e != nil {
				all[s.widget.Metrics[i].ID] = e
			}
		}
	}
	return all
}

// collectShown collects one metric as the public sees it at an instant.
func collectShown(out chan<- prometheus.Metric, widget string, m *domain.Shown, now time.Time) {
	if amount, ok := amountOf(m.Value); ok {
		out <- gauge(widgetValue, max(amount+m.Rate*sinceAsOf(m, now), 0), widget, m.ID)
	}
	unit := 1.0
	if m.Kind == domain.Duration {
		unit = 1000 // milliseconds in a second
	}
	if m.Range.HasMin {
		out <- gauge(widgetBound, m.Range.Min/unit, widget, m.ID, "min")
	}
	if m.Range.HasMax {
		out <- gauge(widgetBound, m.Range.Max/unit, widget, m.ID, "max")
	}
	if m.Level == "" {
		return
	}
	for _, level := range allLevels {
		out <- gauge(widgetLevel, bit(level == m.Level), widget, m.ID, string(level))
	}
}

// sinceAsOf returns the seconds since the instant of a running value.
func sinceAsOf(m *domain.Shown, now time.Time) float64 {
	if m.Rate == 0 {
		return 0
	}
	return now.Sub(m.AsOf).Seconds()
}

// amountOf returns a value as a number; ok is false for a text, and for none.
func amountOf(v domain.Value) (amount float64, ok bool) {
	switch v.Kind {
	case domain.Duration:
		return v.Duration.Seconds(), true
	case domain.Count:
		return v.Number, true
	case domain.Boolean:
		return bit(v.Flag), true
	}
	return 0, false
}

func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
