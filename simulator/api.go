package simulator

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// apiHandler serves the API port. It counts a request, applies the current
// fault, and then calls the API.
func (s *Simulator) apiHandler() http.Handler {
	mux := http.NewServeMux()
	for _, prefix := range []string{"/rest", ""} { // older guides print the paths without /rest
		mux.Handle("GET "+prefix+metricsPath, s.authorized(s.listMetrics))
		mux.Handle("GET "+prefix+valuesPath, s.authorized(s.listValues))
		mux.HandleFunc("GET "+prefix+subscribePath, s.subscribe)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.htmlError(w, http.StatusNotFound, r.URL.Path)
	})
	return s.counting(s.misbehaving(mux))
}

const (
	metricsPath = "/api/v1/realtime/metrics"
	valuesPath  = metricsPath + "/values"
)

// authorized rejects requests without the key.
func (s *Simulator) authorized(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		known := subtle.ConstantTimeCompare([]byte(strings.TrimSpace(token)), []byte(s.opts.Key)) == 1
		if !strings.EqualFold(scheme, "Bearer") || !known {
			s.jsonError(w, r, http.StatusUnauthorized, unauthorized(r))
			return
		}
		next(w, r)
	})
}

// unauthorized returns the text of a 401. It repeats what was sent, as careless
// servers do: a client that forwards the text leaks the key.
func unauthorized(r *http.Request) string {
	return fmt.Sprintf("The authorization header %q wasn't valid.", r.Header.Get("Authorization"))
}

// listMetrics answers GET /api/v1/realtime/metrics.
func (s *Simulator) listMetrics(w http.ResponseWriter, r *http.Request) {
	fault := s.Fault()
	list := []metricJSON{}
	for _, m := range s.Metrics() {
		if m.ID != fault.Gone && m.ID != fault.Forbidden {
			list = append(list, metricJSON{m.ID, m.Name, m.CategoryType, m.Categories})
		}
	}
	writeJSON(w, r, http.StatusOK, list)
}

// listValues answers GET /api/v1/realtime/metrics/values?id=A,B. As on the
// vendor's page, a 404 or 403 rejects the whole request. 404 takes precedence.
func (s *Simulator) listValues(w http.ResponseWriter, r *http.Request) {
	fault := s.Fault()
	ids := requestedIDs(r)
	if len(ids) == 0 {
		s.jsonError(w, r, http.StatusBadRequest, "Required parameter 'id' is missing.")
		return
	}
	for _, id := range ids {
		if !s.desk.known(id) || id == fault.Gone {
			s.jsonError(w, r, http.StatusNotFound, fmt.Sprintf("The requested metric %q does not exist.", id))
			return
		}
	}
	for _, id := range ids {
		if s.desk.unassigned[id] || id == fault.Forbidden {
			s.jsonError(w, r, http.StatusForbidden, fmt.Sprintf("The requested metric %q is not assigned to the user.", id))
			return
		}
	}

	now := s.opts.Now()
	answer := valuesJSON{Results: []resultJSON{}, Initializing: []valueKey{}}
	for _, id := range ids {
		for _, v := range s.desk.lines(id, now) {
			key := valueKey{id, v.category}
			if s.warm.ask(key, now) {
				answer.Results = append(answer.Results, resultJSON{key, valueOf(v.line, fault.Skew)})
			} else {
				answer.Initializing = append(answer.Initializing, key)
			}
		}
	}
	status := http.StatusOK
	if len(answer.Initializing) > 0 {
		status = http.StatusPartialContent
	}
	writeJSON(w, r, status, answer)
}

// requestedIDs returns the metric IDs of the first id parameter, without
// duplicates. It ignores further id parameters, as Java's getParameter does.
func requestedIDs(r *http.Request) []string {
	var ids []string
	for id := range strings.SplitSeq(r.URL.Query().Get("id"), ",") {
		id = strings.TrimSpace(id)
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
