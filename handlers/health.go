package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"waitboard/handlers/respond"
)

// getHealth reports that the process is alive.
func (p *public) getHealth(c echo.Context) error { return sendStatus(c, "alive") }

// getReady reports whether the service is fit for traffic: after the first poll of every source, successful or not. A
// failed source doesn't make the service unready, because its widgets show the failure.
func (p *public) getReady(c echo.Context) error {
	if !p.Ready() {
		return errNotReady
	}
	if p.Problem != nil {
		if problem := p.Problem(); problem != "" {
			c.Response().Header()["Cache-Control"] = respond.NoStore
			return c.JSON(http.StatusOK, struct {
				Status  string `json:"status"`
				Problem string `json:"problem"`
			}{"ready", problem})
		}
	}
	return sendStatus(c, "ready")
}

func sendStatus(c echo.Context, status string) error {
	c.Response().Header()["Cache-Control"] = respond.NoStore
	return c.JSONBlob(http.StatusOK, []byte(`{"status":"`+status+`"}`+"\n"))
}
