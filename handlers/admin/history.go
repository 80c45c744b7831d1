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
	"waitboard/estimate"
	"waitboard/handlers/respond"
	"waitboard/history"
)

// An Archive is what is collected of metrics: exported, and imported as rows.
type Archive[R any] interface {
	Export(at domain.Placement) ([]R, error)
	Import(at domain.Placement, rows []R) (added int, err error) // added is in what the archive counts
}

// A form is how the rows of an archive are read and written.
type form[R any] struct {
	archive  Archive[R]
	none     error  // of an archive that has no such metric
	added    string // what an import counts
	readCSV  func([]byte) ([]R, error)
	readJSON func([]byte) ([]R, error)
	writeCSV func(io.Writer, []R) error
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

// history serves what is collected of one metric of a widget: GET exports it, POST imports values.
func (a *admin) history(w http.ResponseWriter, r *http.Request) {
	at := domain.Placement{Widget: r.PathValue("id"), Metric: r.PathValue("metric")}
	if a.Waits != nil {
		waits := form[estimate.Row]{a.Waits, estimate.ErrNone, "waits", estimate.ReadCSV, estimate.ReadJSON, estimate.WriteCSV}
		if waits.serve(a, w, r, at) {
			return
		}
	}
	if a.History != nil {
		values := form[history.Row]{a.History, history.ErrNone, "hours", history.ReadCSV, history.ReadJSON, history.WriteCSV}
		if values.serve(a, w, r, at) {
			return
		}
	}
	errNoHistory.Send(w, r)
}

// serve responds, unless the archive has no such metric.
func (f *form[R]) serve(a *admin, w http.ResponseWriter, r *http.Request, at domain.Placement) (served bool) {
	rows, err := f.archive.Export(at)
	switch {
	case err != nil:
		return false
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		f.export(w, r, rows)
	case r.Method == http.MethodPost:
		f.imports(a, w, r, at)
	default:
		w.Header()["Allow"] = historyMethods
		errHistoryMethod.Send(w, r)
	}
	return true
}

func (f *form[R]) export(w http.ResponseWriter, r *http.Request, rows []R) {
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header()["Content-Type"] = respond.TypeJSON
		if rows == nil {
			rows = []R{}
		}
		_ = json.NewEncoder(w).Encode(rows) // fails if the client has gone
		return
	}
	w.Header()["Content-Type"] = typeCSV
	_ = f.writeCSV(w, rows)
}

func (f *form[R]) imports(a *admin, w http.ResponseWriter, r *http.Request, at domain.Placement) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	read := map[string]func([]byte) ([]R, error){"text/csv": f.readCSV, "application/json": f.readJSON}[media]
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
	var added int
	if err == nil {
		added, err = f.archive.Import(at, rows)
	}
	switch {
	case errors.Is(err, f.none):
		errNoHistory.Send(w, r) // it was removed meanwhile
	case err != nil:
		respond.NewProblem(http.StatusBadRequest, "invalid_history", "Nothing was imported: "+err.Error()+".").Send(w, r)
	default:
		a.Log.Info("history imported", "widget", at.Widget, "metric", at.Metric, "rows", len(rows), f.added, added, "from", r.RemoteAddr)
		w.Header()["Content-Type"] = respond.TypeJSON
		_ = json.NewEncoder(w).Encode(map[string]int{"rows": len(rows), f.added: added}) // fails if the client has gone
	}
}
