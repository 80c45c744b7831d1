package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// controlHandler serves the control port: plain HTTP for curl and for tests in
// other languages. It needs no key, and rejects cross-origin browser requests.
func (s *Simulator) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.controlHelp)
	mux.HandleFunc("GET /fault", s.showFault)
	mux.HandleFunc("PUT /fault", s.putFault)
	mux.HandleFunc("POST /fault", s.putFault)
	mux.HandleFunc("DELETE /fault", s.liftFault)
	mux.HandleFunc("GET /metrics", s.showMetrics)
	mux.HandleFunc("GET /truth", s.showTruth)
	return http.NewCrossOriginProtection().Handler(mux)
}

func (s *Simulator) controlHelp(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, `A simulated Chronicall server answers on %[1]s

Show, set and lift the fault:
  curl %[2]s/fault
  curl -X PUT %[2]s/fault -d '{"mode": "slow", "delay": "3s"}'
  curl -X DELETE %[2]s/fault

Modes: %[3]s
  slow       "delay": "3s"
  status     "status": 429, "retry_after": "30s"
  oversized  "size": 67108864
With any mode, or alone:
  "skew": "-1m30s"         their clock, ahead or behind
  "gone": "K0FLAEB6"       one metric answers 404
  "forbidden": "K0FLAEB6"  one metric answers 403
  "handshake": 403         subscribing gets this status; "retry_after" is possible
  "socket": "freeze"       faults of subscriptions: %[5]s
                           ("slow" with "lag": "3s")

List the metrics, and show the true value of one (at=RFC 3339 is optional):
  curl %[2]s/metrics
  curl -G %[2]s/truth -d id=%[4]sK0W4ITGD -d category=%[4]sSupport
`, s.URL(), s.ControlURL(), strings.Join(modes, ", "), s.opts.Mark, strings.Join(sockets, ", "))
}

func (s *Simulator) showFault(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, r, http.StatusOK, s.Fault())
}

// putFault sets the fault in the body, and returns it with its defaults.
func (s *Simulator) putFault(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	var f Fault
	if err == nil {
		err = json.Unmarshal(body, &f)
	}
	if err == nil {
		err = s.SetFault(f)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.showFault(w, r)
}

func (s *Simulator) liftFault(w http.ResponseWriter, r *http.Request) {
	if err := s.SetFault(Fault{}); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.showFault(w, r)
}

// showMetrics lists the metrics with their value types, which the API's list
// lacks.
func (s *Simulator) showMetrics(w http.ResponseWriter, r *http.Request) {
	type metric struct {
		metricJSON
		ValueType string `json:"valueType"`
	}
	list := []metric{}
	for _, m := range s.Metrics() {
		list = append(list, metric{metricJSON{m.ID, m.Name, m.CategoryType, m.Categories}, m.ValueType})
	}
	writeJSON(w, r, http.StatusOK, list)
}

// truthJSON is a response of GET /truth. It has only the value field of its
// kind, and none without a value.
type truthJSON struct {
	Metric     string    `json:"metric"`
	Category   string    `json:"category,omitempty"`
	At         time.Time `json:"at"`
	OK         bool      `json:"ok"`
	Kind       string    `json:"kind,omitempty"`
	DurationMS *float64  `json:"duration_ms,omitempty"`
	Count      *int64    `json:"count,omitempty"`
	Boolean    *bool     `json:"boolean,omitempty"`
	Text       *string   `json:"text,omitempty"`
}

func (s *Simulator) showTruth(w http.ResponseWriter, r *http.Request) {
	id, category := r.FormValue("id"), r.FormValue("category")
	if err := s.exists(id, category); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	at := s.opts.Now()
	if text := r.FormValue("at"); text != "" {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			http.Error(w, fmt.Sprintf("at: %q is not an RFC 3339 timestamp", text), http.StatusBadRequest)
			return
		}
		at = parsed
	}
	v, ok := s.Truth(id, category, at)
	answer := truthJSON{Metric: id, Category: category, At: at, OK: ok, Kind: v.Kind}
	switch v.Kind {
	case KindDuration:
		ms := float64(v.Duration) / float64(time.Millisecond)
		answer.DurationMS = &ms
	case KindCount:
		answer.Count = &v.Count
	case KindBoolean:
		answer.Boolean = &v.Bool
	case KindText:
		answer.Text = &v.Text
	}
	writeJSON(w, r, http.StatusOK, answer)
}

// exists returns an error if a metric or category does not exist.
func (s *Simulator) exists(id, category string) error {
	i := slices.IndexFunc(s.desk.metrics, func(m Metric) bool { return m.ID == id })
	if i < 0 {
		return fmt.Errorf("id: unknown metric %q", id)
	}
	known := s.desk.metrics[i].Categories
	switch {
	case len(known) == 0 && category != "":
		return errors.New("category: the metric has none")
	case len(known) > 0 && !slices.Contains(known, category):
		return fmt.Errorf("category: %q must be one of %q", category, known)
	}
	return nil
}
