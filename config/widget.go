package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// widget checks one widget. Settings that it leaves out come from defaults.
func (c *checker) widget(e Entry[FileWidget]) Widget {
	in := e.Value
	w := Widget{
		ID: e.ID, File: c.included, Title: cmp.Or(in.Title, e.ID), Locale: cmp.Or(in.Locale, c.defaults.locale), Zone: c.defaults.zone,
		Unlisted: !in.Listed, Origins: c.origins(e.path+".origins", in.Origins), Notice: in.Notice,
	}
	if !c.has(e.path + ".listed") {
		w.Unlisted = c.defaults.unlisted
	}
	if !c.has(e.path + ".origins") {
		w.Origins = c.defaults.origins
	}
	if in.Locale != "" {
		c.locale(e.path+".locale", in.Locale)
	}
	if in.Timezone != "" {
		w.Zone = c.zone(e.path+".timezone", in.Timezone)
	}
	c.misleading(e.path+".title", in.Title)
	c.misleading(e.path+".notice", in.Notice)
	w.Metrics = make([]WidgetMetric, 0, len(in.Metrics))
	for _, m := range in.Metrics {
		w.Metrics = append(w.Metrics, c.metric(m))
	}
	w.Hours = c.hours(e.path+".hours", in.Hours, w.Zone)
	zone := w.Zone
	if zone == nil && w.Hours != nil {
		zone = w.Hours.Zone
	}
	w.Notices = c.notices(e.path+".notices", in.Notices, zone)
	w.StaleAfter, w.HideAfter = c.ages(e.path, in, c.slowest(w.Metrics))
	return w
}

// slowest returns the source with the longest interval among those of the metrics.
func (c *checker) slowest(metrics []WidgetMetric) (slowest Source) {
	for _, m := range metrics {
		s, known := c.byName[m.Source]
		if known && isID(s.Name) && c.ok("sources."+s.Name+".interval") && s.Interval > slowest.Interval {
			slowest = s
		}
	}
	return slowest
}

// staleFirst is the hint for a hide_after under stale_after.
const staleFirst = "a value is marked stale first and hidden later; make hide_after longer or stale_after shorter"

// ages returns stale_after and hide_after. A stale_after under the interval would mark every value stale before the next poll.
func (c *checker) ages(path string, in FileWidget, slowest Source) (stale, hide time.Duration) {
	stalePath, hidePath := path+".stale_after", path+".hide_after"
	stale = cmp.Or(in.StaleAfter, c.defaults.staleAfter, max(45*time.Second, 3*slowest.Interval))
	hide = cmp.Or(in.HideAfter, c.defaults.hideAfter, max(5*time.Minute, 3*stale))
	if stale < slowest.Interval && c.ok(stalePath) {
		c.add(stalePath, fmt.Sprintf("%s%s is shorter than the interval of source %s, which is %s", short(stale), from(in.StaleAfter, c.defaults.staleAfter, ""), slowest.Name, short(slowest.Interval)),
			"every value would be stale before the next poll; three intervals are a good choice")
	}
	if hide < stale && c.ok(stalePath, hidePath) {
		c.add(hidePath, fmt.Sprintf("%s%s is shorter than stale_after, which is %s%s",
			short(hide), from(in.HideAfter, c.defaults.hideAfter, ""), short(stale), from(in.StaleAfter, c.defaults.staleAfter, " by default")), staleFirst)
	}
	return stale, hide
}

// from names where a setting of a widget comes from: "" for the widget itself.
func from(own, shared time.Duration, otherwise string) string {
	switch {
	case own != 0:
		return ""
	case shared != 0:
		return " of defaults"
	}
	return otherwise
}

// metric checks one metric.
func (c *checker) metric(e Entry[FileMetric]) WidgetMetric {
	in := e.Value
	c.units(e.path, in)
	c.misleading(e.path+".label", in.Label)
	m := WidgetMetric{
		ID:         e.ID,
		Source:     c.metricSource(e.path, in.Source),
		Metric:     in.Metric,
		Categories: c.categories(e.path+".category", in.Category),
		Combine:    in.Combine,
		Label:      cmp.Or(in.Label, e.ID),
		Display:    c.display(e.path+".display", in.Display),
		Levels:     c.levels(e.path+".levels", in.Levels),
		Link:       c.link(e.path, in.Link),
		History:    c.history(e.path+".history", in.History),
		Estimate:   c.estimate(e.path, in),
	}
	if s := c.slowest([]WidgetMetric{m}); m.Estimate != nil && s.Interval > longestInterval {
		c.add(e.path+".estimate", "needs polls at most "+short(longestInterval)+" apart, but the interval of source "+s.Name+" is "+short(s.Interval), "rarer polls don't show when a wait ends; make the interval shorter")
	}
	return m
}

// history checks what a metric remembers.
func (c *checker) history(path string, in *FileHistory) History {
	if in == nil {
		return History{}
	}
	if in.Low >= in.High && c.ok(path, path+".low", path+".high") {
		c.add(path+".high", "must be more than low", "half of the time is a usual choice, as in low: 0.25, high: 0.75")
	}
	c.needsPlace(path)
	return History{in.Keep, in.MinWeeks, in.Low, in.High, in.WhenUnavailable == "show"}
}

// needsPlace checks that there is a place for what waitboard collects.
func (c *checker) needsPlace(path string) {
	if !c.has("data_dir") && !c.has("cluster") && c.included == "" && c.ok(path) {
		c.add(path, "needs a place for what it collects", "set data_dir at the top of the file, or cluster if several replicas share an engine")
	}
}

// metricSource returns the source of the metric at parent. A metric needs no source when there is only one: in its own file or, if that has
// none, in the file that includes it.
func (c *checker) metricSource(parent, name string) string {
	path := parent + ".source"
	nearest := c.sources
	if len(nearest) == 0 {
		nearest = c.shared
	}
	_, known := c.byName[name]
	switch {
	case !c.ok(path, parent) || known || len(nearest) == 0 && c.included == "" && !c.has("include"):
		return name // it is valid, or reported already
	case name == "" && len(nearest) == 1:
		return nearest[0].Name
	case len(nearest) == 0 && c.included == "":
		c.add(path, "there is no source", "add one under sources, in this file")
	case len(nearest) == 0:
		c.add(path, "there is no source", "add one under sources, in this file or in the one that includes it")
	case name == "":
		c.add(path, isMissing, "the file has several sources; name one of "+listed(c.sourceNames()))
	default:
		c.add(path, "there is no such source", didYouMean(name, c.sourceNames(), "use one of "+listed(c.sourceNames())))
	}
	return name
}

// sourceNames returns the names of all sources that the file may use. It leaves out invalid names, which may be secrets.
func (c *checker) sourceNames() (names []string) {
	for _, s := range slices.Concat(c.sources, c.shared) {
		if isID(s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

// listed joins the first of many names.
func listed(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// categories returns the category values, nil for all.
func (c *checker) categories(path string, values []string) []string {
	if slices.Equal(values, []string{"all"}) {
		return nil
	}
	if slices.Contains(values, "all") {
		c.add(path, "has the word all next to other values", "write category: all, or leave the word out")
	}
	c.noRepeats(path, values)
	return values
}
