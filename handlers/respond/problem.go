package respond

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
)

// A Problem is an error answer (RFC 9457), rendered once. Code is for programs, Detail for people. Neither repeats
// anything of the request.
type Problem struct {
	Status       int
	Code, Detail string
	rendered     func() (body []byte, length []string)
}

// NewProblem returns a problem. Its title is the text of the status.
func NewProblem(status int, code, detail string) *Problem {
	return &Problem{status, code, detail, sync.OnceValues(func() ([]byte, []string) {
		body, err := json.Marshal(struct {
			Type   string `json:"type"`
			Title  string `json:"title"`
			Status int    `json:"status"`
			Code   string `json:"code"`
			Detail string `json:"detail"`
		}{"about:blank", http.StatusText(status), status, code, detail})
		if err != nil {
			panic(err) // impossible for strings and a number
		}
		body = append(body, '\n')
		return body, []string{strconv.Itoa(len(body))}
	})}
}

// Problems that several packages return.
var (
	ErrNoWidget = NewProblem(http.StatusNotFound, "widget_not_found", "There is no widget with this ID. GET /v1/widgets lists the widgets.")
	ErrNoPage   = NewProblem(http.StatusNotFound, "not_found", "There is nothing at this address.")
	ErrQuery    = NewProblem(http.StatusBadRequest, "malformed_query", "The query string is malformed.")
)

// Error returns the code.
func (p *Problem) Error() string { return p.Code }

// Write sends the problem. It adds to the headers that are already set, such as those of CORS.
func (p *Problem) Write(w http.ResponseWriter) {
	body, length := p.rendered()
	h := w.Header()
	h["Content-Type"] = typeProblem
	h["Content-Length"] = length
	h["Cache-Control"] = NoStore
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // fails if the client has gone; net/http drops the body of an answer to HEAD
}
