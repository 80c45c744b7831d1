package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"waitboard/locale"
)

// widget checks one widget against the sources that it may use. What it does not set is as in defaults.
func (c *checker) widget(e Entry[FileWidget]) Widget {
	in := e.Value
	w := Widget{
		ID: e.ID, File: c.name, Title: cmp.Or(in.Title, e.ID), Locale: cmp.Or(in.Locale, c.defaults.locale), Zone: c.defaults.zone,
		Unlisted: !in.Listed, Origins: c.origins(e.path+".origins", in.Origins),
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
	w.Notice = c.notice(e.path+".notice", in.Notice)
	w.Metrics = make([]Metric, 0, len(in.Metrics))
	for _, m := range in.Metrics {
		w.Metrics = append(w.Metrics, c.metric(m))
	}
	w.Hours = c.hours(e.path+".hours", in.Hours, w.Zone)
	slowest := c.slowest(w.Metrics)
	w.StaleAfter, w.HideAfter = c.ages(e.path, in, slowest)
	return w
}

// notice checks what visitors are told.
func (c *checker) notice(path, text string) string {
	if strings.ContainsFunc(text, locale.Misleads) {
		c.add(path, "holds characters that break the line or turn its direction", "type the text anew")
	}
	return text
}

// slowest gives the source with the longest interval of those that the metrics use, the first in the file if there are several.
func (c *checker) slowest(metrics []Metric) (slowest Source) {
	first := len(c.sources) + len(c.shared)
	for _, m := range metrics {
		i, known := c.byName[m.Source]
		if !known || i == first || !isID(m.Source) || i < len(c.sources) && !c.ok("sources."+m.Source+".interval") {
			continue
		}
		if s := c.visible(i); s.Interval > slowest.Interval || s.Interval == slowest.Interval && i < first {
			first, slowest = i, *s
		}
	}
	return slowest
}

// ages settles stale_after and hide_after. A limit under the interval would have every value stale before the next can come.
func (c *checker) ages(path string, in FileWidget, slowest Source) (stale, hide time.Duration) {
	stalePath, hidePath := path+".stale_after", path+".hide_after"
	stale = cmp.Or(in.StaleAfter, c.defaults.staleAfter, max(45*time.Second, 3*slowest.Interval))
	hide = cmp.Or(in.HideAfter, c.defaults.hideAfter, max(5*time.Minute, 3*stale))
	if stale < slowest.Interval && c.ok(stalePath) {
		c.add(stalePath, fmt.Sprintf("%s%s is shorter than the interval of source %s, which is %s", short(stale), from(in.StaleAfter, c.defaults.staleAfter, ""), slowest.Name, short(slowest.Interval)),
			"every value would be stale before the next comes; three intervals are a good choice")
	}
	if hide < stale && c.ok(stalePath) && c.ok(hidePath) {
		c.add(hidePath, fmt.Sprintf("%s%s is shorter than stale_after, which is %s%s", short(hide), from(in.HideAfter, c.defaults.hideAfter, ""), short(stale), from(in.StaleAfter, c.defaults.staleAfter, " by default")),
			"a value is marked stale first and hidden later; make hide_after longer or stale_after shorter")
	}
	return stale, hide
}

// from says where a setting of a widget comes from: "" for the widget itself.
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
func (c *checker) metric(e Entry[FileMetric]) Metric {
	in := e.Value
	c.units(e.path, in)
	return Metric{
		ID:         e.ID,
		Source:     c.metricSource(e.path+".source", in.Source),
		Metric:     in.Metric,
		Categories: c.categories(e.path+".category", in.Category),
		Combine:    in.Combine,
		Label:      cmp.Or(in.Label, e.ID),
		Display:    c.display(e.path+".display", in.Display),
		Levels:     c.levels(e.path+".levels", in.Levels),
		Link:       c.link(e.path, in.Link),
	}
}

// metricSource finds the source of a metric, which needs no name when there is only one: in its own file or, if that has none, in the one
// that includes it.
func (c *checker) metricSource(path, name string) string {
	parent := path[:strings.LastIndexByte(path, '.')]
	nearest := c.sources
	if len(nearest) == 0 {
		nearest = c.shared
	}
	i, known := c.byName[name]
	switch {
	case !c.ok(path) || !c.ok(parent) || len(nearest) == 0 && c.name == "" && !c.has("include"):
		return name // reported already
	case known:
		return c.visible(i).Name
	case name == "" && len(nearest) == 1:
		return nearest[0].Name
	case len(nearest) == 0:
		c.add(path, "there is no source", "add one under sources, in this file"+c.orAbove())
	case name == "":
		c.add(path, isMissing, "the file has several sources; name one of "+listed(c.sourceNames()))
	default:
		names := c.sourceNames()
		hint := "sources in this file: " + listed(names)
		if c.name != "" {
			hint = "sources for this file: " + listed(names)
		}
		if near := Near(name, names); near != "" && isPlain(name) {
			hint = "did you mean " + near + "?"
		}
		c.add(path, "there is no such source", hint)
	}
	return name
}

// orAbove adds the file that includes this one, if it is an included one.
func (c *checker) orAbove() string {
	if c.name == "" {
		return ""
	}
	return " or in the one that includes it"
}

// sourceNames gives the names of all sources, but for those that cannot be used, which may be anything.
func (c *checker) sourceNames() (names []string) {
	for _, s := range slices.Concat(c.sources, c.shared) {
		if isID(s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

// listed names a few of many; a name that errors do not repeat is left out (see isPlain).
func listed(names []string) string {
	const most = 10
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !isID(name) })
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// categories gives the category values, nil for all.
func (c *checker) categories(path string, values []string) []string {
	if slices.Equal(values, []string{"all"}) {
		return nil
	}
	if slices.Contains(values, "all") {
		c.add(path, "holds the word all beside other values", "write category: all, or leave the word out")
	}
	c.noRepeats(path, values)
	return values
}
