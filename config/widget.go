package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"waitboard/locale"
)

// widget checks one widget against the sources of the file. Its language is the file's unless it has its own.
func (c *checker) widget(e Entry[FileWidget], language string) Widget {
	in := e.Value
	w := Widget{ID: e.ID, Title: cmp.Or(in.Title, e.ID), Locale: cmp.Or(in.Locale, language), Unlisted: !in.Listed, Origins: c.origins(e.path+".origins", in.Origins)}
	if in.Locale != "" {
		c.locale(e.path+".locale", in.Locale)
	}
	w.Notice = c.notice(e.path+".notice", in.Notice)
	w.Metrics = make([]Metric, 0, len(in.Metrics))
	for _, m := range in.Metrics {
		w.Metrics = append(w.Metrics, c.metric(m))
	}
	w.Hours = c.hours(e.path+".hours", in.Hours)
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
	first := len(c.sources)
	for _, m := range metrics {
		i, known := c.byName[m.Source]
		if !known || i == first || !isID(m.Source) || !c.ok("sources."+m.Source+".interval") {
			continue
		}
		if s := &c.sources[i]; s.Interval > slowest.Interval || s.Interval == slowest.Interval && i < first {
			first, slowest = i, *s
		}
	}
	return slowest
}

// ages settles stale_after and hide_after. A limit under the interval would have every value stale before the next can come.
func (c *checker) ages(path string, in FileWidget, slowest Source) (stale, hide time.Duration) {
	stalePath, hidePath := path+".stale_after", path+".hide_after"
	stale = cmp.Or(in.StaleAfter, max(45*time.Second, 3*slowest.Interval))
	hide = cmp.Or(in.HideAfter, max(5*time.Minute, 3*stale))
	if stale < slowest.Interval && c.ok(stalePath) {
		c.add(stalePath, fmt.Sprintf("%s is shorter than the interval of source %s, which is %s", short(stale), slowest.Name, short(slowest.Interval)),
			"every value would be stale before the next comes; three intervals are a good choice")
	}
	if hide < stale && c.ok(stalePath) && c.ok(hidePath) {
		standard := ""
		if in.StaleAfter == 0 {
			standard = " by default"
		}
		c.add(hidePath, fmt.Sprintf("%s is shorter than stale_after, which is %s%s", short(hide), short(stale), standard),
			"a value is marked stale first and hidden later; make hide_after longer or stale_after shorter")
	}
	return stale, hide
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

// metricSource finds the source of a metric, which needs no name when there is only one.
func (c *checker) metricSource(path, name string) string {
	parent := path[:strings.LastIndexByte(path, '.')]
	i, known := c.byName[name]
	switch {
	case !c.ok(path) || !c.ok(parent) || len(c.sources) == 0:
		return name // reported already
	case known:
		return c.sources[i].Name
	case name == "" && len(c.sources) == 1:
		return c.sources[0].Name
	case name == "":
		c.add(path, isMissing, "the file has several sources; name one of "+listed(c.sourceNames()))
	default:
		names := c.sourceNames()
		hint := "sources in this file: " + listed(names)
		if near := Near(name, names); near != "" && isPlain(name) {
			hint = "did you mean " + near + "?"
		}
		c.add(path, "there is no such source", hint)
	}
	return name
}

// sourceNames gives the names of all sources, but for those that cannot be used, which may be anything.
func (c *checker) sourceNames() (names []string) {
	for _, s := range c.sources {
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
