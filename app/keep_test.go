package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
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

// A service that starts while its source does not answer shows what it knew before, as what it is.
func TestRestart(t *testing.T) {
	t.Parallel()
	sim := simulate(t, simulator.Options{Seed: 7})
	dir := t.TempDir()
	cfg := func(staleAfter, hideAfter time.Duration) *config.Config {
		c := parse(t, fmt.Sprintf("data_dir: %s\nsources: {hq: {url: %q, key_env: KEY, mode: poll}}\nwidgets: {w: {metrics: {wait: {metric: Current Wait Time, category: Support}}}}",
			dir, sim.URL()), map[string]string{"KEY": sim.Key()})
		c.Widgets[0].StaleAfter, c.Widgets[0].HideAfter = staleAfter, hideAfter
		return c
	}
	fault := func(f simulator.Fault) {
		if err := sim.SetFault(f); err != nil {
			t.Fatal(err)
		}
	}
	s := serve(t, cfg(time.Hour, time.Hour))
	s.within(long, "open", s.state("w", "open"))
	s.within(long, "kept while it runs", func() bool { _, err := os.Stat(filepath.Join(dir, valuesFile)); return err == nil })
	fault(simulator.Fault{Mode: simulator.ModeHang})
	s.within(long, "no answer", func() bool { _, page := s.get(s.admin + "/"); return strings.Contains(page, "timeout") })
	before := s.snapshot("w")
	s.end()

	s = serve(t, cfg(time.Hour, time.Hour))
	got := s.snapshot("w")
	if got.State != "open" || got.Stale || !got.ObservedAt.Equal(before.ObservedAt) || len(got.Metrics) != 1 || got.Metrics[0].Type != "duration" {
		t.Fatalf("before %+v, after the restart %+v", before, got)
	}
	was, is := got.Metrics[0], before.Metrics[0]
	if gone := was.AsOf.Sub(is.AsOf).Seconds(); was.Rate != is.Rate || was.Value == nil || differ(was.Value.(float64), is.Value.(float64)+is.Rate*gone, .002) {
		t.Errorf("before %+v, after the restart %+v", is, was)
	}
	for path, want := range map[string]string{"/metrics": `waitboard_source_data_age_seconds{source="hq"} +Inf`, "/": `>no answer yet</td><td data-is="Last answer">never</td>`} {
		if _, page := s.get(s.admin + path); !strings.Contains(page, want) {
			t.Errorf("%s has no %s, as if the source had answered: %s", path, want, page)
		}
	}
	s.end()

	s = serve(t, cfg(time.Since(before.ObservedAt)+time.Second, time.Hour)) // once more, without an answer in between
	s.within(long, "stale", func() bool { got = s.snapshot("w"); return got.Stale })
	if got.State != "open" || !got.ObservedAt.Equal(before.ObservedAt) || got.Metrics[0].Value == nil {
		t.Errorf("stale: %+v", got)
	}
	s.end()

	age := time.Since(before.ObservedAt)
	s = serve(t, cfg(age, age+time.Second))
	s.within(long, "hidden", func() bool { got = s.snapshot("w"); return got.State != "open" })
	if got.Metrics[0].Value != nil {
		t.Errorf("hidden: %+v", got)
	}
	fault(simulator.Fault{})
	s.within(long, "open again", s.state("w", "open"))
	if got := s.snapshot("w"); got.Stale || !got.ObservedAt.After(before.ObservedAt) {
		t.Errorf("open again: %+v", got)
	}
}

func differ(a, b, by float64) bool { return a-b > by || b-a > by }

// phones is an upstream with one metric, M, of which Support says 3 and Sales 25, until it fails.
func phones(t *testing.T) (url string, fail func()) {
	t.Helper()
	var failing atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case failing.Load():
			http.Error(w, "", http.StatusServiceUnavailable)
		case r.URL.Query().Get("id") == "":
			fmt.Fprint(w, `[{"metricId":"M","metricName":"Calls in Queue"}]`)
		default:
			const result = `{"key":{"metricId":"M","categoryValue":%q},"value":{"lastUpdateTime":"2026-11-23T12:00:00.000-06:00","count":%d,"type":"COUNT"}}`
			fmt.Fprintf(w, `{"results":[`+result+`,`+result+`],"initializing":[]}`, "Support", 3, "Sales", 25)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() { failing.Store(true) }
}

// Whatever the configuration says after the restart holds for what is restored too.
func TestRestartWithAnotherConfiguration(t *testing.T) {
	t.Parallel()
	url, fail := phones(t)
	dir := t.TempDir()
	yaml := func(url, metric string) *config.Config {
		c := parse(t, fmt.Sprintf("data_dir: %s\nsources: {hq: {url: %q, key_env: KEY, mode: poll}}\nwidgets: {w: {metrics: {m: {metric: M%s}}}}", dir, url, metric),
			map[string]string{"KEY": "k"})
		c.Widgets[0].StaleAfter, c.Widgets[0].HideAfter = time.Hour, 2*time.Hour
		return c
	}
	s := serve(t, yaml(url, ""))
	s.within(long, "open", s.state("w", "open"))
	fail()
	s.end()
	kept, err := os.ReadFile(filepath.Join(dir, valuesFile))
	if err != nil || strings.Contains(string(kept), "Support") || strings.Contains(string(kept), "Sales") {
		t.Fatalf("%v %s", err, kept)
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
		{"a category that it did not have", yaml(url, ", category: Support2"), "open", "Not available", false},
		{"less is shown", yaml(url, ", display: {above: 20}"), "open", "20+", false},
		{"hidden sooner", young, "initializing", "Not available", false},
		{"closed", closed, "closed", "", false},
		{"another URL", yaml(url+"/rest", ""), "initializing", "Not available", false},
		{"another source", renamed, "initializing", "Not available", false},
	}
	keepAgain := func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(dir, valuesFile), kept, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			keepAgain(t)
			s := serve(t, test.cfg)
			defer s.end()
			got, text := s.snapshot("w"), ""
			if len(got.Metrics) == 1 {
				text = got.Metrics[0].Text
			}
			if got.State != test.state || text != test.text || got.Stale != test.stale {
				t.Errorf("got %+v", got)
			}
			if test.text != "25" {
				for _, path := range []string{"/v1/widgets/w", "/v1/widgets", "/v1/widgets/w/text", "/v1/widgets/w/shields.json"} {
					if _, body := s.get(s.url + path); strings.Contains(body, `"value":25`) || strings.Contains(body, `"25"`) {
						t.Errorf("%s: %s", path, body)
					}
				}
			}
		})
	}
	t.Run("and while it runs", func(t *testing.T) {
		keepAgain(t)
		s := serveReloading(t, yaml(url, ""))
		for _, step := range []struct{ metric, text string }{{", category: Support", "3"}, {", category: [Sales, Support], combine: mean", "14"}, {"", "25"}} {
			next := yaml(url, step.metric)
			next.Sources[0].Interval += interval // so that another poller takes over, too
			s.reload(next)
			if got := s.snapshot("w"); got.State != "open" || got.Metrics[0].Text != step.text {
				t.Errorf("%q: got %+v", step.metric, got)
			}
		}
	})
}

// That nothing can be written keeps nothing else from working, and is told once.
func TestRestartWithoutKeeping(t *testing.T) {
	t.Parallel()
	url, _ := phones(t)
	dir := t.TempDir()
	obstacle := filepath.Join(dir, valuesFile+".tmp", "in the way")
	if err := os.MkdirAll(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := func() *config.Config {
		return parse(t, fmt.Sprintf("data_dir: %s\nsources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: M}}}}", dir, url), map[string]string{"KEY": "k"})
	}
	const failed = "what is known can't be kept"
	s := serve(t, cfg())
	s.within(long, "open", s.state("w", "open"))
	s.within(long, "told", func() bool { return strings.Contains(s.log.String(), failed) })
	s.end()
	if n := strings.Count(s.log.String(), failed); n != 1 {
		t.Errorf("told %d times: %s", n, s.log)
	}
	s = serve(t, cfg())
	s.within(long, "told", func() bool { return strings.Contains(s.log.String(), failed) })
	if err := os.RemoveAll(filepath.Dir(obstacle)); err != nil {
		t.Fatal(err)
	}
	s.end()
	if !strings.Contains(s.log.String(), "can be kept again") {
		t.Errorf("not told: %s", s.log)
	}
}
