// Package admin serves the operators' side: a dashboard, the notices, /metrics and /debug/pprof, behind a guard.
package admin

import (
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/pprof"
	runtimepprof "runtime/pprof"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"waitboard/embeds"
	"waitboard/handlers/respond"
	"waitboard/internal/floodlog"
	"waitboard/notices"
	"waitboard/publish"
	"waitboard/templates"
	"waitboard/web"
)

// Options make the operators' handler. All but Authorized are required.
type Options struct {
	Metrics    *prometheus.Registry
	Status     func() Status
	Readiness  func() Readiness
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
	Persistent bool   // notices survive a restart
	Replica    string // the ID of this replica; empty: there are no others
	Problem    string // of this replica; empty: none
	Refused    []embeds.Refusal
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
	Sites     []embeds.Site
}

type admin struct {
	Options
	wrongTokens prometheus.Counter
	floods      *floodlog.Log
}

// New returns the handler of the admin listener, which must not be reachable by the public.
func New(o Options) http.Handler {
	a := &admin{Options: o, floods: floodlog.New(o.Log, o.Now, "admin request rejected"), wrongTokens: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "waitboard_admin_wrong_tokens_total",
		Help: "Requests to the admin listener with a wrong token.",
	})}
	var before prometheus.AlreadyRegisteredError
	if err := o.Metrics.Register(a.wrongTokens); errors.As(err, &before) { // by the handler that this one replaces
		a.wrongTokens = before.ExistingCollector.(prometheus.Counter)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		sendPage(w, http.StatusOK, templates.Admin(), a.Status())
	})
	mux.HandleFunc("GET /widgets/{id}", a.getNoticeForm)
	mux.HandleFunc("/widgets/{id}/notice", a.notice)
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.Metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /readyz", a.ready)
	mux.HandleFunc("GET /favicon.ico", sendFavicon)
	mux.HandleFunc("GET /debug/pprof/", profile)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return a.guard(routed(mux))
}

var (
	errMethod      = respond.NewProblem(http.StatusMethodNotAllowed, "method_not_allowed", "The methods are GET and HEAD.")
	allowedMethods = []string{"GET, HEAD"}
)

// routed answers with a problem where a ServeMux would answer in plain text: at an unknown path, and for a method that the
// path doesn't support.
func routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		read := *r
		read.Method = http.MethodGet
		if _, pattern := mux.Handler(&read); pattern != "" {
			w.Header()["Allow"] = allowedMethods
			errMethod.Send(w, r)
			return
		}
		respond.ErrNoPage.Send(w, r)
	})
}

// profile sends the list of profiles, or one of them.
func profile(w http.ResponseWriter, r *http.Request) {
	if name := strings.TrimPrefix(r.URL.Path, "/debug/pprof/"); name != "" && runtimepprof.Lookup(name) == nil {
		respond.ErrNoPage.Send(w, r)
		return
	}
	pprof.Index(w, r)
}

func sendFavicon(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h["Content-Type"] = []string{"image/x-icon"}
	h["Cache-Control"] = []string{"private, max-age=86400"}
	_, _ = w.Write(web.Favicon) // fails if the client has gone
}

func sendPage(w http.ResponseWriter, status int, page *template.Template, data any) {
	w.Header()["Content-Type"] = respond.TypeHTML
	w.WriteHeader(status)
	_ = page.Execute(w, data) // fails if the client has gone
}
