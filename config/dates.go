package config

import (
	"cmp"
	"fmt"
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

// start returns the midnight in UTC at which the day starts, for calculations.
func (d Date) start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// DateRange is one day or several in a row.
type DateRange struct {
	First, Last Date // both inclusive; Last is never before First
}

// DatePattern matches a date.
const DatePattern = `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`

// date parses one day. It reports any other text, with a hint.
func (c *checker) date(path, text, hint string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		c.add(path, "is not a date of the calendar", hint)
		return Date{}, false
	}
	return Date{t.Year(), t.Month(), t.Day()}, true
}

// closed checks the days without hours and sorts them.
func (c *checker) closed(path string, values []string) (all []DateRange) {
	const hint = "write 2026-12-25, or 2026-12-24..2027-01-01 for several days"
	lines := map[DateRange]int{}
	for i, value := range values {
		itemPath := c.item(path, i)
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
			c.add(itemPath, fmt.Sprintf("is repeated; it is in line %d already", line), "remove one of them")
		}
		lines[days] = cmp.Or(lines[days], c.places[itemPath].line)
		all = append(all, days)
	}
	slices.SortStableFunc(all, func(a, b DateRange) int { return a.First.start().Compare(b.First.start()) })
	return all
}
