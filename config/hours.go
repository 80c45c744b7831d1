package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // time zones for machines without them, such as small containers
)

// Hours holds when a widget is open.
type Hours struct {
	Zone   *time.Location
	Weekly [7][]Span   // by time.Weekday; sorted, not overlapping, also not into the next day
	Closed []DateRange // sorted by First; days without hours, unless Open has them
	Open   []OpenDay   // sorted by Date, each once; they replace Weekly and Closed
}

// OpenDay is a date with its own hours.
type OpenDay struct {
	Date  Date
	Spans []Span // at least one; sorted, not overlapping, also not into an OpenDay that follows
}

// hours checks when a widget is open. zone is the time zone of its texts, nil if the file has none.
func (c *checker) hours(path string, in *FileHours, zone *time.Location) *Hours {
	if in == nil || !c.ok(path) {
		return nil
	}
	if !c.has(path+".weekly") && !c.has(path+".open") {
		c.add(path+".weekly", isMissing, `for example weekly: {mon-fri: "08:00-12:00, 13:00-17:00"}`)
	}
	switch {
	case in.Timezone != "":
		zone = c.zone(path+".timezone", in.Timezone)
	case zone == nil && !c.zoneRejected(path):
		c.add(path+".timezone", isMissing, "for example timezone: America/Denver")
	}
	return &Hours{
		Zone:   zone,
		Weekly: c.weekly(in.Weekly),
		Closed: c.closed(path+".closed", in.Closed),
		Open:   c.open(in.Open),
	}
}

// zoneRejected reports whether the file has a time zone for the hours at path, which is reported already.
func (c *checker) zoneRejected(path string) bool {
	widget := strings.TrimSuffix(path, ".hours")
	return c.has(path+".timezone") || !c.ok(widget+".timezone") || !c.ok("timezone") || !c.ok("defaults.timezone")
}

// zone loads a time zone.
func (c *checker) zone(path, name string) *time.Location {
	if name == "" {
		return nil // the caller has none, or reported it
	}
	zone, known := c.zones[name]
	if !known && name != "Local" { // which depends on the machine
		zone, _ = time.LoadLocation(name) // nil when there is none
		c.zones[name] = zone
	}
	if zone == nil {
		c.add(path, "is not a known time zone", "an IANA name is needed, for example America/Denver or Europe/Zurich")
	}
	return zone
}

// weekly returns the hours of each day of the week.
func (c *checker) weekly(in ByDay) (week [7][]Span) {
	var named [7]string // the path of the key that names a day
	var all []placedSpan
	for _, e := range in {
		days, ok := weekdays(e.key)
		if !ok {
			c.add(e.path, "is not a day", `days are mon, tue, wed, thu, fri, sat and sun; write mon, mon-fri, "mon, wed, fri" or daily`)
			continue
		}
		spans := c.spans(e.path, e.text)
		for _, day := range days {
			switch first := named[day]; {
			case first == e.path:
				c.add(e.path, "has "+day.String()+" twice", "name each day once")
				continue
			case first != "":
				c.add(e.path, fmt.Sprintf("repeats %s, which is in line %d already", day, c.places[first].line), "name each day once")
				continue
			}
			named[day] = e.path
			week[day] = spans
			all = append(all, weekDay(int(day), spans, e.path)...)
		}
	}
	c.overlaps(all)
	return week
}

// weekDay places the hours of a weekday in a week. Hours of a Saturday, which may reach into Sunday, are placed before Sunday as well.
func weekDay(day int, spans []Span, path string) []placedSpan {
	all := placed(day, spans, path)
	if day == int(time.Saturday) {
		all = append(all, placed(-1, spans, path)...)
	}
	return all
}

// open checks the dates with their own hours and sorts them.
func (c *checker) open(in ByDate) (days []OpenDay) {
	var all []placedSpan
	for _, e := range in {
		day, ok := c.date(e.path, e.key, "write each date alone, as in 2026-12-24")
		if !ok {
			continue
		}
		spans := c.spans(e.path, e.text)
		if len(spans) == 0 && c.ok(e.path) {
			c.add(e.path, "has no hours", "a day without hours belongs under closed")
		}
		days = append(days, OpenDay{day, spans})
		all = append(all, placed(int(day.start().Unix()/(24*3600)), spans, e.path)...)
	}
	c.overlaps(all)
	slices.SortFunc(days, func(a, b OpenDay) int { return a.Date.start().Compare(b.Date.start()) })
	return days
}

// placedSpan is a span of a numbered day.
type placedSpan struct {
	Span
	day  int
	path string
}

// placed places the spans of one day.
func placed(day int, spans []Span, path string) (all []placedSpan) {
	for _, s := range spans {
		all = append(all, placedSpan{s, day, path})
	}
	return all
}

// overlaps reports spans that start before an earlier one ends.
func (c *checker) overlaps(all []placedSpan) {
	start := func(s placedSpan) int { return s.day*minutesOfDay + s.From }
	end := func(s placedSpan) int { return s.day*minutesOfDay + s.To }
	slices.SortStableFunc(all, func(a, b placedSpan) int {
		return cmp.Or(cmp.Compare(start(a), start(b)), strings.Compare(a.path, b.path))
	})
	for i, s := range all[min(1, len(all)):] {
		before := all[i]
		switch {
		case start(s) >= end(before):
		case s.day == before.day:
			c.add(s.path, before.String()+" and "+s.String()+" overlap", "write the hours of a day as spans that follow one another")
		default:
			c.add(s.path, s.String()+" starts before "+before.String()+" of the day before ends", "end one where the other starts")
		}
	}
}
