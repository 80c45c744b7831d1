package publish

import (
	"sync"
	"time"

	"waitboard/badge"
	"waitboard/domain"
	"waitboard/locale"
)

// charts makes the charts of a Week. Most are never requested, so each image is drawn at its first request.
type charts struct {
	widget domain.Widget
	weeks  []*domain.TypicalWeek
	now    time.Time

	mu    sync.Mutex // guards drawn; never held while something is drawn
	drawn map[chartKey]func() (plain, zipped Variant)
}

type chartKey struct {
	metric int
	whole  bool
	theme  badge.Theme
}

// index returns the place of a metric with history: that with the ID, or else the first; -1: none has history.
func (c *charts) index(id string) int {
	first := -1
	for i := range c.widget.Metrics {
		switch m := &c.widget.Metrics[i]; {
		case m.History.Keep == 0:
		case m.ID == id:
			return i
		case first < 0:
			first = i
		}
	}
	return first
}

func (c *charts) chart(i int, whole bool, l *locale.Locale) *domain.Chart {
	w := c.widget
	w.Locale = l
	var week *domain.TypicalWeek
	if i >= 0 && i < len(c.weeks) {
		week = c.weeks[i]
	}
	return w.Chart(i, week, c.now, whole)
}

// Chart returns the chart of a metric in a language, of the day or of the whole week. An unknown ID means the first metric with history.
func (w *Week) Chart(metric string, whole bool, l *locale.Locale) *domain.Chart {
	return w.charts.chart(w.charts.index(metric), whole, l)
}

// ChartImage returns the chart of a metric as an SVG in the widget's language, plain and compressed.
func (w *Week) ChartImage(metric string, whole bool, theme badge.Theme) (plain, zipped Variant) {
	c := &w.charts
	key := chartKey{c.index(metric), whole, theme}
	c.mu.Lock()
	draw := c.drawn[key]
	if draw == nil {
		if c.drawn == nil {
			c.drawn = map[chartKey]func() (plain, zipped Variant){}
		}
		draw = sync.OnceValues(func() (plain, zipped Variant) {
			return drawn(badge.Chart(c.chart(key.metric, whole, c.widget.Locale), c.widget.Title, theme), true)
		})
		c.drawn[key] = draw
	}
	c.mu.Unlock()
	return draw()
}
