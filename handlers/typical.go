package handlers

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"waitboard/badge"
	"waitboard/handlers/respond"
	"waitboard/locale"
	"waitboard/publish"
)

// getTypical sends what is typical of a widget's metrics, by hours of the week. It changes once an hour at most.
func (p *public) getTypical(c echo.Context) error {
	week, control, err := p.week(c)
	if err != nil {
		return err
	}
	respond.Send(c, respond.TypeJSON, respond.Body{Plain: week.Plain, Zipped: week.Gzip}, control)
	return nil
}

// getTypicalSVG sends the chart of a metric, of the present day or with ?range=week of the week. Like badges, it draws an image for any
// choices: a page shows nothing of an error.
func (p *public) getTypicalSVG(c echo.Context) error {
	week, control, err := p.week(c)
	if err != nil {
		return err
	}
	metric, whole, theme := "", false, badge.Auto
	if c.Request().URL.RawQuery != "" {
		metric, whole, theme = c.QueryParam("metric"), c.QueryParam("range") == "week", badge.ThemeOf(c.QueryParam("theme"))
	}
	plain, zipped := week.ChartImage(metric, whole, theme)
	c.Response().Header()["Content-Security-Policy"] = svgPolicy
	respond.Send(c, svgType, respond.Body{Plain: plain, Zipped: zipped}, control)
	return nil
}

// getChart sends the chart of a metric as data in a language, of the present day or with ?range=week of the week. Like an image, it is right
// for any choices.
func (p *public) getChart(c echo.Context) error {
	week, control, err := p.week(c)
	if err != nil {
		return err
	}
	l := week.Locale()
	if chosen, _ := locale.Choose(c.QueryParam("locale")); chosen != "" {
		l = p.Languages.Locale(chosen, l)
	}
	plain, zipped := week.ChartJSON(c.QueryParam("metric"), c.QueryParam("range") == "week", l)
	respond.Send(c, respond.TypeJSON, respond.Body{Plain: plain, Zipped: zipped}, control)
	return nil
}

// week returns what is typical of the requested widget, and how long caches may store it.
func (p *public) week(c echo.Context) (week *publish.Week, control []string, err error) {
	page, err := p.page(c)
	if err != nil {
		return nil, nil, err
	}
	week = p.Publisher.Week(page.Snapshot.ID)
	if week == nil { // removed meanwhile
		return nil, nil, respond.ErrNoWidget
	}
	age := max(week.Until.Sub(p.Now()), 0) / time.Second
	return week, []string{"public, max-age=" + strconv.Itoa(int(age))}, nil
}
