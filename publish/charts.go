package publish

import (
	"encoding/json"
	"math"
	"sync"
	"time"

	v1 "waitboard/api/v1"
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

// A chartKey is what a chart depends on: the theme of an image, the language of JSON.
type chartKey struct {
	metric   int
	whole    bool
	theme    badge.Theme
	language string // empty: an image
}

// maxDrawn bounds the stored charts of a week, each about 5 KB. Languages have many regional forms.
const maxDrawn = 64

// once returns a chart, and draws it if it isn't stored.
func (c *charts) once(key chartKey, draw func() (plain, zipped Variant)) (plain, zipped Variant) {
	c.mu.Lock()
	stored := c.drawn[key]
	if stored == nil {
		if c.drawn == nil || len(c.drawn) == maxDrawn {
			c.drawn = map[chartKey]func() (plain, zipped Variant){}
		}
		stored = sync.OnceValues(draw)
		c.drawn[key] = stored
	}
	c.mu.Unlock()
	return stored()
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

// Locale returns the widget's language.
func (w *Week) Locale() *locale.Locale { return w.charts.widget.Locale }

// Chart returns the chart of a metric in a language, of the day or of the whole week. An unknown ID means the first metric with history.
func (w *Week) Chart(metric string, whole bool, l *locale.Locale) *domain.Chart {
	return w.charts.chart(w.charts.index(metric), whole, l)
}

// ChartImage returns the chart of a metric as an SVG in the widget's language, plain and compressed.
func (w *Week) ChartImage(metric string, whole bool, theme badge.Theme) (plain, zipped Variant) {
	c := &w.charts
	i := c.index(metric)
	return c.once(chartKey{metric: i, whole: whole, theme: theme}, func() (plain, zipped Variant) {
		return drawn(badge.Chart(c.chart(i, whole, c.widget.Locale), c.widget.Title, theme), true)
	})
}

// ChartJSON returns the chart of a metric as JSON in a language, plain and compressed.
func (w *Week) ChartJSON(metric string, whole bool, l *locale.Locale) (plain, zipped Variant) {
	c := &w.charts
	i := c.index(metric)
	return c.once(chartKey{metric: i, whole: whole, language: l.Tag()}, func() (plain, zipped Variant) {
		raw, err := json.Marshal(renderChart(c.chart(i, whole, l), w.Until))
		if err != nil {
			panic("publish: " + err.Error()) // only for NaN and infinity, which a chart doesn't have
		}
		return drawn(append(raw, '\n'), true)
	})
}

func renderChart(c *domain.Chart, until time.Time) v1.Chart {
	out := v1.Chart{
		ID: c.ID, Locale: c.Locale.Numbers(), Label: c.Label, Caption: c.Caption(), Message: c.Message, Foot: c.Foot(), Until: formatTime(until),
		Marks: []v1.ChartMark{}, Clocks: []string{}, Days: []v1.ChartDay{},
	}
	if c.Empty() {
		return out
	}
	out.Scale = c.ScaleText()
	for _, m := range c.Marks() {
		out.Marks = append(out.Marks, v1.ChartMark{At: part(m.Amount / c.Top), Text: m.Text})
	}
	first, hours := c.Places()
	labels := c.Clocks()
	for place := range hours {
		out.Clocks = append(out.Clocks, labels[place])
	}
	for i := range c.Days {
		d := &c.Days[i]
		day := v1.ChartDay{Name: c.Weekday(d), Today: d.Today, Bars: []v1.ChartBar{}}
		for k := range d.Hours {
			h := &d.Hours[k]
			low, high := c.Ends(h)
			day.Bars = append(day.Bars, v1.ChartBar{Place: h.Start.Hour() - first, Low: part(low), High: part(high), Now: h.Now, Text: c.HourText(d, h)})
		}
		out.Days = append(out.Days, day)
	}
	return out
}

// part rounds a part of a scale to what a picture can show.
func part(p float64) float64 { return math.Round(p*1e4) / 1e4 }
