package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Date is a day of the calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// start is the day's midnight, in UTC, for calculating.
func (d Date) start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// DateRange is one day or several in a row.
type DateRange struct {
	First, Last Date // both included; Last is never before First
}

// DatePattern is what a date looks like.
const DatePattern = `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`

var likeDate = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

// date reads one day, and reports with hint what is none.
func (c *checker) date(path, text, hint string) (Date, bool) {
	if !likeDate.MatchString(text) {
		c.add(path, "is not a date", hint)
		return Date{}, false
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		c.add(path, "is not in the calendar", "check the day and the month; a date is year-month-day, as in 2026-12-25")
		return Date{}, false
	}
	return Date{t.Year(), t.Month(), t.Day()}, true
}

// closed gives the days without hours.
func (c *checker) closed(path string, values []string) (all []DateRange) {
	const hint = "write 2026-12-25, or 2026-12-24..2027-01-01 for several days"
	lines := map[DateRange]int{}
	for i, value := range values {
		itemPath := path
		if p := fmt.Sprintf("%s[%d]", path, i); c.has(p) {
			itemPath = p
		}
		from, to, isRange := strings.Cut(value, "..")
		if !isRange {
			to = from
		}
		first, ok := c.date(itemPath, strings.TrimSpace(from), hint)
		if !ok {
			continue
		}
		last, ok := c.date(itemPath, strings.TrimSpace(to), hint)
		if !ok {
			continue
		}
		days := DateRange{first, last}
		switch line := lines[days]; {
		case last.start().Before(first.start()):
			c.add(itemPath, "ends before it starts", hint)
		case line > 0:
			c.add(itemPath, fmt.Sprintf("stands here twice, first in line %d", line), "remove one of them")
		}
		lines[days] = cmp.Or(lines[days], c.places[itemPath].line)
		all = append(all, days)
	}
	slices.SortStableFunc(all, func(a, b DateRange) int { return a.First.start().Compare(b.First.start()) })
	return all
}
