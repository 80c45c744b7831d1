package handlers

import (
	"html/template"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"waitboard/notices"
	"waitboard/publish"
	"waitboard/templates"
)

// AdminOptions make the operators' handler. All but Authorized are required.
type AdminOptions struct {
	Metrics    prometheus.Gatherer
	Status     func() AdminStatus
	Publisher  *publish.Publisher
	Notices    *notices.Store
	Loopback   bool                    // it listens on a loopback address only
	Authorized func(token string) bool // whether it is the right one; nil: none is asked for
	Now        func() time.Time
	Log        *slog.Logger
}

// AdminStatus is what the operators' page shows. It names sources and widgets, as the configuration does, and never an
// upstream metric or category.
type AdminStatus struct {
	Refused    []string // why the configuration that was read last is not in force; nil: it is
	Obstacle   string   // the kind of all that, and what to do about it
	Version    string
	Files      []AdminFile // that the configuration includes
	Sources    []AdminSource
	Widgets    []AdminWidget
	Persistent bool // notices survive a restart
}

// AdminFile is the state of one included file.
type AdminFile struct {
	Name     string
	State    string   // "ok", or what is served in place of it
	Problems []string // what is wrong with it, and what to do about that
}

// AdminSource is the state of one source.
type AdminSource struct {
	Name     string
	Trouble  []string // why its key or ca_file can't be read, and what to do about that
	State    string   // "ok", why its last poll failed, or that there was no answer yet
	Age      string   // of its data
	Updates  string   // "polled" or "subscribed", and why not the latter
	Problems []string // of single metrics, by the widgets that show them
}

// AdminWidget is the state of one widget.
type AdminWidget struct {
	ID, State string
	Title     string
	Page      string // the address of its public page; empty: there is none
	Stale     bool
	Notice    string // what visitors are told; empty: nothing
	End       string // of the notice; empty: it is the configuration's
}

// admin is the handler of the admin listener.
type admin struct{ AdminOptions }

// Admin is everything for operators: a page with the state of affairs, the notices, /metrics for Prometheus, and
// /debug/pprof. It must not be reachable by the public.
func Admin(o AdminOptions) http.Handler {
	a := &admin{o}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { a.page(w, http.StatusOK, templates.Admin(), a.Status()) })
	mux.HandleFunc("GET /widgets/{id}", a.getNoticeForm)
	mux.HandleFunc("/widgets/{id}/notice", a.notice)
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.Metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return a.guard(mux)
}

// page sends one of the operators' pages.
func (a *admin) page(w http.ResponseWriter, status int, page *template.Template, data any) {
	w.Header()["Content-Type"] = htmlType
	w.WriteHeader(status)
	_ = page.Execute(w, data) // the client may be gone
}
