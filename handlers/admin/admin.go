// Package admin serves the operators' side: a dashboard, the notices, /metrics and /debug/pprof, behind a guard.
package admin

import (
	"html/template"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"waitboard/handlers/respond"
	"waitboard/notices"
	"waitboard/publish"
	"waitboard/templates"
)

// Options make the operators' handler. All but Authorized are required.
type Options struct {
	Metrics    prometheus.Gatherer
	Status     func() Status
	Publisher  *publish.Publisher
	Notices    *notices.Store
	Loopback   bool                    // the listener has a loopback address
	Authorized func(token string) bool // reports whether a token is right; nil: no token is needed
	Now        func() time.Time
	Log        *slog.Logger
}

// Status is the data of the dashboard. It names sources and widgets as the configuration does, but no upstream metric or
// category.
type Status struct {
	Rejected   []string // why the latest configuration is not in force; nil: it is
	Reason     string   // a summary of these problems, and what to do
	Version    string
	Files      []FileStatus // included files
	Sources    []SourceStatus
	Widgets    []WidgetStatus
	Persistent bool // notices survive a restart
}

// FileStatus is the state of an included file.
type FileStatus struct {
	Name     string
	State    string   // "ok", or what the service uses instead
	Problems []string // what is wrong, and what to do
}

// SourceStatus is the state of a source.
type SourceStatus struct {
	Name     string
	Trouble  []string // why its key or ca_file is unreadable, and what to do
	State    string   // "ok", or why the last poll failed
	Age      string   // of the last successful poll
	Updates  string   // "polled" or "subscribed", with the reason for polling
	Problems []string // of single metrics, by the widgets that show them
}

// WidgetStatus is the state of a widget.
type WidgetStatus struct {
	ID, State string
	Title     string
	Page      string // address of the public page; empty: none
	Stale     bool
	Notice    string // empty: none
	End       string // of the operator's notice; empty: the notice is from the configuration
}

type admin struct{ Options }

// New returns the handler of the admin listener, which must not be reachable by the public.
func New(o Options) http.Handler {
	a := &admin{o}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		sendPage(w, http.StatusOK, templates.Admin(), a.Status())
	})
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

func sendPage(w http.ResponseWriter, status int, page *template.Template, data any) {
	w.Header()["Content-Type"] = respond.TypeHTML
	w.WriteHeader(status)
	_ = page.Execute(w, data) // fails if the client has gone
}
