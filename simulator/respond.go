package simulator

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// zips are reused, because making one takes longer than all else in a response.
var zips = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// writeJSON responds with JSON, compressed if the client accepts gzip.
func writeJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // Java's libraries don't escape markup
	if err := encoder.Encode(v); err != nil {
		// Plain structs always encode.
		panic(fmt.Errorf("simulator: %w", err))
	}
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=utf-8")
	h.Set("Vary", "Accept-Encoding")
	if acceptsGzip(r) {
		var packed bytes.Buffer
		zip := zips.Get().(*gzip.Writer)
		zip.Reset(&packed)
		_, _ = zip.Write(body.Bytes()) // a bytes.Buffer returns no errors
		_ = zip.Close()
		zips.Put(zip)
		h.Set("Content-Encoding", "gzip")
		body = packed
	}
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // fails if the client has left
}

// acceptsGzip reports whether Accept-Encoding names gzip with a weight above 0.
func acceptsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}

// errorJSON is an error body as Java frameworks print it.
type errorJSON struct {
	Timestamp string `json:"timestamp"`
	Status    int    `json:"status"`
	Error     string `json:"error"`
	Message   string `json:"message"`
	Path      string `json:"path"`
}

// jsonError responds with an error of the API. The message has the mark,
// because no upstream error text may reach the public.
func (s *Simulator) jsonError(w http.ResponseWriter, r *http.Request, status int, message string) {
	writeJSON(w, r, status, errorJSON{
		Timestamp: timestamp(s.clock()),
		Status:    status,
		Error:     http.StatusText(status),
		Message:   strings.TrimSpace(s.opts.Mark + " " + message),
		Path:      r.URL.Path,
	})
}

// htmlError responds with an error of the server around the API.
func (s *Simulator) htmlError(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "text/html;charset=iso-8859-1")
	w.WriteHeader(status)
	title := fmt.Sprintf("Error %d %s", status, http.StatusText(status))
	fmt.Fprintf(w, `<html>
<head><title>%[1]s</title></head>
<body><h2>%[1]s</h2>
<p>Problem on %[2]s. Reason:
<pre>    %[3]s
	at com.example.pbx.realtime.MetricServlet.doGet(MetricServlet.java:142)
</pre></p>
<hr/><i><small>Powered by Jetty://</small></i></body>
</html>
`, title, s.host(), html.EscapeString(detail))
}

// loginPage responds like a gateway that requires a login.
func (s *Simulator) loginPage(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	fmt.Fprintf(w, `<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><h1>Sign in to %s</h1>
<form method="post" action="/login"><input name="user"><input name="password" type="password"></form>
</body></html>
`, s.host())
}

// host returns the server's name in its pages. The mark needs no escaping: see
// Options.Mark.
func (s *Simulator) host() string { return "pbx" + s.opts.Mark }
