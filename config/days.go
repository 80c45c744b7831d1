package config

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

const minutesOfDay = 24 * 60

// Span is a time between two minutes of a day, counted from local midnight.
type Span struct {
	From int // 0 to 1439
	To   int // exclusive, From+1 to 2880; more than 1440 is in the next day
}

// String returns a span as a file has it.
func (s Span) String() string {
	to := s.To
	if to > minutesOfDay {
		to -= minutesOfDay
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, to/60, to%60)
}

// The patterns of keys and texts in hours.
const (
	dayForm   = `([Mm]on(day)?|[Tt]ue(sday)?|[Ww]ed(nesday)?|[Tt]hu(rsday)?|[Ff]ri(day)?|[Ss]at(urday)?|[Ss]un(day)?)`
	daysForm  = dayForm + `( *- *` + dayForm + `)?`
	clockForm = `([01][0-9]|2[0-3]):[0-5][0-9]`
	spanForm  = clockForm + ` *- *(` + clockForm + `|24:00)`

	// DaysPattern matches one day of the week or several.
	DaysPattern = `^ *([Dd]aily|` + daysForm + `( *, *` + daysForm + `)*) *$`
	// HoursPattern matches the hours of a day. Those of a date are never empty or closed.
	HoursPattern = `^ *([Cc]losed|` + spanForm + `( *, *` + spanForm + `)*)? *$`
)

var (
	daysPattern = regexp.MustCompile(DaysPattern)
	spanPattern = regexp.MustCompile(`^ *` + spanForm + ` *$`)
	// hourKey matches the key that results from hours with a comma, without quotes, in a mapping in braces.
	hourKey = regexp.MustCompile(`^[0-9]{1,2}(:|$)`)
)

// ByDay is a YAML mapping from days of the week to hours.
type ByDay []dayText

// ByDate is a YAML mapping from dates to hours.
type ByDate []dayText

// dayText is a day and its hours, as the file has them.
type dayText struct{ key, text, path string }

// dayTexts decodes a mapping from days, such as example, to hours. It leaves out what it rejects.
func (d *decoder) dayTexts(n *yaml.Node, path, example string) (all []dayText) {
	like := rules{name: example, example: `"08:00-12:00, 13:00-17:00"`}
	pairs, ok := d.tree.pairs(n, path)
	switch {
	case !ok:
		d.add(path, "must be days with their hours, not "+kind(n), like.like())
	case len(pairs) == 0 && !d.tree.exhausted():
		d.add(path, isEmpty, "name at least one day, or remove the key")
	}
	for _, p := range pairs {
		if hourKey.MatchString(p.key) {
			d.add(p.path, "is a time where a day should be", `put all hours of a day in quotes: "08:00-12:00, 13:00-17:00"`)
			continue
		}
		e := dayText{key: p.key, path: p.path}
		d.value(p.value, p.path, reflect.ValueOf(&e.text).Elem(), like)
		if d.ok(p.path) {
			all = append(all, e)
		}
	}
	return all
}

// weekdays parses a text that DaysPattern matches. ok is false for any other text.
func weekdays(text string) (all []time.Weekday, ok bool) {
	if !daysPattern.MatchString(text) {
		return nil, false
	}
	text = strings.ToLower(strings.ReplaceAll(text, " ", ""))
	if text == "daily" {
		text = "mon-sun"
	}
	for part := range strings.SplitSeq(text, ",") {
		first, last, _ := strings.Cut(part, "-")
		begin, end := weekday(first), weekday(cmp.Or(last, first))
		for day := begin; ; day = (day + 1) % 7 {
			all = append(all, day)
			if day == end {
				break
			}
		}
	}
	return all, true
}

// weekday parses one day by its first three letters.
func weekday(name string) time.Weekday {
	return time.Weekday(slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, name[:3]))
}

// spans parses the hours of a day and sorts them. A closed day has none.
func (c *checker) spans(path, text string) (all []Span) {
	if word := strings.TrimSpace(text); word == "" || strings.ToLower(word) == "closed" {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		if !spanPattern.MatchString(part) {
			c.add(path, "is not hours of the form HH:MM-HH:MM", `write them as in "08:00-12:00, 13:00-17:00", with two digits for each hour, from 00:00 to 24:00; closed is a day without hours`)
			return nil
		}
		from, to, _ := strings.Cut(strings.ReplaceAll(part, " ", ""), "-")
		s := Span{minutes(from), minutes(to)}
		if s.From == s.To {
			c.add(path, "holds a span that starts and ends at the same time", `"00:00-24:00" is the whole day`)
			return nil
		}
		if s.To < s.From {
			s.To += minutesOfDay // the next day
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	return all
}

// minutes parses HH:MM.
func minutes(clock string) int {
	t := func(i int) int { return int(clock[i]-'0')*10 + int(clock[i+1]-'0') }
	return t(0)*60 + t(3)
}
