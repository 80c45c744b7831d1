package handlers

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"waitboard/handlers/respond"
)

// getTypical sends what is typical of a widget's metrics, by hours of the week. It changes once an hour at most.
func (p *public) getTypical(c echo.Context) error {
	page, err := p.page(c)
	if err != nil {
		return err
	}
	week := p.Publisher.Week(page.Snapshot.ID)
	if week == nil { // removed meanwhile
		return respond.ErrNoWidget
	}
	age := max(week.Until.Sub(p.Now()), 0) / time.Second
	control := []string{"public, max-age=" + strconv.Itoa(int(age))}
	respond.Send(c, respond.TypeJSON, respond.Body{Plain: week.Plain, Zipped: week.Gzip}, control)
	return nil
}
