package handlers

import (
	"net"
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"waitboard/templates"
)

// AdminOptions make the operators' handler. Metrics and Status are required.
type AdminOptions struct {
	Metrics  prometheus.Gatherer
	Status   func() AdminStatus
	Loopback bool // it listens on a loopback address only
}

// AdminStatus is what the operators' page shows. It names sources and widgets, as the configuration does, and never an
// upstream metric or category.
type AdminStatus struct {
	Version string
	Sources []AdminSource
	Widgets []AdminWidget
}

// AdminSource is the state of one source.
type AdminSource struct {
	Name     string
	State    string   // "ok", or why its last poll failed
	Age      string   // of its data
	Problems []string // of single metrics, by the widgets that show them
}

// AdminWidget is the state of one widget.
type AdminWidget struct {
	ID, State string
	Stale     bool
}

// Admin is everything for operators: a page with the state of affairs, /metrics for Prometheus, and /debug/pprof.
// It must not be reachable by the public.
func Admin(o AdminOptions) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		w.Header().Set("Cache-Control", "no-store")
		_ = templates.Admin.Execute(w, o.Status()) // the client may be gone
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	if o.Loopback {
		return refuseRebinding(mux)
	}
	return mux
}

// refuseRebinding turns requests away that were led to a loopback address by a host name of somebody else's, the way a
// web page can make a browser do (DNS rebinding).
func refuseRebinding(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if host != "localhost" && net.ParseIP(strings.Trim(host, "[]")) == nil {
			http.Error(w, "ask by IP address or by localhost", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
