package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// Where whoever watches over the service asks.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// getHealth says that the process is alive and answers.
func (p *public) getHealth(c echo.Context) error { return sendStatus(c, "alive") }

// getReady says whether the service is fit for traffic. It is once every source has been tried, whether or not it
// answered: that a source is down is something to show to visitors, not a reason to turn them away.
func (p *public) getReady(c echo.Context) error {
	if !p.ready() {
		return errStarting
	}
	return sendStatus(c, "ready")
}

func sendStatus(c echo.Context, status string) error {
	c.Response().Header()["Cache-Control"] = noStore
	return c.JSONBlob(http.StatusOK, []byte(`{"status":"`+status+`"}`+"\n"))
}
