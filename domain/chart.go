package domain

import (
	"math"
	"time"

	"waitboard/locale"
)

// A Chart is what is typical of the hours of a day or a week of a metric, as a picture shows it. It holds only what may be public.
type Chart struct {
	ID      string // of the widget
	Locale  *locale.Locale
	Label   string
	Whole   bool // a week instead of a day
	Now     time.Time
	Days    []ChartDay // today, or the days of this week in the order of the locale
	Quiet   QuietHour  // the quietest hour of the rest of today; zero: none is quieter than another
	Message string     // replaces the hours: why there are none
	Top     float64    // the end of the scale, in the units of a Display

	step float64 // between the marks of the scale
	kind Kind
}

// A ChartDay is a day of a chart. Hours has those that are typical and open.
type ChartDay struct {
	Start time.Time
	Today bool
	Hours []ChartHour
}

// A ChartHour is what is typical of an hour.
type ChartHour struct {
	Start time.Time
	Now   bool // the hour of the chart's Now
	Typical
}

// Chart returns what is typical of metric i at t: of t's day, or of its week. Without a metric, i is negative. A day has the hours in which the widget is open on that
// date. A week has those in which it usually is.
func (w *Widget) Chart(i int, week *TypicalWeek, t time.Time, whole bool) *Chart {
	t = t.In(w.Location())
	c := &Chart{ID: w.ID, Locale: w.Locale, Whole: whole, Now: t, Message: w.Locale.Say(locale.NotAvailable)}
	if i < 0 {
		return c // a widget without history
	}
	m := &w.Metrics[i]
	c.Label, c.Message = m.Label, w.Locale.Say(locale.TooLittleData)
	first, days := startOfDay(t, 0), 1
	if whole {
		first, days = startOfDay(t, -(int(t.Weekday())-int(w.Locale.FirstWeekday())+7)%7), 7
	}
	open, opens := w.opensOn, false
	if whole {
		open = w.opensIn
	}
	for n := range days {
		day := ChartDay{Start: startOfDay(first, n)}
		day.Today = day.Start.YearDay() == t.YearDay()
		for k := range 24 {
			start := time.Date(day.Start.Year(), day.Start.Month(), day.Start.Day(), k, 0, 0, 0, w.Location())
			if start.Hour() != k || !open(start) {
				continue // the clock was set forward, or closed
			}
			opens = true
			if typical := m.Typical(w.Locale, week, HourOfWeek(start)); typical != (Typical{}) {
				day.Hours = append(day.Hours, ChartHour{start, day.Today && k == t.Hour(), typical})
			}
		}
		c.Days = append(c.Days, day)
	}
	if !opens && !whole {
		c.Message = w.Locale.Say(locale.ClosedToday)
	}
	c.scale()
	c.Quiet = w.quiet(i, week, t)
	return c
}

// opensOn reports whether the widget is open in some of the hour after t.
func (w *Widget) opensOn(t time.Time) bool {
	if w.Hours == nil {
		return true
	}
	open, until := w.Hours.At(t)
	return open || !until.IsZero() && until.Before(t.Add(time.Hour))
}

// quiet returns the quietest hour of the rest of the day, unless all are alike.
func (w *Widget) quiet(i int, week *TypicalWeek, t time.Time) QuietHour {
	today, _ := w.Quietest(i, week, t)
	if len(today) == 0 {
		return QuietHour{}
	}
	midnight := startOfDay(t, 1)
	for start := HourStart(t); start.Before(midnight); start = start.Add(time.Hour) {
		other := w.Metrics[i].Typical(w.Locale, week, HourOfWeek(start))
		if other != (Typical{}) && w.openFor(start, time.Hour) && (other.Text != today[0].Text) {
			return today[0]
		}
	}
	return QuietHour{}
}

// Empty reports whether there is nothing to show but the message.
func (c *Chart) Empty() bool { return c.Top == 0 }

// scale sets the end of the scale and its step.
func (c *Chart) scale() {
	for _, day := range c.Days {
		for _, h := range day.Hours {
			c.kind = h.Kind
			if c.Top = max(c.Top, h.High, 1); h.Open {
				c.Top = max(c.Top, h.Low*1.2)
			}
		}
	}
	if c.Empty() {
		return
	}
	c.Message = ""
	const marks = 3
	if c.kind == Count {
		for unit := 1.; c.step == 0; unit *= 10 {
			for _, n := range [...]float64{1, 2, 5} {
				if c.step == 0 && n*unit*marks >= c.Top {
					c.step = n * unit
				}
			}
		}
	} else {
		const second, minute, hour = 1000., 60_000., 3_600_000.
		for _, step := range [...]float64{
			5 * second, 10 * second, 30 * second, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 20 * minute, 30 * minute, hour, 2 * hour, 4 * hour, 8 * hour,
		} {
			if c.step == 0 && step*marks >= c.Top {
				c.step = step
			}
		}
		if c.step == 0 {
			c.step = math.Ceil(c.Top/marks/(24*hour)) * 24 * hour
		}
	}
	c.Top = math.Ceil(c.Top/c.step) * c.step
}

// A Mark is a line of a chart's scale.
type Mark struct {
	Amount float64
	Text   string
}

// Marks returns the lines of the scale above zero, at most three.
func (c *Chart) Marks() (marks []Mark) {
	for n := 1.; n*c.step <= c.Top && c.step > 0; n++ {
		amount := n * c.step
		text := c.Locale.Number(amount, -1)
		if c.kind == Duration {
			text = c.Locale.Duration(time.Duration(amount) * time.Millisecond)
		}
		marks = append(marks, Mark{amount, text})
	}
	return marks
}

// ScaleText returns the scale from its start to its end: "0–15 min".
func (c *Chart) ScaleText() string {
	if c.kind == Duration {
		return c.Locale.DurationRange(0, time.Duration(c.Top)*time.Millisecond)
	}
	return c.Locale.CountRange(0, c.Top)
}

// Places returns the first hour of the day for which the chart has a place, and how many have one.
func (c *Chart) Places() (first, hours int) {
	const least = 6
	first, last := 23, 0
	for _, day := range c.Days {
		for _, h := range day.Hours {
			first, last = min(first, h.Start.Hour()), max(last, h.Start.Hour())
		}
	}
	if last-first+1 < least {
		first = max(0, min(first, 24-least))
		last = first + least - 1
	}
	return first, last - first + 1
}

// Clocks returns the hours to label below the hours of the chart, by their place among them.
func (c *Chart) Clocks() (labels map[int]string) {
	first, hours := c.Places()
	step := 6
	for _, s := range [...]int{4, 3, 2, 1} {
		if hours*2 <= 9*s { // at most five labels
			step = s
		}
	}
	labels = map[int]string{}
	for hour := first; hour < first+hours; hour++ {
		if hour%step == 0 && (first+hours-hour)*8 >= hours { // an eighth of the width
			labels[hour-first] = c.Locale.Hour(time.Date(2000, 1, 1, hour, 0, 0, 0, time.UTC))
		}
	}
	return labels
}

// Ends returns where the bar of an hour begins and ends, as parts of the scale. A bar is never too small to see.
func (c *Chart) Ends(h *ChartHour) (low, high float64) {
	const least = 0.04
	low, high = h.Low/c.Top, min(h.High/c.Top, 1)
	if h.Open {
		high = 1
	}
	if high-low < least {
		middle := (low + high) / 2
		low = min(max(middle-least/2, 0), 1-least)
		high = low + least
	}
	return low, high
}

// Weekday returns the name of a day.
func (c *Chart) Weekday(d *ChartDay) string { return c.Locale.Weekday(d.Start.Weekday()) }

// Caption returns what the chart is about.
func (c *Chart) Caption() string {
	parts := []string{c.Locale.Say(locale.UsualByHour)}
	if !c.Whole && len(c.Days) > 0 {
		parts = append(parts, c.Weekday(&c.Days[0]))
	}
	return c.Locale.Join(parts)
}

// Foot returns the sentence about the quietest hour, or "".
func (c *Chart) Foot() string {
	if c.Empty() || c.Quiet == (QuietHour{}) {
		return ""
	}
	return c.Locale.QuietestToday(c.Quiet.Start)
}

// When returns the words for an hour, and whether it is the present one.
func (c *Chart) When(h *ChartHour) string {
	if h.Now {
		return c.Locale.Now(c.Locale.HourRange(h.Start))
	}
	return c.Locale.HourRange(h.Start)
}

// HourText returns all that a bar shows in words. In a week it names the day.
func (c *Chart) HourText(d *ChartDay, h *ChartHour) string {
	parts := []string{c.When(h), h.Text}
	if c.Whole {
		parts = append([]string{c.Weekday(d)}, parts...)
	}
	return c.Locale.Join(parts)
}

// Sentence returns all that the chart shows in words.
func (c *Chart) Sentence() string {
	if c.Empty() {
		return c.Locale.Join([]string{c.Caption(), c.Message})
	}
	parts := []string{c.Caption()}
	for i := range c.Days {
		for k := range c.Days[i].Hours {
			h := &c.Days[i].Hours[k]
			part := c.Locale.Part(c.When(h), h.Text)
			if c.Whole && k == 0 {
				part = c.Locale.Line(c.Weekday(&c.Days[i]), part)
			}
			parts = append(parts, part)
		}
	}
	if foot := c.Foot(); foot != "" {
		parts = append(parts, foot)
	}
	return c.Locale.Join(parts)
}
