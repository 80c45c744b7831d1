package app_test

import (
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waitboard/app"
	"waitboard/simulator"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(crowdAt); address != "" {
		if err := beCrowd(address); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m, toxiproxyLeaves...)
}

const long = 30 * time.Second // longer than anything here takes on a busy machine

// From warm-up to the end, with an outage, a bad metric and a change of key between.
func TestLife(t *testing.T) {
	t.Parallel()
	sim := simulate(t, simulator.Options{Seed: 1, InitTime: 500 * time.Millisecond})
	cfg := parse(t, fmt.Sprintf(`
sources: {hq: {url: %q, key_env: KEY}}
widgets:
  support:
    metrics:
      wait: {metric: Current Wait Time, category: Support}
      waiting: {metric: K0FLAEB6}
`, sim.URL()), map[string]string{"KEY": sim.Key()})
	s := serve(t, cfg)
	fault := func(f simulator.Fault) {
		t.Helper()
		if err := sim.SetFault(f); err != nil {
			t.Fatal(err)
		}
	}

	// Warm-up: the first answers are 206 and hold no value.
	if got := s.snapshot("support"); got.State == "initializing" && (got.Metrics[0].Value != nil || !got.ObservedAt.IsZero()) {
		t.Errorf("at first: %+v", got)
	}
	s.within(long, "ready", func() bool { status, _ := s.get(s.url + "/readyz"); return status == http.StatusOK })
	s.within(long, "open", s.state("support", "open"))
	if sim.Requests().ByStatus[http.StatusPartialContent] == 0 {
		t.Error("the simulator never answered 206")
	}

	// An outage: fresh, stale, not shown. And back.
	s.within(long, "fresh", func() bool { return !s.snapshot("support").Stale })
	fault(simulator.Fault{Mode: simulator.ModeDown})
	s.within(long, "stale", func() bool { got := s.snapshot("support"); return got.State == "open" && got.Stale })
	if got := s.snapshot("support"); got.Metrics[1].Value == nil || time.Since(got.ObservedAt) < staleAfter {
		t.Errorf("stale: %+v", got)
	}
	s.within(long, "unavailable", s.state("support", "unavailable"))
	if got := s.snapshot("support"); got.Metrics[0].Value != nil || got.Metrics[1].Value != nil || got.Stale || !got.ObservedAt.IsZero() {
		t.Errorf("unavailable: %+v", got)
	}
	fault(simulator.Fault{})
	s.within(long, "open and fresh again", func() bool { got := s.snapshot("support"); return got.State == "open" && !got.Stale })

	// One bad metric: the other stays true and fresh.
	fault(simulator.Fault{Gone: "K0FLAEB6"})
	s.within(long, "the bad metric is hidden, and the other one fresh", func() bool {
		got := s.snapshot("support")
		return got.State == "open" && got.Metrics[1].Value == nil && got.Metrics[0].Value != nil && !got.Metrics[0].Stale
	})
	fault(simulator.Fault{})

	// The key is revoked, and accepted again.
	fault(simulator.Fault{Mode: simulator.ModeStatus, Status: http.StatusUnauthorized})
	s.within(long, "unavailable without a key", s.state("support", "unavailable"))
	fault(simulator.Fault{})
	s.within(long, "open with a key", s.state("support", "open"))
	if n := strings.Count(s.log.String(), "DOES NOT ACCEPT THE KEY"); n != 1 {
		t.Errorf("the bad key was logged %d times", n)
	}

	// The end: requests in flight are answered, the port is free.
	s.stop()
	if err := <-s.ended; err != nil {
		t.Errorf("stopped with %v", err)
	}
	close(s.ended)
	if _, err := client.Get(s.url); err == nil {
		t.Error("still listening")
	}
}

// A key is what one value of a phone system is known by.
type key struct{ metric, category, valueType string }

// everything is a configuration with the widget "all", which shows each value that the phone system at that url has, in this order.
func everything(sim *simulator.Simulator, url string) (yaml string, keys []key) {
	var b strings.Builder
	fmt.Fprintf(&b, "sources: {hq: {url: %q, key_env: KEY}}\nwidgets:\n  all:\n    metrics:\n", url)
	for _, m := range sim.Metrics() {
		if m.Categories == nil {
			fmt.Fprintf(&b, "      m%d: {metric: %s}\n", len(keys), m.ID)
			keys = append(keys, key{m.ID, "", m.ValueType})
		}
		for _, category := range m.Categories {
			fmt.Fprintf(&b, "      m%d: {metric: %s, category: %q}\n", len(keys), m.ID, category)
			keys = append(keys, key{m.ID, category, m.ValueType})
		}
	}
	return b.String(), keys
}

// Every metric of every type and category against the simulator's own state at the same instant, with the upstream's
// clock right, ahead and behind.
func TestTruth(t *testing.T) {
	for _, skew := range []time.Duration{0, 10 * time.Minute, -42 * time.Second} {
		t.Run(fmt.Sprint("skew=", skew), func(t *testing.T) { checkTruth(t, skew) })
	}
}

func checkTruth(t *testing.T, skew time.Duration) {
	sim := simulate(t, simulator.Options{Seed: 2})
	if err := sim.SetFault(simulator.Fault{Skew: skew}); err != nil {
		t.Fatal(err)
	}
	yaml, keys := everything(sim, sim.URL())
	s := serve(t, parse(t, yaml, map[string]string{"KEY": sim.Key()}))
	s.within(long, "open", s.state("all", "open"))

	const rounds = 12
	mistakes := map[key][]string{}
	present := map[string]int{} // values seen, by type
	var last time.Time
	for range rounds {
		var got snapshot
		s.within(long, "a new snapshot", func() bool { got = s.snapshot("all"); return got.ObservedAt.After(last) })
		last = got.ObservedAt
		for i, m := range got.Metrics {
			at := got.ObservedAt
			if m.Rate != 0 {
				at = m.AsOf
			}
			if m.Value != nil {
				present[keys[i].valueType]++
			}
			if mistake := differs(m, sim, keys[i].metric, keys[i].category, at, skew != 0); mistake != "" {
				mistakes[keys[i]] = append(mistakes[keys[i]], mistake)
			}
		}
	}
	for k, list := range mistakes {
		if len(list) > rounds/4 { // something may happen in the phone system between its answer and our snapshot
			t.Errorf("%+v differs in %d of %d snapshots: %s", k, len(list), rounds, list[0])
		}
	}
	for _, valueType := range []string{simulator.Boolean, simulator.Count, simulator.String, simulator.Duration, simulator.AverageDuration} {
		if present[valueType] == 0 {
			t.Errorf("no value of type %s was seen", valueType)
		}
	}
	for _, valueType := range []string{simulator.Percentage, simulator.Absent} {
		if present[valueType] > 0 {
			t.Errorf("a value of type %s was shown", valueType)
		}
	}
}

// differs compares a public metric with the simulator's own state at an instant; empty: they agree. When the upstream's
// clock is off, it is known to a second.
func differs(m metric, sim *simulator.Simulator, id, category string, at time.Time, skewed bool) string {
	truth, ok := sim.Truth(id, category, at)
	mistake := fmt.Sprintf("shown %+v, true %+v, %v", m, truth, ok)
	if ok != (m.Value != nil) {
		return mistake
	}
	if !ok {
		return ""
	}
	var agree bool
	switch truth.Kind {
	case simulator.KindDuration:
		tolerance := 2 * time.Millisecond
		if m.Rate != 0 {
			tolerance += 250 * time.Millisecond // within which what is shown goes on being shown
		}
		if skewed {
			tolerance += time.Duration(math.Abs(m.Rate) * 1.1 * float64(time.Second))
		}
		seconds, _ := m.Value.(float64)
		shown := time.Duration(seconds * float64(time.Second))
		agree = m.Type == "duration" && (shown-max(truth.Duration, 0)).Abs() <= tolerance
	case simulator.KindCount:
		agree = m.Type == "count" && m.Value == float64(truth.Count)
	case simulator.KindBoolean:
		agree = m.Type == "boolean" && m.Value == truth.Bool
	case simulator.KindText:
		agree = m.Type == "text" && m.Value == truth.Text
	}
	if agree {
		return ""
	}
	return mistake
}

// A source that hangs delays no other, and neither does one that is down from the start.
func TestSourcesAreIndependent(t *testing.T) {
	t.Parallel()
	good, hanging := simulate(t, simulator.Options{Seed: 3}), simulate(t, simulator.Options{Seed: 4})
	if err := hanging.SetFault(simulator.Fault{Mode: simulator.ModeHang}); err != nil {
		t.Fatal(err)
	}
	s := serve(t, parse(t, fmt.Sprintf(`
sources:
  good: {url: %q, key_env: GOOD}
  hanging: {url: %q, key_env: HANGING}
  down: {url: "http://127.0.0.1:1", key_env: GOOD}
widgets:
  good: {metrics: {m: {source: good, metric: K0FLAEB6}}}
  hanging: {metrics: {m: {source: hanging, metric: K0FLAEB6}}}
  down: {metrics: {m: {source: down, metric: K0FLAEB6}}}
  mixed: {metrics: {a: {source: down, metric: K0FLAEB6}, b: {source: good, metric: K0FLAEB6}}}
`, good.URL(), hanging.URL()), map[string]string{"GOOD": good.Key(), "HANGING": hanging.Key()}))
	s.within(long, "open", s.state("good", "open"))
	s.within(long, "mixed open", s.state("mixed", "open"))
	for range 10 {
		last := s.snapshot("good").ObservedAt
		s.within(long, "polled again", func() bool {
			return s.snapshot("good").ObservedAt.After(last) && s.snapshot("mixed").ObservedAt.After(last)
		})
	}
	for _, id := range []string{"hanging", "down"} {
		if got := s.snapshot(id); got.State != "initializing" {
			t.Errorf("%s: %+v", id, got)
		}
	}
	if err := hanging.SetFault(simulator.Fault{}); err != nil {
		t.Fatal(err)
	}
	s.within(long, "recovered by itself", s.state("hanging", "open"))
}

func TestTakenPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, key := range []string{"listen", "admin"} {
		cfg := parse(t, "sources: {hq: {url: 'http://127.0.0.1:1', key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: M}}}}", map[string]string{"KEY": "k"})
		if key == "listen" {
			cfg.Listen = taken.Addr().String()
		} else {
			cfg.Admin = taken.Addr().String()
		}
		_, err := app.New(app.Options{Config: cfg, Log: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), key+": can't listen on "+taken.Addr().String()+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v", key, err)
		}
	}
}

// What is larger than any honest request is refused before it is read.
func TestHeaderLimit(t *testing.T) {
	s := serve(t, parse(t, "sources: {hq: {url: 'http://127.0.0.1:1', key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: M}}}}", map[string]string{"KEY": "k"}))
	for size, want := range map[int]int{8 << 10: http.StatusOK, 32 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Large", strings.Repeat("x", size))
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("a header of %d bytes: %d", size, resp.StatusCode)
		}
	}
}
