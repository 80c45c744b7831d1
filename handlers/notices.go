package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"waitboard/domain"
	"waitboard/notices"
)

// maxNotice is how large a request with a notice may be: the longest text in its longest notation, and room besides.
const maxNotice = 8 << 10

var (
	errNoSuchWidget = newProblem(http.StatusNotFound, "widget_not_found", "There is no widget with this ID.")
	errNoNotice     = newProblem(http.StatusNotFound, "no_notice", "There is no operator's notice on this widget.")
	errNoticeMethod = newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "A notice takes GET, HEAD, PUT and DELETE, and POST from the form.")
	errNotJSON      = newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "The body must be JSON, with Content-Type: application/json.")
	errNotForm      = newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "POST is for the form; programs use PUT with JSON.")
	errNoticeSize   = newProblem(http.StatusRequestEntityTooLarge, "body_too_large", "The body is larger than 8 KiB.")
	noticeMethods   = []string{"GET, HEAD, PUT, POST, DELETE"}
)

// noticeJSON is a notice as it is answered.
type noticeJSON struct {
	Widget     string     `json:"widget"`
	Text       string     `json:"text"`
	Closed     bool       `json:"closed"`
	Until      *time.Time `json:"until,omitempty"` // not there: until it is taken back
	Persistent bool       `json:"persistent"`      // it survives a restart
}

// notice answers for the notice of one widget. One whose widget has gone from the configuration can still be seen and taken
// back.
func (a *admin) notice(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	n, found := a.Notices.Get(id)
	_, known := a.Publisher.Page(id)
	var err error
	switch {
	case !known && !found:
		err = errNoSuchWidget
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
	case !known:
		err = errNoSuchWidget
	case r.Method == http.MethodPost:
		a.postNotice(w, r, id)
		return
	default:
		if n, err = a.readNotice(w, r); err == nil {
			n, err = a.setNotice(r, id, n)
		}
	}
	if err != nil {
		a.problem(err).write(w)
		return
	}
	a.sendNotice(w, id, n)
}

func (a *admin) sendNotice(w http.ResponseWriter, id string, n domain.Notice) {
	out := noticeJSON{Widget: id, Text: n.Text, Closed: n.Closed, Persistent: a.Notices.Persistent()}
	if !n.Until.IsZero() {
		out.Until = &n.Until
	}
	w.Header()["Content-Type"] = jsonType
	_ = json.NewEncoder(w).Encode(out) // the client may be gone
}

func (a *admin) setNotice(r *http.Request, id string, n domain.Notice) (domain.Notice, error) {
	n, err := a.Notices.Set(id, n)
	if err != nil {
		return n, err
	}
	end := "when it is taken back"
	if !n.Until.IsZero() {
		end = n.Until.Format(time.RFC3339)
	}
	a.Log.Info("an operator's notice is shown", "widget", id, "text", n.Text, "closed", n.Closed, "ends", end, "from", r.RemoteAddr)
	return n, nil
}

func (a *admin) removeNotice(r *http.Request, id string) error {
	found, err := a.Notices.Remove(id)
	if found && err == nil {
		a.Log.Info("an operator's notice was taken back", "widget", id, "from", r.RemoteAddr)
	}
	return err
}

// problem is what a request is told of an error.
func (a *admin) problem(err error) *problem {
	var known *problem
	var invalid *notices.InvalidError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &invalid):
		return badNotice(invalid.Reason)
	}
	a.Log.Error("a notice could not be saved, so nothing was changed", "error", err)
	return newProblem(http.StatusInternalServerError, "not_saved", "This could not be saved, so nothing was changed: "+err.Error()+".")
}

func badNotice(detail string) *problem {
	return newProblem(http.StatusBadRequest, "invalid_notice", detail)
}

// readNotice reads a notice that is sent as JSON.
func (a *admin) readNotice(w http.ResponseWriter, r *http.Request) (n domain.Notice, err error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return n, errNotJSON
	}
	var in struct {
		Text   string  `json:"text"`
		Closed bool    `json:"closed"`
		Until  *string `json:"until"` // RFC 3339
		For    *string `json:"for"`   // such as 2h
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxNotice))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&in)
	if err == nil {
		if _, err = decoder.Token(); err == nil {
			return n, badNotice("Something follows after the end of the JSON.")
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		return n, unreadable(err)
	}
	n = domain.Notice{Text: strings.TrimSpace(in.Text), Closed: in.Closed}
	switch {
	case in.Until != nil && in.For != nil:
		return n, badNotice("until and for exclude each other.")
	case in.For != nil:
		n.Until, err = a.endAfter(*in.For)
	case in.Until != nil:
		if n.Until, err = time.Parse(time.RFC3339, *in.Until); err != nil || n.Until.IsZero() {
			return n, badNotice("until must be a time such as 2026-11-24T08:00:00Z.")
		}
	}
	return n, err
}

// unreadable says what is wrong with a body that can't be decoded.
func unreadable(err error) error {
	var wrongType *json.UnmarshalTypeError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errNoticeSize
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return badNotice(wrongType.Field + " must be " + map[bool]string{true: "true or false", false: "text"}[wrongType.Field == "closed"] + ".")
	case strings.HasPrefix(err.Error(), "json: unknown field "): // there is no type for it
		return badNotice("There is no field " + strings.TrimPrefix(err.Error(), "json: unknown field ") + "; there are text, closed, until and for.")
	}
	return badNotice("The body must be a JSON object with text and, if needed, closed, and until or for.")
}

// endAfter is when something ends that lasts a while from now.
func (a *admin) endAfter(text string) (time.Time, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return time.Time{}, badNotice("for must be a duration such as 30m, 2h or 1h30m.")
	}
	return a.Now().Add(d), nil
}
