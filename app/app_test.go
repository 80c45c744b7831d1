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
	"waitboard/config"
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
	goleak.VerifyTestMain(m)
}

const long = 30 * time.Second // longer than any step takes on a busy machine

// The durations of a production configuration.
const (
	lifeInterval   = 10 * time.Second
	lifeStaleAfter = 45 * time.Second
	lifeHideAfter  = 5 * time.Minute
	lifeTimeout    = 10 * time.Second
	// lifePoll is the longest time from one poll to the next: the poller adds up to a twentieth at random.
	lifePoll = lifeInterval + lifeInterval/20
	tick     = 10 * time.Millisecond // published times are rounded to milliseconds more than once
)

// A service runs from warm-up to its stop, through an outage, a bad metric and a change of key.
func TestLife(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 1, InitTime: 2 * time.Second})
		s := w.serve(w.read(fmt.Sprintf(`
sources: {hq: {url: %q, key_env: KEY, mode: poll}}
widgets:
  support:
    metrics:
      wait: {metric: Current Wait Time, category: Support}
      waiting: {metric: K0FLAEB6}
`, sim.URL()), map[string]string{"KEY": sim.Key()}))
		w.pass(0)
		s.warmsUp(sim)
		s.survivesOutage(w, sim)
		s.survivesBadMetric(w, sim)
		s.survivesBadKey(w, sim)
		s.end()
		if _, err := s.client.Get(s.url); err == nil {
			t.Error("still listening")
		}
	})
}

// warmsUp checks the start: the first responses are 206 and have no value.
func (s *service) warmsUp(sim *simulator.Simulator) {
	s.t.Helper()
	if got := s.snapshot("support"); got.State != "initializing" || got.Metrics[0].Value != nil || !got.ObservedAt.IsZero() {
		s.t.Errorf("at first: %+v", got)
	}
	if status, _ := s.get(s.url + "/readyz"); status != http.StatusOK {
		s.t.Errorf("not ready after the first poll: %d", status)
	}
	s.within(5*time.Second, "open", s.state("support", "open"))
	if sim.Requests().ByStatus[http.StatusPartialContent] == 0 {
		s.t.Error("the simulator never answered 206")
	}
	if got := s.snapshot("support"); got.Stale {
		s.t.Errorf("stale after warming up: %+v", got)
	}
}

// survivesOutage checks that values turn stale and hidden at the configured times, and are back within an interval.
func (s *service) survivesOutage(w *world, sim *simulator.Simulator) {
	s.t.Helper()
	w.fail(sim, simulator.Fault{Mode: simulator.ModeDown})
	last := s.snapshot("support").ObservedAt
	for _, step := range []struct {
		age    time.Duration
		state  string
		stale  bool
		values bool
	}{
		{lifeStaleAfter - tick, "open", false, true},
		{lifeStaleAfter + tick, "open", true, true},
		{lifeHideAfter - tick, "open", true, true},
		{lifeHideAfter + tick, "unavailable", false, false},
	} {
		w.pass(time.Until(last.Add(step.age)))
		got := s.snapshot("support")
		observed := last
		if !step.values {
			observed = time.Time{}
		}
		if got.State != step.state || got.Stale != step.stale || (got.Metrics[1].Value != nil) != step.values || !got.ObservedAt.Equal(observed) {
			s.t.Errorf("%v after the last poll that succeeded: %+v", step.age, got)
		}
	}
	w.fail(sim, simulator.Fault{})
	w.pass(lifePoll)
	if got := s.snapshot("support"); got.State != "open" || got.Stale || time.Since(got.ObservedAt) > lifePoll {
		s.t.Errorf("after the outage: %+v", got)
	}
}

// survivesBadMetric checks that the other metric stays right and fresh.
func (s *service) survivesBadMetric(w *world, sim *simulator.Simulator) {
	s.t.Helper()
	w.fail(sim, simulator.Fault{Gone: "K0FLAEB6"})
	s.within(lifeHideAfter+lifePoll, "the bad metric is hidden", func() bool {
		got := s.snapshot("support")
		if got.State != "open" || got.Metrics[0].Value == nil || got.Metrics[0].Stale {
			s.t.Fatalf("next to a bad metric: %+v", got)
		}
		return got.Metrics[1].Value == nil
	})
	w.fail(sim, simulator.Fault{})
}

// survivesBadKey checks that a rejected key hides all values in time, that the log reports it once, and that the next retry restores them.
func (s *service) survivesBadKey(w *world, sim *simulator.Simulator) {
	s.t.Helper()
	w.fail(sim, simulator.Fault{Mode: simulator.ModeStatus, Status: http.StatusUnauthorized})
	w.pass(lifeHideAfter + lifePoll)
	if got := s.snapshot("support"); got.State != "unavailable" {
		s.t.Errorf("without a key: %+v", got)
	}
	w.fail(sim, simulator.Fault{})
	w.pass(time.Minute + lifePoll)
	if got := s.snapshot("support"); got.State != "open" || got.Stale {
		s.t.Errorf("with a key: %+v", got)
	}
	if n := strings.Count(s.log.String(), "key rejected"); n != 1 {
		s.t.Errorf("the bad key was logged %d times", n)
	}
}

// A key identifies one value of a phone system.
type key struct{ metric, category, valueType string }

// everything returns a configuration with the widget "all". It shows each value of a phone system, in this order, with at most this number of
// categories for each metric.
func everything(sim *simulator.Simulator, categories int) (yaml string, keys []key) {
	var b strings.Builder
	fmt.Fprintf(&b, "sources: {hq: {url: %q, key_env: KEY}}\nwidgets:\n  all:\n    metrics:\n", sim.URL())
	for _, m := range sim.Metrics() {
		if m.Categories == nil {
			fmt.Fprintf(&b, "      m%d: {metric: %s}\n", len(keys), m.ID)
			keys = append(keys, key{m.ID, "", m.ValueType})
		}
		for _, category := range m.Categories[:min(categories, len(m.Categories))] {
			fmt.Fprintf(&b, "      m%d: {metric: %s, category: %q}\n", len(keys), m.ID, category)
			keys = append(keys, key{m.ID, category, m.ValueType})
		}
	}
	return b.String(), keys
}

// Every metric of every type and category equals the simulator's own state at the same instant. The upstream's
// clock is right, ahead or behind.
func TestTruth(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{0, 10 * time.Minute, -42 * time.Second} {
		t.Run(fmt.Sprint("skew=", skew), func(t *testing.T) {
			inFakeTime(t, func(w *world) { checkTruth(w, skew) })
		})
	}
}

func checkTruth(w *world, skew time.Duration) {
	t := w.t
	sim := w.simulate(simulator.Options{Seed: 2})
	w.fail(sim, simulator.Fault{Skew: skew})
	yaml, keys := everything(sim, math.MaxInt)
	cfg := w.read(yaml, map[string]string{"KEY": sim.Key()})
	cfg.Sources[0].Mode = config.ModePoll
	s := w.serve(cfg)
	w.pass(0)
	present := map[string]int{} // values seen, by type
	var last time.Time
	for range 12 {
		got := s.snapshot("all")
		if !got.ObservedAt.After(last) {
			t.Errorf("no new snapshot: %v after %v", got.ObservedAt, last)
		}
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
				t.Errorf("%+v: %s", keys[i], mistake)
			}
		}
		w.pass(lifePoll)
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

// differs compares a public metric with the simulator's own state at an instant, and returns the difference. If the upstream's
// clock is off, the estimate of its clock is right within a second.
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
			tolerance += 250 * time.Millisecond // the tolerance of Apply
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

// A source that hangs, or that is down from the start, delays no other.
func TestSourcesAreIndependent(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		good, hanging := w.simulate(simulator.Options{Seed: 3}), w.simulate(simulator.Options{Seed: 4})
		w.fail(hanging, simulator.Fault{Mode: simulator.ModeHang})
		s := w.serve(w.read(fmt.Sprintf(`
sources:
  good: {url: %q, key_env: GOOD, mode: poll}
  hanging: {url: %q, key_env: HANGING, mode: poll}
  down: {url: "http://127.0.0.1:1", key_env: GOOD, mode: poll}
widgets:
  good: {metrics: {m: {source: good, metric: K0FLAEB6}}}
  hanging: {metrics: {m: {source: hanging, metric: K0FLAEB6}}}
  down: {metrics: {m: {source: down, metric: K0FLAEB6}}}
  mixed: {metrics: {a: {source: down, metric: K0FLAEB6}, b: {source: good, metric: K0FLAEB6}}}
`, good.URL(), hanging.URL()), map[string]string{"GOOD": good.Key(), "HANGING": hanging.Key()}))
		w.pass(0)
		for range 10 {
			for _, id := range []string{"good", "mixed"} {
				if got := s.snapshot(id); got.State != "open" || time.Since(got.ObservedAt) > lifePoll {
					t.Errorf("%s: %+v", id, got)
				}
			}
			for _, id := range []string{"hanging", "down"} {
				if got := s.snapshot(id); got.State != "initializing" {
					t.Errorf("%s: %+v", id, got)
				}
			}
			w.pass(lifePoll)
		}
		w.fail(hanging, simulator.Fault{})
		w.pass(lifePoll)
		if got := s.snapshot("hanging"); got.State != "open" {
			t.Errorf("the source has not recovered: %+v", got)
		}
	})
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

// The server rejects a request with too large a header before it has read it.
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
