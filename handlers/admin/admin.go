// Package admin serves the operators' side: a dashboard and its data, the notices, /metrics and /debug/pprof, behind a guard.
package admin

import (
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/pprof"
	runtimepprof "runtime/pprof"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"waitboard/api/operator"
	"waitboard/estimate"
	"waitboard/handlers/respond"
	"waitboard/history"
	"waitboard/internal/floodlog"
	"waitboard/notices"
	"waitboard/publish"
	"waitboard/web"
)

// Options make the operators' handler. All but Trend, Webhooks, History, Waits and Authorized are required.
type Options struct {
	Metrics    *prometheus.Registry
	State      func() operator.State // without problems, webhooks and trends, which New adds
	Readiness  func() Readiness
	Publisher  *publish.Publisher
	Notices    *notices.Store
	Changes    *Changes
	History    Archive[history.Row]    // what visitors saw; nil: nothing is collected
	Waits      Archive[estimate.Row]   // what estimates learn from; nil: there are none
	Loopback   bool                    // the listener has a loopback address
	Authorized func(token string) bool // reports whether a token is right; nil: no token is needed
	Now        func() time.Time
	Log        *slog.Logger

	Trend    func(widget, metric string) []float32 // the last three hours of a metric
	Webhooks func() []operator.Webhook
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
	mux.HandleFunc("GET /{$}", a.getDashboard)
	mux.HandleFunc("GET /api/state", a.getState)
	mux.HandleFunc("GET /events", a.events)
	mux.HandleFunc("GET /assets/admin.css", asset("text/css; charset=utf-8", web.AdminStyle))
	mux.HandleFunc("GET /assets/admin.js", asset("text/javascript; charset=utf-8", web.AdminScript))
	mux.HandleFunc("GET /widgets/{id}", a.getNoticeForm)
	mux.HandleFunc("/widgets/{id}/notice", a.notice)
	mux.HandleFunc("/widgets/{id}/metrics/{metric}/history", a.history)
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

// asset returns a handler for a file of the dashboard. Browsers check on each use whether they have the latest.
func asset(contentType string, raw []byte) http.HandlerFunc {
	types, body := []string{contentType}, sync.OnceValue(func() respond.Body { return respond.NewBody(raw, respond.CompressBest) })
	return func(w http.ResponseWriter, r *http.Request) {
		made := body()
		respond.Vary(w.Header(), []string{"Accept-Encoding"})
		respond.SendVariant(w, r, types, &made.Plain, func() *publish.Variant { return &made.Zipped }, revalidate)
	}
}

var revalidate = []string{"private, no-cache"}

func sendPage(w http.ResponseWriter, status int, page *template.Template, data any) {
	w.Header()["Content-Type"] = respond.TypeHTML
	w.WriteHeader(status)
	_ = page.Execute(w, data) // fails if the client has gone
}
