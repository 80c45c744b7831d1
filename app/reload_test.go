package app_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waitboard/app"
	"waitboard/config"
	"waitboard/simulator"
)

// A reloader is a service with a changeable configuration.
type reloader struct {
	*service
	due  chan string
	next atomic.Pointer[config.Config] // nil: an error
}

func serveReloading(t *testing.T, cfg *config.Config) *reloader {
	t.Helper()
	return reloading(cfg, func(o app.Options) *service { return serveWith(t, o) })
}

func (w *world) serveReloading(cfg *config.Config) *reloader {
	w.t.Helper()
	return reloading(cfg, w.serveWith)
}

func reloading(cfg *config.Config, serve func(app.Options) *service) *reloader {
	r := &reloader{due: make(chan string)}
	r.service = serve(app.Options{Config: cfg, Reload: r.due, Load: func() (*config.Config, error) {
		if next := r.next.Load(); next != nil {
			return next, nil
		}
		return nil, errors.New("waitboard.yaml:1:1: is broken")
	}})
	return r
}

// reload gives the service another configuration, and waits for the outcome.
func (r *reloader) reload(cfg *config.Config) {
	r.t.Helper()
	outcome := func() int { return strings.Count(r.log.String(), "because=test") }
	before := outcome()
	r.next.Store(cfg)
	r.due <- "test"
	r.within(long, "reloaded", func() bool { return outcome() > before })
}

const reloadYAML = `
sources:
  hq: {url: %q, key_env: KEY}
  other: {url: %q, key_env: OTHER}
widgets:
  support:
    metrics:
      waiting: {source: hq, metric: K0FLAEB6}
  other:
    metrics:
      waiting: {source: other, metric: K0FLAEB6}
`

// A reader requests an unchanged widget all the time, while everything around it changes. It never receives an
// error, a gap or an older number, and the source of the widget receives no additional requests.
func TestReload(t *testing.T) {
	t.Parallel()
	hq, other := simulate(t, simulator.Options{Seed: 1}), simulate(t, simulator.Options{Seed: 2})
	keys := map[string]string{"KEY": hq.Key(), "OTHER": other.Key()}
	base := fmt.Sprintf(reloadYAML, hq.URL(), other.URL())
	s := serveReloading(t, parse(t, base, keys))
	s.within(long, "open", func() bool { return s.snapshot("support").State == "open" && s.snapshot("other").State == "open" })

	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		var last time.Time
		pause := time.NewTicker(time.Millisecond)
		defer pause.Stop()
		for {
			select {
			case <-stop:
				return
			case <-pause.C:
			}
			resp, err := client.Get(s.url + "/v1/widgets/support")
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
			if got := s.snapshot("support"); resp.StatusCode != http.StatusOK || got.State != "open" || got.ObservedAt.Before(last) {
				t.Errorf("in between: %d %+v", resp.StatusCode, got)
				return
			} else {
				last = got.ObservedAt
			}
		}
	}()

	changed := strings.ReplaceAll(base, "waiting: {source: other", "waiting: {label: Waiting callers, source: other")
	s.reload(parse(t, changed, keys))
	if _, body := s.get(s.url + "/v1/widgets/other"); !strings.Contains(body, `"state":"open"`) || !strings.Contains(body, "Waiting callers") {
		t.Errorf("another label: %s", body)
	}

	before := hq.Requests()
	more := changed + "  new:\n    origins: [https://www.example.com]\n    metrics:\n      wait: {source: other, metric: Current Wait Time, category: Support}\n"
	s.reload(parse(t, more, keys))
	s.within(long, "the new widget is open", s.state("new", "open"))
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/v1/widgets/new", nil)
	r.Header.Set("Origin", "https://elsewhere.example")
	if resp, err := client.Do(r); err != nil || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("the new widget's origins: %v %v", resp, err)
	} else {
		_ = resp.Body.Close()
	}

	s.reload(nil) // a broken file: everything stays
	if s.snapshot("new").State != "open" || s.snapshot("other").State != "open" {
		t.Error("a broken file has changed something")
	}
	if log := s.log.String(); !strings.Contains(log, "waitboard.yaml:1:1: is broken") {
		t.Error("the log does not say why")
	}
	s.metric("waitboard_config_last_reload_successful 0")

	s.reload(parse(t, more, keys)) // the same as in force
	s.metric("waitboard_config_last_reload_successful 1")
	s.metric(`waitboard_config_reloads_total{outcome="failed"} 1`)
	s.metric(`waitboard_config_reloads_total{outcome="ok"} 3`)

	withoutWidget, _, _ := strings.Cut(base, "  other:\n    metrics")
	gone := strings.ReplaceAll(withoutWidget, fmt.Sprintf("  other: {url: %q, key_env: OTHER}\n", other.URL()), "")
	s.reload(parse(t, gone, keys))
	if status, _ := s.get(s.url + "/v1/widgets/other"); status != http.StatusNotFound {
		t.Errorf("a removed widget: %d", status)
	}
	if _, metrics := s.get(s.admin + "/metrics"); strings.Contains(metrics, `source="other"`) {
		t.Error("the metrics of a removed source are still there")
	}
	quiet, polls := asked(other), hq.Requests().Values
	s.within(long, "more polls", func() bool { return hq.Requests().Values >= polls+4 })
	if more := asked(other) - quiet; more > 1 { // one may have been in progress
		t.Errorf("a removed source received %d polls", more)
	}
	if lists := hq.Requests().List; lists != before.List {
		t.Errorf("the list of an unchanged source was read %d times again", lists-before.List)
	}
	close(stop)
	<-stopped
}

// The dashboard distinguishes mistakes from changes that need a restart or a port. Such a change delays all others.
func TestReloadThatNeedsARestart(t *testing.T) {
	t.Parallel()
	sim := simulate(t, simulator.Options{Seed: 5})
	titled := func(title string) *config.Config {
		return parse(t, fmt.Sprintf("sources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {title: %s, metrics: {m: {metric: K0FLAEB6}}}}", sim.URL(), title), map[string]string{"KEY": sim.Key()})
	}
	s := serveReloading(t, titled("Before"))
	moved := titled("After")
	moved.DataDir = t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	public, admin := titled("After"), titled("After")
	public.Listen, admin.Admin = taken.Addr().String(), taken.Addr().String()
	const restart, mistakes, port = "not in force: it needs a restart, and nothing of it takes effect before.", "not in force: it has mistakes.", "can&#39;t listen on an address in it"
	inUse := "can&#39;t listen on " + taken.Addr().String()
	for _, step := range []struct {
		name         string
		next         *config.Config
		says, saysNo string
		title        string
	}{
		{"data_dir", moved, restart, mistakes, "Before"},
		{"public port of another program", public, port, mistakes, "Before"},
		{"it by its key", public, "listen: " + inUse, restart, "Before"},
		{"operators' port of another program", admin, "admin: " + inUse, mistakes, "Before"},
		{"mistakes", nil, mistakes, restart, "Before"},
		{"taken back", titled("After"), ">None<", "not in force", "After"},
	} {
		s.reload(step.next)
		link := `<strong><bdi>` + step.title + `</bdi></strong> <bdi class="quiet">w</bdi>`
		if _, page := s.get(s.admin + "/"); !strings.Contains(page, step.says) || strings.Contains(page, step.saysNo) || !strings.Contains(page, link) {
			t.Errorf("%s: the dashboard:\n%s", step.name, page)
		}
		if _, body := s.get(s.url + "/v1/widgets/w"); !strings.Contains(body, `"title":"`+step.title+`"`) {
			t.Errorf("%s: not %s: %s", step.name, step.title, body)
		}
	}
}

func (s *service) metric(line string) {
	s.t.Helper()
	if _, body := s.get(s.admin + "/metrics"); !strings.Contains(body, line+"\n") {
		s.t.Errorf("no %s", line)
	}
}

// Readings belong to a server: another address drops them, another key does not.
func TestReloadOfSource(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 3})
		load := func(url, key string) *config.Config {
			return w.read(fmt.Sprintf("sources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: K0FLAEB6}}}}", url), map[string]string{"KEY": key})
		}
		s := w.serveReloading(load(sim.URL(), sim.Key()))
		w.pass(0)
		if got := s.snapshot("w"); got.State != "open" {
			t.Fatalf("at first: %+v", got)
		}

		s.reload(load(sim.URL(), "wrong"))
		w.pass(0)
		if got := s.snapshot("w"); got.State != "open" {
			t.Errorf("with another key: %+v", got)
		}
		if log := s.log.String(); !strings.Contains(log, `key_from="key_env KEY"`) {
			t.Errorf("not logged: %s", log)
		}
		s.reload(load(sim.URL(), sim.Key()))
		w.pass(0)
		if got := s.snapshot("w"); got.State != "open" || time.Since(got.ObservedAt) > tick {
			t.Errorf("with the right key again: %+v", got)
		}

		s.reload(load("http://127.0.0.1:1", sim.Key()))
		if got := s.snapshot("w"); got.State != "initializing" {
			t.Errorf("at another address: %+v", got)
		}
		if status, _ := s.get(s.url + "/readyz"); status != http.StatusOK {
			t.Errorf("not ready after a reload: %d", status)
		}
	})
}

// Listeners move too. A port in use leaves everything as it was.
func TestReloadOfListeners(t *testing.T) {
	t.Parallel()
	sim := simulate(t, simulator.Options{Seed: 4})
	config := func(listen, admin string) *config.Config {
		cfg := parse(t, fmt.Sprintf("sources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: K0FLAEB6}}}}", sim.URL()), map[string]string{"KEY": sim.Key()})
		cfg.Listen, cfg.Admin = listen, admin
		return cfg
	}
	s := serveReloading(t, config("127.0.0.1:0", "127.0.0.1:0"))
	s.within(long, "open", s.state("w", "open"))
	oldURL := s.url
	taken := strings.TrimPrefix(s.admin, "http://")
	s.reload(config(taken, "127.0.0.1:0"))
	if status, _ := s.get(s.url + "/v1/widgets/w"); status != http.StatusOK || !strings.Contains(s.log.String(), taken+" can't be used while waitboard itself listens on that port") {
		t.Errorf("with a port in use: %d", status)
	}
	s.reload(config("localhost:0", ""))
	s.url = s.app.URL()
	if s.url == oldURL || s.app.AdminURL() != "" {
		t.Errorf("listeners still at %s and %s", s.url, s.app.AdminURL())
	}
	s.within(long, "open at the new address", s.state("w", "open"))
	s.within(long, "the old ones are closed", func() bool {
		return refused(oldURL) && refused("http://"+taken)
	})
}

func refused(url string) bool {
	client.CloseIdleConnections()
	resp, err := client.Get(url)
	if err != nil {
		return true
	}
	_ = resp.Body.Close()
	return false
}
