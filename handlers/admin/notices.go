package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"waitboard/domain"
	"waitboard/handlers/respond"
	"waitboard/internal/durations"
	"waitboard/notices"
)

// maxNotice is the largest body of a request with a notice, in bytes. The longest text fits in its longest notation.
const maxNotice = 8 << 10

// maxForm is the largest body of the form, in bytes. It can name a thousand widgets.
const maxForm = 64 << 10

var (
	errNoWidget     = respond.NewProblem(http.StatusNotFound, "widget_not_found", "There is no widget with this ID.")
	errNoNotice     = respond.NewProblem(http.StatusNotFound, "no_notice", "There is no operator's notice on this widget.")
	errNoticeMethod = respond.NewProblem(http.StatusMethodNotAllowed, "method_not_allowed", "A notice supports GET, HEAD, PUT and DELETE, and POST from the form.")
	errNotJSON      = respond.NewProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "The body must be JSON, with Content-Type: application/json.")
	errNotForm      = respond.NewProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "POST is for the form. Programs use PUT with JSON.")
	errNoticeSize   = respond.NewProblem(http.StatusRequestEntityTooLarge, "body_too_large", "The body is too large: 8 KiB of JSON, or 64 KiB of the form, are the limit.")
	errReadOnly     = respond.NewProblem(http.StatusServiceUnavailable, "read_only", "Notices can't change while the engine of the cluster can't be used. Retry later.")
	noticeMethods   = []string{"GET, HEAD, PUT, POST, DELETE"}
)

func badNotice(detail string) *respond.Problem {
	return respond.NewProblem(http.StatusBadRequest, "invalid_notice", detail)
}

// noticeJSON is a notice in an answer.
type noticeJSON struct {
	Widget     string     `json:"widget"`
	Text       string     `json:"text"`
	Closed     bool       `json:"closed"`
	From       *time.Time `json:"from,omitempty"`  // omitted: at once
	Until      *time.Time `json:"until,omitempty"` // omitted: until an operator removes it
	Persistent bool       `json:"persistent"`      // survives a restart
}

// notice serves the notice of one widget. A notice whose widget has left the configuration can be read and removed.
func (a *admin) notice(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	n, found := a.Notices.Get(id)
	_, exists := a.Publisher.Page(id)
	var err error
	switch {
	case !exists && !found:
		err = errNoWidget
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		if !found {
			err = errNoNotice
		}
	case r.Method == http.MethodDelete:
		if err = a.removeNotice(r, id); err == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
	case r.Method != http.MethodPut && r.Method != http.MethodPost:
		w.Header()["Allow"] = noticeMethods
		err = errNoticeMethod
	case !exists:
		err = errNoWidget
	case r.Method == http.MethodPost:
		a.postNotice(w, r, id)
		return
	default:
		if n, err = a.readNotice(w, r); err == nil {
			n, err = a.setNotice(r, id, n)
		}
	}
	if err != nil {
		a.problem(err).Send(w, r)
		return
	}
	a.sendNotice(w, id, n)
}

func (a *admin) sendNotice(w http.ResponseWriter, id string, n domain.Notice) {
	out := noticeJSON{Widget: id, Text: n.Text, Closed: n.Closed, Persistent: a.Notices.Persistent()}
	if !n.From.IsZero() {
		out.From = &n.From
	}
	if !n.Until.IsZero() {
		out.Until = &n.Until
	}
	w.Header()["Content-Type"] = respond.TypeJSON
	_ = json.NewEncoder(w).Encode(out) // fails if the client has gone
}

func (a *admin) setNotice(r *http.Request, id string, n domain.Notice) (domain.Notice, error) {
	n, err := a.Notices.Set(id, n)
	if err != nil {
		return n, err
	}
	ends := "when removed"
	if !n.Until.IsZero() {
		ends = n.Until.Format(time.RFC3339)
	}
	starts := "now"
	if !n.From.IsZero() {
		starts = n.From.Format(time.RFC3339)
	}
	a.Log.Info("notice set", "widget", id, "text", n.Text, "closed", n.Closed, "starts", starts, "ends", ends, "from", r.RemoteAddr)
	return n, nil
}

func (a *admin) removeNotice(r *http.Request, id string) error {
	found, err := a.Notices.Remove(id)
	if found && err == nil {
		a.Log.Info("notice removed", "widget", id, "from", r.RemoteAddr)
	}
	return err
}

// problem turns an error into an answer.
func (a *admin) problem(err error) *respond.Problem {
	var problem *respond.Problem
	var invalid *notices.InvalidError
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &invalid):
		return badNotice(invalid.Reason)
	case errors.Is(err, notices.ErrReadOnly):
		return errReadOnly
	}
	a.Log.Error("saving a notice failed, nothing changed", "error", err)
	return respond.NewProblem(http.StatusInternalServerError, "not_saved", "The notice can't be saved, and nothing changed: "+err.Error()+".")
}

// readNotice reads a notice from a JSON body.
func (a *admin) readNotice(w http.ResponseWriter, r *http.Request) (n domain.Notice, err error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return n, errNotJSON
	}
	var in struct {
		Text   string  `json:"text"`
		Closed bool    `json:"closed"`
		From   *string `json:"from"`  // RFC 3339
		Until  *string `json:"until"` // RFC 3339
		For    *string `json:"for"`   // such as 2h
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxNotice))
	if err != nil {
		return n, unreadable(err)
	}
	if name := repeated(body); name != "" {
		return n, badNotice("The field " + name + " is there twice.")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&in)
	if err == nil {
		if _, err = decoder.Token(); err == nil {
			return n, badNotice("There is something after the end of the JSON.")
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		return n, unreadable(err)
	}
	n = domain.Notice{Text: strings.TrimSpace(in.Text), Closed: in.Closed}
	if in.From != nil {
		if n.From, err = time.Parse(time.RFC3339, *in.From); err != nil || n.From.IsZero() {
			return n, badNotice("from must be a time such as 2026-11-24T08:00:00Z.")
		}
	}
	switch {
	case in.Until != nil && in.For != nil:
		return n, badNotice("until and for exclude each other.")
	case in.For != nil:
		n.Until, err = endAfter(later(a.Now(), n.From), *in.For)
	case in.Until != nil:
		if n.Until, err = time.Parse(time.RFC3339, *in.Until); err != nil || n.Until.IsZero() {
			return n, badNotice("until must be a time such as 2026-11-24T08:00:00Z.")
		}
	}
	return n, err
}

// repeated returns a name that a JSON object has twice, in any case of its letters, because they mean the same field; empty: there is none. The
// caller finds what else is wrong.
func repeated(object []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return ""
	}
	var seen []string
	for decoder.More() {
		name, err := decoder.Token()
		text, ok := name.(string)
		var value json.RawMessage
		if err != nil || !ok || decoder.Decode(&value) != nil {
			return ""
		}
		if slices.ContainsFunc(seen, func(other string) bool { return strings.EqualFold(other, text) }) {
			return text
		}
		seen = append(seen, text)
	}
	return ""
}

// unreadable returns the problem with a body that can't be decoded.
func unreadable(err error) error {
	var wrongType *json.UnmarshalTypeError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errNoticeSize
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return badNotice(wrongType.Field + " must be " + map[bool]string{true: "true or false", false: "text"}[wrongType.Field == "closed"] + ".")
	case strings.HasPrefix(err.Error(), "json: unknown field "): // this error has no type
		return badNotice("The field " + strings.TrimPrefix(err.Error(), "json: unknown field ") + " is unknown. The fields are text, closed, from, until and for.")
	}
	return badNotice("The body must be a JSON object with text and, optionally, closed, from, and until or for.")
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// endAfter returns the time after a duration from a start.
func endAfter(start time.Time, text string) (time.Time, error) {
	d, err := durations.Parse(text)
	if err != nil || d <= 0 {
		return time.Time{}, badNotice("for must be a duration such as 30m, 2h or 1d.")
	}
	return start.Add(d), nil
}
