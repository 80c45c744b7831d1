package badge

import (
	"waitboard/domain"
)

// The heights of charts, in any state.
const (
	DayHeight  = 204
	WeekHeight = 296
)

// ChartHeight returns the height of a chart of a day or a week.
func ChartHeight(week bool) int {
	if week {
		return WeekHeight
	}
	return DayHeight
}

// Chart returns the image of a chart. It has no script and no references.
func Chart(c *domain.Chart, title string, theme Theme) []byte {
	l := c.Locale
	h := head{language: l.Tag(), rtl: l.RightToLeft(), title: clean(title), text: cleanTo(maxSentence, l.Join(chartTexts(c, title))), inks: inks}
	return drawSVG(h, theme, func(t *typesetter) *layout { return layChart(t, c, title) })
}

// chartTexts returns the text alternative of a chart.
func chartTexts(c *domain.Chart, title string) []string {
	if c.Label == "" || c.Label == title {
		return []string{c.Sentence()}
	}
	return []string{c.Label, c.Sentence()}
}

const (
	chartTop    = 62 // of the bars
	chartFoot   = 34 // height of the foot with the sentence
	chartAxis   = 24 // height of the clocks below the bars
	chartNote   = 10.5
	dayPitch    = 25 // of the days of a week
	dayBar      = 20 // height of a bar of a week that is the whole scale
	most, slack = 18., 0.72
)

func layChart(t *typesetter, c *domain.Chart, title string) *layout {
	l := &layout{typesetter: t, rtl: c.Locale.RightToLeft(), height: ChartHeight(c.Whole)}
	name := clean(c.Label)
	if name == "" {
		name = clean(title)
	}
	s := l.style(14, true, name)
	l.write(inkTitle, margin, 29, l.cut(name, s, room), s)
	if c.Empty() {
		l.chartMessage(c)
		return l
	}
	caption := clean(c.Caption())
	s = l.style(11.5, false, caption)
	bottom := float64(l.height - chartFoot - chartAxis)
	if c.Whole {
		l.write(inkFaint, margin, 46, l.cut(caption, s, room-l.scale(c)-10), s)
		l.week(c)
	} else {
		l.write(inkFaint, margin, 46, l.cut(caption, s, room), s)
		l.day(c, bottom)
	}
	l.box(inkEdge, margin, float64(l.height-chartFoot), room, 1)
	foot := clean(c.Foot())
	s = l.style(12, false, foot)
	l.write(inkLabel, margin, float64(l.height-12), l.cut(foot, s, room), s)
	return l
}

// chartMessage says why there are no bars, in the middle of their place.
func (l *layout) chartMessage(c *domain.Chart) {
	text := clean(c.Message)
	s := l.style(15, false, text)
	lines, _ := l.wrap(text, s, room, 3)
	top := 40 + (float64(l.height)-40-float64(len(lines))*21)/2
	for i, line := range lines {
		l.write(inkLabel, margin, top+21*float64(i)+s.size-6, line, s)
	}
}

// scale writes what the height of a week's rows means, and returns the width of the text.
func (l *layout) scale(c *domain.Chart) float64 {
	text := clean(c.ScaleText())
	return l.writeBefore(inkFaint, margin+room, 46, text, l.style(chartNote, false, text))
}

// day places the bars of a day above the clocks, with the scale at their end.
func (l *layout) day(c *domain.Chart, bottom float64) {
	const gap = 8
	height, marks, taken := bottom-chartTop, c.Marks(), 0.
	for _, m := range marks {
		taken = max(taken, l.width(clean(m.Text), l.style(chartNote, false, m.Text)))
	}
	width := room - taken - gap
	for _, m := range marks {
		y := bottom - height*m.Amount/c.Top
		l.box(inkEdge, margin, y, width, 1)
		text := clean(m.Text)
		l.write(inkFaint, margin+width+gap, y+4, text, l.style(chartNote, false, text))
	}
	l.box(inkEdge, margin, bottom, width, 1)
	l.bars(c, &c.Days[0], margin, width, bottom, height, 7)
	l.clocks(c, margin, width, bottom)
}

// week places the days of a week below each other.
func (l *layout) week(c *domain.Chart) {
	const longest, gap = 96., 10
	names, taken := make([]string, len(c.Days)), 0.
	styles := make([]style, len(c.Days))
	for i := range c.Days {
		name := clean(c.Weekday(&c.Days[i]))
		styles[i] = l.style(11.5, c.Days[i].Today, name)
		names[i] = l.cut(name, styles[i], longest)
		taken = max(taken, l.width(names[i], styles[i]))
	}
	x, width := margin+taken+gap, room-taken-gap
	bottom := 0.
	for i := range c.Days {
		k := inkLabel
		if c.Days[i].Today {
			k = inkTitle
		}
		bottom = chartTop + dayPitch*float64(i) + dayBar
		l.write(k, margin, bottom-4, names[i], styles[i])
		l.box(inkEdge, x, bottom, width, 1)
		l.bars(c, &c.Days[i], x, width, bottom, dayBar, 5)
	}
	l.clocks(c, x, width, bottom+3)
}

// bars places the bars of a day. The present hour has its own color, and a triangle below it, mark pixels wide.
func (l *layout) bars(c *domain.Chart, d *domain.ChartDay, x, width, bottom, height, mark float64) {
	first, hours := c.Places()
	pitch := width / float64(hours)
	bar := min(pitch*slack, most)
	for i := range d.Hours {
		h := &d.Hours[i]
		low, high := c.Ends(h)
		at := x + pitch*(float64(h.Start.Hour()-first)+.5)
		k := inkBar
		if h.Now {
			k = inkNow
			l.shapes = append(l.shapes, shape{ink: k, x: at - mark/2, y: bottom + 1.5, w: mark, h: mark * .7, peak: true})
		}
		l.shapes = append(l.shapes, shape{ink: k, x: at - bar/2, y: bottom - height*high, w: bar, h: height * (high - low), corner: 2})
	}
}

// clocks writes the hours below the bars.
func (l *layout) clocks(c *domain.Chart, x, width, bottom float64) {
	_, hours := c.Places()
	pitch := width / float64(hours)
	labels := c.Clocks()
	end := 0.
	for i := range hours {
		text := clean(labels[i])
		s := l.style(chartNote, false, text)
		taken := l.width(text, s)
		at := min(max(x+pitch*(float64(i)+.5)-taken/2, x), margin+room-taken)
		if text != "" && at >= end {
			l.write(inkFaint, at, bottom+18, text, s)
			end = at + taken + 4
		}
	}
}
