package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"waitboard/domain"
	"waitboard/handlers/respond"
	"waitboard/history"
)

// History is the archive of what visitors saw.
type History interface {
	Export(at domain.Placement) ([]history.Row, error)
	Import(at domain.Placement, rows []history.Row) (hours int, err error)
}

// maxImport is the largest body of an import, in bytes: more than a row for each half minute of a year.
const maxImport = 64 << 20

var (
	errNoHistory     = respond.NewProblem(http.StatusNotFound, "no_history", "The configuration has no history for this metric of this widget.")
	errHistoryMethod = respond.NewProblem(http.StatusMethodNotAllowed, "method_not_allowed", "History supports GET and HEAD, and POST of CSV or JSON.")
	errHistoryType   = respond.NewProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "The body must be CSV, with Content-Type: text/csv, or JSON, with Content-Type: application/json.")
	errHistorySize   = respond.NewProblem(http.StatusRequestEntityTooLarge, "body_too_large", "The body is larger than 64 MiB. Import it in parts.")
	historyMethods   = []string{"GET, HEAD, POST"}
	typeCSV          = []string{"text/csv; charset=utf-8; header=present"}
)

// history serves the archive of one metric of a widget: GET exports it, POST imports values.
func (a *admin) history(w http.ResponseWriter, r *http.Request) {
	at := domain.Placement{Widget: r.PathValue("id"), Metric: r.PathValue("metric")}
	switch {
	case a.History == nil:
		errNoHistory.Send(w, r)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		a.exportHistory(w, r, at)
	case r.Method == http.MethodPost:
		a.importHistory(w, r, at)
	default:
		w.Header()["Allow"] = historyMethods
		errHistoryMethod.Send(w, r)
	}
}

func (a *admin) exportHistory(w http.ResponseWriter, r *http.Request, at domain.Placement) {
	rows, err := a.History.Export(at)
	if err != nil {
		errNoHistory.Send(w, r)
		return
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header()["Content-Type"] = respond.TypeJSON
		if rows == nil {
			rows = []history.Row{}
		}
		_ = json.NewEncoder(w).Encode(rows) // fails if the client has gone
		return
	}
	w.Header()["Content-Type"] = typeCSV
	_ = history.WriteCSV(w, rows)
}

func (a *admin) importHistory(w http.ResponseWriter, r *http.Request, at domain.Placement) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	read := map[string]func([]byte) ([]history.Row, error){"text/csv": history.ReadCSV, "application/json": history.ReadJSON}[media]
	if err != nil || read == nil {
		errHistoryType.Send(w, r)
		return
	}
	var body bytes.Buffer
	if _, err := io.Copy(&body, http.MaxBytesReader(w, r.Body, maxImport)); err != nil {
		errHistorySize.Send(w, r)
		return
	}
	rows, err := read(body.Bytes())
	var hours int
	if err == nil {
		hours, err = a.History.Import(at, rows)
	}
	switch {
	case errors.Is(err, history.ErrNone):
		errNoHistory.Send(w, r)
	case err != nil:
		respond.NewProblem(http.StatusBadRequest, "invalid_history", "Nothing was imported: "+err.Error()+".").Send(w, r)
	default:
		a.Log.Info("history imported", "widget", at.Widget, "metric", at.Metric, "rows", len(rows), "hours", hours, "from", r.RemoteAddr)
		w.Header()["Content-Type"] = respond.TypeJSON
		_ = json.NewEncoder(w).Encode(map[string]int{"rows": len(rows), "hours": hours}) // fails if the client has gone
	}
}
