package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waitboard/internal/testlevel"
	"waitboard/simulator"
)

const scrapeInterval = 15 * time.Second

// A recording is what Prometheus scrapes of a service: by series, the values of all scrapes, in the notation of promtool.
type recording struct {
	scrapes int
	values  map[string][]string
}

// scrape adds one scrape.
func (r *recording) scrape(s *service) {
	s.t.Helper()
	_, body := s.get(s.admin + "/metrics")
	for line := range strings.Lines(body) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "} ")
		if name, labels, labeled := strings.Cut(name, "{"); ok && labeled && strings.HasPrefix(name, "waitboard_") && !strings.HasSuffix(name, "_bucket") {
			series := name + `{instance="a",job="waitboard",` + labels + "}"
			for len(r.values[series]) < r.scrapes {
				r.values[series] = append(r.values[series], "stale")
			}
			r.values[series] = append(r.values[series], value)
		}
	}
	r.scrapes++
}

// fires returns the names of the alerts that fire at any time, by deploy/prometheus/alerts.yaml.
func (r *recording) fires(t *testing.T, promtool string) (alerts []string) {
	t.Helper()
	rules, err := filepath.Abs("../deploy/prometheus/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	yaml := fmt.Sprintf("rule_files: [%q]\nevaluation_interval: 15s\ntests:\n  - interval: 15s\n    input_series:\n", rules)
	for _, series := range slices.Sorted(maps.Keys(r.values)) {
		values := r.values[series]
		for len(values) < r.scrapes {
			values = append(values, "stale")
		}
		yaml += fmt.Sprintf("      - {series: '%s', values: %q}\n", series, strings.Join(values, " "))
	}
	yaml += fmt.Sprintf("    promql_expr_test: [{expr: 'count by (alertname) (count_over_time(ALERTS{alertstate=\"firing\"}[1d]))', eval_time: %s, exp_samples: []}]\n", time.Duration(r.scrapes-1)*scrapeInterval)
	file := filepath.Join(t.TempDir(), "test.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(promtool, "test", "rules", file).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "got:") {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, part := range strings.Split(string(out), `alertname="`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		alerts = append(alerts, name)
	}
	slices.Sort(alerts)
	return alerts
}

// What a healthy service exports trips no alert, however it polls, and each failure trips its own. The scrapes are those of a service in fake
// time, and promtool judges them.
func TestAlerts(t *testing.T) {
	testlevel.Short(t)
	t.Parallel()
	promtool := testlevel.Need(t, "promtool", "prometheus")
	fault := func(f simulator.Fault) func(*world, *simulator.Simulator) {
		return func(w *world, sim *simulator.Simulator) { w.fail(sim, f) }
	}
	for _, test := range []struct {
		name, source, widget string
		lasts                time.Duration
		fail                 func(*world, *simulator.Simulator) // after a minute
		want                 []string
	}{
		{"polled every interval", "mode: poll", "", 10 * time.Minute, nil, nil},
		{"slow polls of a subscription", "mode: subscribe", "", 10 * time.Minute, nil, nil},
		{"slow polls of a subscription, with a long stale_after", "mode: subscribe", "stale_after: 10m, hide_after: 1h, ", 15 * time.Minute, nil, nil},
		{"polled every hour", "mode: poll, interval: 1h", "", 65 * time.Minute, nil, nil},
		{"stale_after is the interval", "mode: poll, interval: 20s, timeout: 5s", "stale_after: 20s, ", 10 * time.Minute, nil, nil},
		{"the source restarts", "mode: auto", "", 10 * time.Minute, fault(simulator.Fault{Mode: simulator.ModeRestart}), nil},
		{"the source is down", "mode: auto", "", 10 * time.Minute, fault(simulator.Fault{Mode: simulator.ModeDown}), []string{"WaitboardSourceStale"}},
		{"the key is rejected", "mode: auto", "", 10 * time.Minute, fault(simulator.Fault{Mode: simulator.ModeStatus, Status: http.StatusUnauthorized}), []string{"WaitboardSourceKeyRejected", "WaitboardSourceStale"}},
		{"a metric is gone", "mode: auto", "", 20 * time.Minute, fault(simulator.Fault{Gone: "K0FLAEB6"}), []string{"WaitboardMetricMissing"}},
		{"a value is high", "mode: auto", "metrics: {high: {metric: K0FLAEB6, combine: count, levels: {high: 1}}}, ", 15 * time.Minute, nil, []string{"WaitboardWaitHigh"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				if !strings.Contains(test.widget, "metrics:") {
					test.widget += "metrics: {m: {metric: K0FLAEB6}, n: {metric: K1H2VQKJ}}, "
				}
				sim := w.simulate(simulator.Options{Seed: 1, LookEvery: time.Second})
				s := w.serve(w.read(fmt.Sprintf("sources: {hq: {url: %q, key_env: KEY, %s}}\nwidgets: {w: {%s}}", sim.URL(), test.source, strings.TrimSuffix(test.widget, ", ")),
					map[string]string{"KEY": sim.Key()}))
				r := &recording{values: map[string][]string{}}
				for began := time.Now(); time.Since(began) < test.lasts; w.pass(scrapeInterval) {
					if test.fail != nil && r.scrapes == int(time.Minute/scrapeInterval) {
						test.fail(w, sim)
					}
					r.scrape(s)
				}
				if got := r.fires(t, promtool); !slices.Equal(got, test.want) {
					t.Errorf("fired: %q, want %q", got, test.want)
				}
			})
		})
	}
}
