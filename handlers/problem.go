package handlers

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"waitboard/locale"
	"waitboard/snippet"
)

// A problem is an error answer of RFC 9457, rendered once. Its code is for programs, its detail for people; it
// never repeats anything of the request.
type problem struct {
	status   int
	code     string
	detail   string
	rendered func() (body []byte, length []string)
}

func newProblem(status int, code, detail string) *problem {
	return &problem{status, code, detail, sync.OnceValues(func() ([]byte, []string) {
		body, err := json.Marshal(struct {
			Type   string `json:"type"` // about:blank: the title is that of the status
			Title  string `json:"title"`
			Status int    `json:"status"`
			Code   string `json:"code"`
			Detail string `json:"detail"`
		}{"about:blank", http.StatusText(status), status, code, detail})
		if err != nil {
			panic(err) // strings and a number can always be marshaled
		}
		body = append(body, '\n')
		return body, []string{strconv.Itoa(len(body))}
	})}
}

func (p *problem) Error() string { return p.code }

var (
	errNoWidget    = newProblem(http.StatusNotFound, "widget_not_found", "There is no widget with this ID. GET /v1/widgets lists those there are.")
	errNoPage      = newProblem(http.StatusNotFound, "not_found", "There is nothing at this address.")
	errMethod      = newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "Only GET, HEAD and OPTIONS are answered here.")
	errBody        = newProblem(http.StatusRequestEntityTooLarge, "body_refused", "No request here takes a body.")
	errManyIDs     = newProblem(http.StatusBadRequest, "too_many_ids", "At most "+strconv.Itoa(maxIDs)+" widgets can be asked for at once.")
	errQuery       = newProblem(http.StatusBadRequest, "malformed_query", "The query string can't be read.")
	errRateLimited = newProblem(http.StatusTooManyRequests, "rate_limited", "Too many requests came from this address. Ask again after as many seconds as Retry-After says.")
	errNoIDs       = newProblem(http.StatusBadRequest, "no_ids", "Say of which widgets you want events, by ?id= and the ID of each.")
	errStreams     = newProblem(http.StatusServiceUnavailable, "streams_full", "There are as many streams of events as there may be. Ask for the snapshot, or again after as many seconds as Retry-After says.")
	errOwnStreams  = newProblem(http.StatusTooManyRequests, "too_many_streams", "This address has as many streams of events as it may have. End one, or follow several widgets on one, by /v1/events.")
	errNoEmbed     = newProblem(http.StatusNotFound, "unknown_url", "There is nothing to embed by this url. It takes the address of a widget's page here, which ends with /w/ or /embed/ and the widget's ID.")
	errFormat      = newProblem(http.StatusNotImplemented, "unknown_format", "Only format=json is answered here.")
	errKind        = unknownChoice("kind", append([]snippet.Kind{"all"}, snippet.Kinds...)...)
	errLayout      = unknownChoice("layout", snippet.Layouts...)
	errTheme       = unknownChoice("theme", snippet.Themes...)
	errLocale      = unknownChoice("locale", locale.Supported()...)
	errPin         = unknownChoice("pin", "0", "1")
	errLive        = unknownChoice("live", "0", "1")
	errMetric      = newProblem(http.StatusBadRequest, "unknown_choice", "The widget has no metric of this ID. Its snapshot names those it has, while it is open.")
	errMetricKind  = newProblem(http.StatusBadRequest, "unknown_choice", "Only the kinds element and script can show a single metric.")
	errInternal    = newProblem(http.StatusInternalServerError, "internal", "Something went wrong here; it has been logged.")
	errStarting    = newProblem(http.StatusServiceUnavailable, "not_ready", "The service is starting or stopping.")
	problemTypes   = []string{"application/problem+json"}
)

// unknownChoice is the problem of a parameter of the query that is none of those there are.
func unknownChoice[S ~string](parameter string, known ...S) *problem {
	var list strings.Builder
	for i, each := range known {
		if i > 0 {
			list.WriteString(", ")
		}
		list.WriteString(string(each))
	}
	return newProblem(http.StatusBadRequest, "unknown_choice", "The parameter "+parameter+" takes one of "+list.String()+".")
}

// write sends the problem. Headers that are already set, those of CORS above all, stay.
func (p *problem) write(w http.ResponseWriter) {
	body, length := p.rendered()
	h := w.Header()
	h["Content-Type"] = problemTypes
	h["Content-Length"] = length
	h["Cache-Control"] = noStore
	w.WriteHeader(p.status)
	_, _ = w.Write(body) // the client may be gone; net/http drops the body of an answer to HEAD
}

// fail is the one place where errors become answers. What is not a problem of ours is logged and not shown.
func (p *public) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	var known *problem
	var httpError *echo.HTTPError
	switch {
	case errors.As(err, &known):
	case errors.As(err, &httpError) && httpError.Code == http.StatusMethodNotAllowed:
		known = errMethod
	case errors.As(err, &httpError) && httpError.Code < http.StatusInternalServerError:
		known = errNoPage
	default:
		p.log.Error("a request failed", "route", c.Path(), "error", err)
		known = errInternal
	}
	known.write(c.Response())
}
