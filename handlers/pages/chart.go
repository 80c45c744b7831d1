package pages

import (
	"slices"
	"strconv"

	"waitboard/domain"
	"waitboard/locale"
)

// chartFigure is the data of the template "chart": bars for the eye, and a table for screen readers.
type chartFigure struct {
	Stylesheet, Script            string
	Whole                         bool
	Label, Caption, Message, Foot string
	OwnLang, Dir                  string   // the language of Label, and the direction of the rest
	Scale                         string   // of a week
	Marks                         []string // from the top down
	Lines                         []string // where the marks are, in percent from the top
	Days                          []figureDay
	Clocks                        []string // one for each hour; most are empty
	Hour, Usually                 string   // headings of columns
	Table                         []figureRow
}

type figureDay struct {
	Name  string
	Today bool
	Bars  []figureBar
}

// A figureBar is a bar in percent of its room.
type figureBar struct {
	X, Y, Width, Height, Middle string
	Now                         bool
}

// A figureRow is an hour of the table, with a value for each day.
type figureRow struct {
	Hour   string
	Values []string
}

// barWidth is the part of an hour's width that its bar has.
const barWidth = 0.66

func newChartFigure(c *domain.Chart, own *locale.Locale) *chartFigure {
	l := c.Locale
	f := &chartFigure{
		Stylesheet: assets()["chart.css"].hashed, Script: assets()["chart.js"].hashed,
		Whole: c.Whole, Label: c.Label, Caption: c.Caption(), Message: c.Message, Foot: c.Foot(), OwnLang: own.Tag(), Dir: direction(l),
		Hour: l.Say(locale.HourOfDay), Usually: l.Say(locale.UsualValue),
	}
	if c.Empty() {
		return f
	}
	if c.Whole {
		f.Scale = c.ScaleText()
	} else {
		for _, m := range slices.Backward(c.Marks()) {
			f.Marks, f.Lines = append(f.Marks, m.Text), append(f.Lines, percent(1-m.Amount/c.Top))
		}
	}
	first, hours := c.Places()
	clocks := c.Clocks()
	for i := range hours {
		f.Clocks = append(f.Clocks, clocks[i])
	}
	for i := range c.Days {
		f.Days = append(f.Days, newFigureDay(c, &c.Days[i], first, hours))
	}
	f.Table = figureRows(c, first, hours)
	return f
}

func newFigureDay(c *domain.Chart, d *domain.ChartDay, first, hours int) figureDay {
	out := figureDay{Name: c.Weekday(d), Today: d.Today}
	for i := range d.Hours {
		h := &d.Hours[i]
		place := h.Start.Hour() - first
		if c.Locale.RightToLeft() {
			place = hours - 1 - place
		}
		low, high := c.Ends(h)
		middle, width := (float64(place)+.5)/float64(hours), barWidth/float64(hours)
		out.Bars = append(out.Bars, figureBar{
			X: percent(middle - width/2), Y: percent(1 - high), Width: percent(width), Height: percent(high - low), Middle: percent(middle), Now: h.Now,
		})
	}
	return out
}

// figureRows returns the hours of the table that have a value on some day.
func figureRows(c *domain.Chart, first, hours int) (rows []figureRow) {
	for hour := first; hour < first+hours; hour++ {
		row := figureRow{Values: make([]string, len(c.Days))}
		for i := range c.Days {
			for k := range c.Days[i].Hours {
				h := &c.Days[i].Hours[k]
				if h.Start.Hour() != hour {
					continue
				}
				row.Values[i] = h.Text
				switch {
				case !c.Whole:
					row.Hour = c.When(h)
				case h.Now:
					row.Values[i] = c.Locale.Now(h.Text)
					fallthrough
				default:
					row.Hour = c.Locale.HourRange(h.Start)
				}
			}
		}
		if row.Hour != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

func percent(part float64) string { return strconv.FormatFloat(part*100, 'f', 2, 64) + "%" }
