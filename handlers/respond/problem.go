package respond

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// A Problem is an error answer (RFC 9457), rendered once. Code is for programs, Detail for people. Neither repeats
// anything of the request.
type Problem struct {
	Status       int
	Code, Detail string

	rendered, page func() (body []byte, length []string)
}

// NewProblem returns a problem. Its title is the text of the status.
func NewProblem(status int, code, detail string) *Problem {
	p := &Problem{Status: status, Code: code, Detail: detail}
	p.rendered = sync.OnceValues(func() ([]byte, []string) {
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
		return sized(append(body, '\n'))
	})
	p.page = sync.OnceValues(func() ([]byte, []string) {
		var body bytes.Buffer
		if err := problemPage.Execute(&body, struct{ Title, Detail string }{http.StatusText(status), detail}); err != nil {
			panic(err) // impossible for strings
		}
		return sized(body.Bytes())
	})
	return p
}

func sized(body []byte) ([]byte, []string) { return body, []string{strconv.Itoa(len(body))} }

// problemPage is a problem for people. It works under the policies of both listeners.
var problemPage = template.Must(template.New("problem").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{.Title}}</title>
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}</style>
</head>
<body>
<h1>{{.Title}}</h1>
<p>{{.Detail}}</p>
</body>
</html>
`))

var pagePolicy = []string{"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}

// Problems that several packages return.
var (
	ErrNoWidget = NewProblem(http.StatusNotFound, "widget_not_found", "There is no widget with this ID. GET /v1/widgets lists the widgets.")
	ErrNoPage   = NewProblem(http.StatusNotFound, "not_found", "There is nothing at this address.")
	ErrQuery    = NewProblem(http.StatusBadRequest, "malformed_query", "The query string is malformed.")
)

// Error returns the code.
func (p *Problem) Error() string { return p.Code }

// Send sends the problem: as a page if the request is a browser's for a page, otherwise as JSON. It adds to the headers
// that are already set, such as those of CORS.
func (p *Problem) Send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	body, length := p.rendered()
	h["Content-Type"] = typeProblem
	if WantsPage(r) {
		body, length = p.page()
		h["Content-Type"] = TypeHTML
		h["Content-Security-Policy"] = pagePolicy
	}
	h["Content-Length"] = length
	h["Cache-Control"] = NoStore
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // fails if the client has gone; net/http drops the body of an answer to HEAD
}

// WantsPage reports whether a request is a browser's for a page: its Accept names text/html.
func WantsPage(r *http.Request) bool {
	for _, line := range r.Header["Accept"] {
		if strings.Contains(line, "text/html") {
			return true
		}
	}
	return false
}
