package app

import (
	"log/slog"
	"math"
	"slices"
	"time"

	"waitboard/config"
	"waitboard/domain"
	"waitboard/internal/lazy"
	"waitboard/locale"
	"waitboard/poller"
)

// locales returns the locales of the widgets by their configured tags.
func locales(c *config.Config) map[string]*locale.Locale {
	out := map[string]*locale.Locale{}
	for _, w := range c.Widgets {
		if out[w.Locale] != nil {
			continue
		}
		out[w.Locale] = newLocale(c, w.Locale)
	}
	return out
}

// languages returns the locales of all languages, for visitors who prefer one; each is created when it is first used.
func languages(c *config.Config) func(language string) *locale.Locale {
	return lazy.ByKey(locale.Supported(), func(tag string) *locale.Locale { return newLocale(c, tag) })
}

// newLocale returns a locale with the company's own phrases.
func newLocale(c *config.Config, tag string) *locale.Locale {
	l, err := locale.New(tag, nil)
	if err == nil && len(c.Phrases[l.Language()]) > 0 {
		l, err = locale.New(tag, c.Phrases[l.Language()])
	}
	if err != nil {
		panic(err) // the configuration was validated
	}
	return l
}

// warnOfLanguages logs the widgets whose language is not supported.
func warnOfLanguages(log *slog.Logger, c *config.Config) {
	for _, w := range c.Widgets {
		if l, err := locale.New(w.Locale, nil); err == nil && l.Instead() != "" {
			log.Warn("language is not supported, showing another", "widget", w.ID, "locale", w.Locale, "shown", l.Tag())
		}
	}
}

// widgets converts the widgets of the configuration. RefreshAfter is the shortest interval of a widget's sources.
func widgets(c *config.Config) []domain.Widget {
	intervals := map[string]time.Duration{}
	for _, s := range c.Sources {
		intervals[s.Name] = s.Interval
	}
	locales := locales(c)
	out := make([]domain.Widget, len(c.Widgets))
	for i, w := range c.Widgets {
		out[i] = domain.Widget{
			ID: w.ID, Title: w.Title, Locale: locales[w.Locale], StaleAfter: w.StaleAfter, HideAfter: w.HideAfter,
			RefreshAfter: intervals[w.Metrics[0].Source], Hours: hours(w.Hours), Zone: w.Zone, Notice: w.Notice,
		}
		for _, n := range w.Notices {
			out[i].Notices = append(out[i].Notices, domain.ScheduledNotice{Text: n.Text, From: n.From, Until: n.Until, Weekly: hours(n.Weekly)})
		}
		for _, m := range w.Metrics {
			out[i].RefreshAfter = min(out[i].RefreshAfter, intervals[m.Source])
			out[i].Metrics = append(out[i].Metrics, metric(m))
		}
	}
	return out
}

func metric(m config.WidgetMetric) domain.WidgetMetric {
	first := input(m.Inputs()[0])
	out := domain.WidgetMetric{
		ID: m.ID, Label: m.Label, Ref: first.Ref, Categories: first.Categories, Combine: first.Combine, Estimate: estimate(m),
		Display: display(m.Display),
		Levels:  domain.Levels{Kind: kinds[m.Levels.Unit], Moderate: amount(m.Levels.Unit, m.Levels.Moderate), High: amount(m.Levels.Unit, m.Levels.High)},
	}
	out.History = domain.History(m.History)
	if m.Link != nil {
		out.Link = domain.Link{When: domain.Level(m.Link.When), Label: m.Link.Label, URL: m.Link.URL}
	}
	return out
}

// estimate returns how a metric is estimated; nil: it is read.
func estimate(m config.WidgetMetric) *domain.Estimate {
	if m.Estimate == nil {
		return nil
	}
	inputs := m.Inputs()
	out := &domain.Estimate{Wait: input(inputs[0]), Queue: input(inputs[1]), Low: m.Estimate.Low, High: m.Estimate.High, Said: m.Estimate.Said}
	if len(inputs) > 2 {
		out.Agents = input(inputs[2])
	}
	return out
}

// input returns what is read for a metric.
func input(m config.WidgetMetric) domain.Input {
	combine, err := domain.ParseCombine(m.Combine)
	if err != nil {
		panic(err) // the configuration was validated
	}
	return domain.Input{Ref: domain.Ref{Source: m.Source, Metric: m.Metric}, Categories: m.Categories, Combine: combine}
}

func display(d config.Display) domain.Display {
	out := domain.Display{
		Kind:  kinds[d.Unit],
		Below: amount(d.Unit, d.Below), Above: amount(d.Unit, d.Above), Round: amount(d.Unit, d.Round),
		Rounding: roundings[d.RoundMode], HideZero: d.HideZero,
		Hold: domain.Hold{Share: d.Hold.Share, Least: d.Hold.Least},
	}
	for _, b := range d.Buckets {
		out.Buckets = append(out.Buckets, amount(d.Unit, b))
	}
	if d.Decimals >= 0 {
		out.Decimals = &d.Decimals
	}
	return out
}

var (
	kinds     = map[config.Unit]domain.Kind{"": domain.None, config.UnitDuration: domain.Duration, config.UnitCount: domain.Count}
	roundings = map[string]domain.Rounding{"": domain.Up, "up": domain.Up, "down": domain.Down, "nearest": domain.Nearest}
)

// amount returns milliseconds for a duration, which the configuration has in seconds.
func amount(unit config.Unit, a float64) float64 {
	if unit == config.UnitDuration {
		return math.Round(a * 1000)
	}
	return a
}

func hours(h *config.Hours) *domain.Hours {
	if h == nil {
		return nil
	}
	out := &domain.Hours{Zone: h.Zone}
	for day, s := range h.Weekly {
		out.Weekly[day] = spans(s)
	}
	for _, r := range h.Closed {
		out.Closed = append(out.Closed, domain.DateRange{First: domain.Date(r.First), Last: domain.Date(r.Last)})
	}
	for _, o := range h.Open {
		out.Open = append(out.Open, domain.OpenDay{Date: domain.Date(o.Date), Spans: spans(o.Spans)})
	}
	return out
}

func spans(all []config.Span) (out []domain.Span) {
	for _, s := range all {
		out = append(out, domain.Span(s))
	}
	return out
}

// read lists what is read for a widget, under the IDs of the metrics that need it.
func read(w *config.Widget) (all []config.WidgetMetric) {
	for _, m := range w.Metrics {
		for _, in := range m.Inputs() {
			in.ID = m.ID
			all = append(all, in)
		}
	}
	return all
}

// wants lists the metrics that the widgets show of a source, each once. StaleAfter is the shortest of its widgets.
func wants(c *config.Config, source string) []poller.Want {
	var out []poller.Want
	index := map[string]int{}
	for _, w := range c.Widgets {
		for _, m := range read(&w) {
			if m.Source != source {
				continue
			}
			i, known := index[m.Metric]
			if !known {
				i = len(out)
				index[m.Metric] = i
				out = append(out, poller.Want{Metric: m.Metric, StaleAfter: w.StaleAfter})
			}
			out[i].StaleAfter = min(out[i].StaleAfter, w.StaleAfter)
			out[i].UsedBy = with(out[i].UsedBy, w.ID+"."+m.ID)
			for _, category := range m.Categories {
				if out[i].ChosenBy == nil {
					out[i].ChosenBy = map[string][]string{}
				}
				out[i].ChosenBy[category] = with(out[i].ChosenBy[category], w.ID+"."+m.ID)
				out[i].Categories = with(out[i].Categories, category)
			}
		}
	}
	return out
}

// with adds a text to a list that doesn't have it.
func with(all []string, text string) []string {
	if slices.Contains(all, text) {
		return all
	}
	return append(all, text)
}
