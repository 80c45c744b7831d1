package app_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waitboard/api/operator"
	"waitboard/simulator"
)

// A hookReceiver records the bodies that it receives.
type hookReceiver struct {
	url string

	mu     sync.Mutex // guards what follows
	bodies []string
	status int // of its answers; 0: 200
}

func (w *world) receiver() *hookReceiver {
	w.t.Helper()
	listener, err := w.network.Listen("127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	r := &hookReceiver{url: "http://" + listener.Addr().String() + "/" + canary}
	server := &http.Server{Handler: r, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go server.Serve(listener) //nolint:errcheck // until Close
	w.t.Cleanup(func() { _ = server.Close(); w.pass(0) })
	return r
}

func (r *hookReceiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies = append(r.bodies, string(body))
	if r.status != 0 {
		http.Error(w, canary, r.status)
	}
}

func (r *hookReceiver) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.bodies, "\n")
}

// received reports whether a text has come.
func (r *hookReceiver) received(text string) func() bool {
	return func() bool { return strings.Contains(r.all(), text) }
}

const hooksYAML = `
webhooks:
  public: {url_env: PUBLIC, allow_private: true, for: 20s}
  private: {url_env: PRIVATE, allow_private: true, for: 20s, private: true, widgets: support}
  broken: {url_env: NOSUCH}
sources: {hq: {url: %q, key_env: KEY, mode: poll}}
widgets:
  support: {title: Customer support, metrics: {waiting: {metric: %q, display: {above: 1}, levels: {high: 1}}}}
`

// Webhooks of the whole service: nothing private in the public ones, nothing secret anywhere, and a broken one alone in trouble.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	inFakeTime(t, webhooks)
}

func webhooks(w *world) {
	t := w.t
	sim := w.simulate(simulator.Options{Seed: 5, Mark: canary})
	public, private := w.receiver(), w.receiver()
	queue := slices.IndexFunc(sim.Metrics(), func(m simulator.Metric) bool { return strings.Contains(m.Name, "Calls in Queue") })
	yaml := fmt.Sprintf(hooksYAML, sim.URL(), sim.Metrics()[queue].ID)
	env := map[string]string{"KEY": sim.Key(), "PUBLIC": public.url, "PRIVATE": private.url}
	cfg := w.read(yaml, env)
	cfg.DataDir = t.TempDir()
	s := w.serveReloading(cfg)
	s.within(time.Minute, "open", s.state("support", "open"))
	s.within(time.Hour, "the level is high", public.received(`"to":"high"`))
	w.fail(sim, simulator.Fault{Mode: simulator.ModeStatus, Status: 401})
	for _, want := range []string{`"to":"refused"`, `"to":"stale"`, `"to":"unavailable"`} {
		s.within(time.Hour, want, public.received(want))
	}
	w.fail(sim, simulator.Fault{})
	for _, want := range []string{`"to":"ok"`, `"to":"fresh"`, `"to":"open"`} {
		s.within(time.Hour, want, public.received(want))
	}
	for _, want := range []string{`"private":{"values":{"waiting":`, `"private":{"source":"hq","cause":"unauthorized"}`} {
		s.within(time.Minute, want, private.received(want))
	}
	if text := public.all(); strings.Contains(text, canary) || strings.Contains(text, hostOf(sim)) || strings.Contains(text, "hq") || strings.Contains(text, "private\"") {
		t.Errorf("a public message leaks: %s", text)
	}
	if text := private.all(); strings.Contains(text, canary) || strings.Contains(text, hostOf(sim)) {
		t.Errorf("a private message leaks: %s", text)
	}

	public.mu.Lock()
	public.status = http.StatusInternalServerError
	public.mu.Unlock()
	w.fail(sim, simulator.Fault{Mode: simulator.ModeDown})
	s.within(time.Hour, "a failed message", func() bool {
		_, text := s.get(s.admin + "/metrics")
		return strings.Contains(text, `waitboard_webhook_failed_total{cause="status",webhook="public"}`)
	})
	journal, err := os.ReadFile(filepath.Join(cfg.DataDir, "webhooks.journal"))
	if err != nil {
		t.Fatal(err)
	}
	_, metrics := s.get(s.admin + "/metrics")
	_, page := s.get(s.admin + "/")
	for what, text := range map[string]string{"journal": string(journal), "metrics": metrics, "page": page, "log": s.log.String()} {
		if strings.Contains(text, canary) || strings.Contains(text, strings.TrimSuffix(strings.TrimPrefix(public.url, "http://"), "/"+canary)) {
			t.Errorf("the %s leaks: %s", what, text)
		}
	}
	if !strings.Contains(s.log.String(), `msg="webhook can't be used, sending nothing" webhook=broken problem="test.yaml:5:12: webhooks.broken.url_env: the environment variable NOSUCH is not set`) {
		t.Errorf("the log is %s", s.log.String())
	}

	next := *cfg
	next.Webhooks = cfg.Webhooks[1:2]
	s.reload(&next)
	if log := s.log.String(); !strings.Contains(log, `msg="webhook removed, dropping its queue" webhook=public messages=`) {
		t.Errorf("the log is %s", log)
	}
	if _, metrics = s.get(s.admin + "/metrics"); strings.Contains(metrics, `webhook="public"`) || !strings.Contains(metrics, `waitboard_webhook_queued{webhook="private"} 0`) {
		t.Errorf("after the removal: %s", metrics)
	}
}

// What is wrong with the configuration of a webhook is in the state, among the problems, and in /readyz: at a start, and while it runs.
func TestWebhooksNotAsConfigured(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		t := w.t
		sim, r := w.simulate(simulator.Options{Seed: 5}), w.receiver()
		cfg := w.read(fmt.Sprintf(`
webhooks:
  unsigned: {url_env: URL, secret_env: NOSUCH, allow_private: true}
  fine: {url_env: URL, allow_private: true}
sources: {hq: {url: %q, key_env: KEY}}
widgets: {support: {metrics: {m: {metric: K0FLAEB6}}}}
`, sim.URL()), map[string]string{"KEY": sim.Key(), "URL": r.url})
		s := w.serveReloading(cfg)
		s.within(time.Minute, "open", s.state("support", "open"))
		trouble := cfg.Webhooks[0].Trouble
		check := func(when, id, state, text, note string) {
			t.Helper()
			now := s.operatorState()
			if i := slices.IndexFunc(now.Webhooks, func(h operator.Webhook) bool { return h.ID == id }); now.Webhooks[i].State != state || !strings.Contains(now.Webhooks[i].Problem, "NOSUCH is not set") {
				t.Errorf("%s: %+v", when, now.Webhooks)
			}
			if !slices.ContainsFunc(now.Problems, func(p operator.Problem) bool {
				return p.Text == text && strings.Contains(strings.Join(p.Names, ""), "secret_env: the environment variable NOSUCH is not set")
			}) {
				t.Errorf("%s: %+v", when, now.Problems)
			}
			if _, ready := s.get(s.admin + "/readyz?verbose"); !strings.Contains(ready, "[+]webhook "+id+" ok, but "+note) || strings.Contains(ready, canary) {
				t.Errorf("%s: %s", when, ready)
			}
		}
		check("at the start", "unsigned", "unusable", "Webhook unsigned sends nothing, because its URL or its secret can't be read.", "it sends nothing: test.yaml:3:28: webhooks.unsigned.secret_env")
		next := *cfg
		next.Webhooks = slices.Clone(next.Webhooks)
		next.Webhooks[1].Trouble = trouble
		s.reload(&next)
		check("later", "fine", "misconfigured", "Webhook fine is not as configured.", "it is not as configured: test.yaml:3:28: ")
	})
}
