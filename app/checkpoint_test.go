package app_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waitboard/config"
	"waitboard/simulator"
)

const valuesFile = "values.json"

// A service that starts while its polls fail shows the readings of the checkpoint, with their age.
func TestRestart(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 7})
		dir := t.TempDir()
		serve := func(staleAfter, hideAfter time.Duration) *service {
			c := w.read(fmt.Sprintf("data_dir: %s\nsources: {hq: {url: %q, key_env: KEY, mode: poll}}\nwidgets: {w: {metrics: {wait: {metric: Current Wait Time, category: Support}}}}",
				dir, sim.URL()), map[string]string{"KEY": sim.Key()})
			c.Widgets[0].StaleAfter, c.Widgets[0].HideAfter = staleAfter, hideAfter
			s := w.serve(c)
			w.pass(0)
			return s
		}
		s := serve(time.Hour, time.Hour)
		if _, err := os.Stat(filepath.Join(dir, valuesFile)); err != nil {
			t.Errorf("nothing is saved while it runs: %v", err)
		}
		w.fail(sim, simulator.Fault{Mode: simulator.ModeHang})
		w.pass(lifePoll + lifeTimeout)
		if _, page := s.get(s.admin + "/"); !strings.Contains(page, "timeout") {
			t.Errorf("the dashboard without a successful poll: %s", page)
		}
		before := s.snapshot("w")
		s.end()

		s = serve(time.Hour, time.Hour)
		s.restored(before)
		s.end()

		age := time.Since(before.ObservedAt)
		s = serve(age+time.Second, time.Hour) // again, without a successful poll in between
		if got := s.snapshot("w"); got.State != "open" || got.Stale {
			t.Errorf("not stale yet: %+v", got)
		}
		w.pass(time.Second + tick)
		if got := s.snapshot("w"); got.State != "open" || !got.Stale || !got.ObservedAt.Equal(before.ObservedAt) || got.Metrics[0].Value == nil {
			t.Errorf("stale: %+v", got)
		}
		s.end()

		age = time.Since(before.ObservedAt)
		s = serve(age, age+time.Second)
		w.pass(time.Second + tick)
		if got := s.snapshot("w"); got.State == "open" || got.Metrics[0].Value != nil {
			t.Errorf("hidden: %+v", got)
		}
		w.fail(sim, simulator.Fault{})
		w.pass(0)
		if got := s.snapshot("w"); got.State != "open" || got.Stale || time.Since(got.ObservedAt) > tick {
			t.Errorf("open again: %+v", got)
		}
	})
}

// restored checks that the service shows the values of before, and reports no successful poll.
func (s *service) restored(before snapshot) {
	s.t.Helper()
	got := s.snapshot("w")
	if got.State != "open" || got.Stale || !got.ObservedAt.Equal(before.ObservedAt) || len(got.Metrics) != 1 || got.Metrics[0].Type != "duration" {
		s.t.Fatalf("before %+v, after the restart %+v", before, got)
	}
	was, is := got.Metrics[0], before.Metrics[0]
	if gone := was.AsOf.Sub(is.AsOf).Seconds(); was.Rate != is.Rate || was.Value == nil || differ(was.Value.(float64), is.Value.(float64)+is.Rate*gone, .002) {
		s.t.Errorf("before %+v, after the restart %+v", is, was)
	}
	for path, want := range map[string]string{"/metrics": `waitboard_source_data_age_seconds{source="hq"} +Inf`, "/api/state": `"state":"waiting"`} {
		if _, page := s.get(s.admin + path); !strings.Contains(page, want) {
			s.t.Errorf("%s has no %s: %s", path, want, page)
		}
	}
}

func differ(a, b, by float64) bool { return a-b > by || b-a > by }

// phones returns an upstream that serves the metric M, 3 for Support and 25 for Sales, until it fails.
func (w *world) phones() (url string, fail func()) {
	w.t.Helper()
	var failing atomic.Bool
	listener, err := w.network.Listen("127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case failing.Load():
			http.Error(w, "", http.StatusServiceUnavailable)
		case r.URL.Query().Get("id") == "":
			fmt.Fprint(w, `[{"metricId":"M","metricName":"Calls in Queue"}]`)
		default:
			const result = `{"key":{"metricId":"M","categoryValue":%q},"value":{"lastUpdateTime":"2026-11-23T12:00:00.000-06:00","count":%d,"type":"COUNT"}}`
			fmt.Fprintf(w, `{"results":[`+result+`,`+result+`],"initializing":[]}`, "Support", 3, "Sales", 25)
		}
	})}
	go func() { _ = server.Serve(listener) }()
	w.t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String(), func() { failing.Store(true) }
}

// The configuration after the restart applies to restored readings too.
func TestRestartWithAnotherConfiguration(t *testing.T) {
	t.Parallel()
	inFakeTime(t, restartWithAnotherConfiguration)
}

func restartWithAnotherConfiguration(w *world) {
	t := w.t
	url, fail := w.phones()
	dir := t.TempDir()
	yaml := func(url, metric string) *config.Config {
		c := w.read(fmt.Sprintf("data_dir: %s\nsources: {hq: {url: %q, key_env: KEY, mode: poll}}\nwidgets: {w: {metrics: {m: {metric: M%s}}}}", dir, url, metric),
			map[string]string{"KEY": "k"})
		c.Widgets[0].StaleAfter, c.Widgets[0].HideAfter = time.Hour, 2*time.Hour
		return c
	}
	s := w.serve(yaml(url, ""))
	w.pass(0)
	fail()
	s.end()
	saved, err := os.ReadFile(filepath.Join(dir, valuesFile))
	if err != nil || strings.Contains(string(saved), "Support") || strings.Contains(string(saved), "Sales") {
		t.Fatalf("%v %s", err, saved)
	}
	young, stale, closed, renamed := yaml(url, ""), yaml(url, ""), yaml(url, ""), yaml(url, "")
	young.Widgets[0].StaleAfter, young.Widgets[0].HideAfter = time.Microsecond, time.Microsecond
	stale.Widgets[0].StaleAfter = time.Microsecond
	closed.Widgets[0].Hours = &config.Hours{Zone: time.UTC}
	renamed.Sources[0].Name, renamed.Widgets[0].Metrics[0].Source = "other", "other"
	tests := []struct {
		name  string
		cfg   *config.Config
		state string
		text  string
		stale bool
	}{
		{"the same", yaml(url, ""), "open", "25", false},
		{"stale sooner", stale, "open", "25", true},
		{"one category", yaml(url, ", category: Support"), "open", "3", false},
		{"both", yaml(url, ", category: [Sales, Support], combine: sum"), "open", "28", false},
		{"an unknown category", yaml(url, ", category: Support2"), "open", "Not available", false},
		{"a stricter policy", yaml(url, ", display: {above: 20}"), "open", "20+", false},
		{"hidden sooner", young, "initializing", "Not available", false},
		{"closed", closed, "closed", "", false},
		{"another URL", yaml(url+"/rest", ""), "initializing", "Not available", false},
		{"another source", renamed, "initializing", "Not available", false},
	}
	writeAgain := func() {
		if err := os.WriteFile(filepath.Join(dir, valuesFile), saved, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range tests {
		writeAgain()
		s := w.serve(test.cfg)
		w.pass(0)
		got, text := s.snapshot("w"), ""
		if len(got.Metrics) == 1 {
			text = got.Metrics[0].Text
		}
		if got.State != test.state || text != test.text || got.Stale != test.stale {
			t.Errorf("%s: got %+v", test.name, got)
		}
		if test.text != "25" {
			for _, path := range []string{"/v1/widgets/w", "/v1/widgets", "/v1/widgets/w/text", "/v1/widgets/w/shields.json"} {
				if _, body := s.get(s.url + path); strings.Contains(body, `"value":25`) || strings.Contains(body, `"25"`) {
					t.Errorf("%s: %s: %s", test.name, path, body)
				}
			}
		}
		s.end()
	}

	writeAgain()
	r := w.serveReloading(yaml(url, ""))
	for _, step := range []struct{ metric, text string }{{", category: Support", "3"}, {", category: [Sales, Support], combine: mean", "14"}, {"", "25"}} {
		next := yaml(url, step.metric)
		next.Sources[0].Interval += time.Second // starts another poller, too
		r.reload(next)
		if got := r.snapshot("w"); got.State != "open" || got.Metrics[0].Text != step.text {
			t.Errorf("while it runs, %q: got %+v", step.metric, got)
		}
	}
}

// A failure to save the checkpoint is logged once, and stops nothing else.
func TestUnwritableCheckpoint(t *testing.T) {
	t.Parallel()
	inFakeTime(t, unwritableCheckpoint)
}

func unwritableCheckpoint(w *world) {
	t := w.t
	url, _ := w.phones()
	dir := t.TempDir()
	blocker := filepath.Join(dir, valuesFile+".tmp", "in the way")
	if err := os.MkdirAll(blocker, 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := func() *config.Config {
		return w.read(fmt.Sprintf("data_dir: %s\nsources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: M}}}}", dir, url), map[string]string{"KEY": "k"})
	}
	const failed = "checkpoint not saved"
	s := w.serve(cfg())
	w.pass(time.Minute)
	if got := s.snapshot("w"); got.State != "open" {
		t.Errorf("got %+v", got)
	}
	s.end()
	if n := strings.Count(s.log.String(), failed); n != 1 {
		t.Errorf("logged %d times: %s", n, s.log)
	}
	s = w.serve(cfg())
	w.pass(0)
	if !strings.Contains(s.log.String(), failed) {
		t.Errorf("not logged at once: %s", s.log)
	}
	if err := os.RemoveAll(filepath.Dir(blocker)); err != nil {
		t.Fatal(err)
	}
	s.end()
	if !strings.Contains(s.log.String(), "checkpoint saved again") {
		t.Errorf("the recovery is not logged: %s", s.log)
	}
}
