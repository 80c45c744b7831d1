package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"waitboard/internal/testlevel"
	"waitboard/internal/testprogram"
	"waitboard/simulator"
)

// crashes returns how often the test kills the service: WAITBOARD_CRASHES, or a number for the test level.
func crashes(t *testing.T) int {
	t.Helper()
	text := os.Getenv("WAITBOARD_CRASHES")
	if text == "" {
		return testlevel.Pick(10, 10, 150)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("WAITBOARD_CRASHES: %v", err)
	}
	return n
}

const crashHideAfter = time.Second

// A mortal is a service that the test starts and kills repeatedly.
type mortal struct {
	*testing.T
	file, key string
	saved     string    // the checkpoint file
	down      time.Time // when the source went down; zero: it is up
	started   time.Time // of the current process
	newest    time.Time // the latest shown observation
	seen      map[string]int
}

// Killed at any moment, the service starts again. It never shows a value that was too old at the start, or from the future.
func TestKilledAtAnyMoment(t *testing.T) {
	testlevel.Short(t)
	folder := t.TempDir()
	sim, err := simulator.Start(simulator.Options{Seed: 3, InitTime: -1, Speed: 50})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	m := &mortal{
		T: t, file: filepath.Join(folder, "waitboard.yaml"), key: sim.Key(),
		saved: filepath.Join(folder, "data", "values.json"), seen: map[string]int{},
	}
	if err := os.WriteFile(m.file, fmt.Appendf(nil, `
listen: 127.0.0.1:0
admin: ""
data_dir: data
sources: {hq: {url: %q, key_env: KEY, interval: 100ms}}
widgets:
  brief: {stale_after: 500ms, hide_after: %s, metrics: {wait: {metric: Current Wait Time}, waiting: {metric: K0FLAEB6}}}
  long: {stale_after: 500ms, hide_after: 24h, metrics: {wait: {metric: Current Wait Time}, waiting: {metric: K0FLAEB6}}}
`, sim.URL(), crashHideAfter), 0o600); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for n := range crashes(t) {
		up := n == 0 || n > 2 && random.IntN(2) == 0
		m.setSource(sim, up)
		var enough func(url string) bool
		switch n {
		case 0: // values arrive and are saved
			enough = func(url string) bool {
				_, err := os.Stat(m.saved)
				return m.ask(url, "brief") && m.ask(url, "long") && err == nil
			}
		case 1: // values are restored and age
			enough = func(url string) bool {
				m.ask(url, "brief")
				return m.ask(url, "long") && time.Since(m.newest) > crashHideAfter
			}
		default: // at any moment; process 2 starts with values that are too old
			enough = m.forSome(time.Duration(random.IntN([]int{20, 300}[random.IntN(2)])) * time.Millisecond)
		}
		m.live(enough)
		if t.Failed() {
			t.Fatalf("in life %d", n)
		}
	}
	t.Logf("answers: %v", m.seen)
	if aside, err := filepath.Glob(filepath.Join(folder, "data", "*.set-aside-*")); err != nil || len(aside) > 0 {
		t.Errorf("a file was damaged: %v, %v", aside, err)
	}
}

// setSource brings the source up or down.
func (m *mortal) setSource(sim *simulator.Simulator, up bool) {
	m.Helper()
	fault := simulator.Fault{}
	if !up {
		fault.Mode = simulator.ModeDown
	}
	if err := sim.SetFault(fault); err != nil {
		m.Fatal(err)
	}
	if up {
		m.down = time.Time{}
	} else if m.down.IsZero() {
		m.down = time.Now()
	}
}

// forSome sends requests for some time.
func (m *mortal) forSome(life time.Duration) func(url string) bool {
	end := time.Now().Add(life)
	return func(url string) bool {
		m.ask(url, "brief")
		m.ask(url, "long")
		return !time.Now().Before(end)
	}
}

// live starts the service and kills it after a while.
func (m *mortal) live(enough func(url string) bool) {
	m.Helper()
	ctx, cancel := context.WithTimeout(m.Context(), 5*time.Minute) // only failures take that long
	defer cancel()
	m.started = time.Now()
	p := testprogram.Serve(m, m.file, "KEY="+m.key)
	defer p.Kill()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for !enough(p.URL) && !m.Failed() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			m.Error("timeout")
		}
	}
}

// ask requests a widget, and reports whether it shows a value. No value may be younger than the time at which the source went down.
func (m *mortal) ask(url, widget string) (shown bool) {
	m.Helper()
	var s struct {
		State      string
		ObservedAt time.Time `json:"observed_at"`
		Metrics    []struct{ Value any }
	}
	body := fetch(m.T, url+"/v1/widgets/"+widget)
	answered := time.Now()
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		m.Errorf("%v: %s", err, body)
	}
	shown = s.State == "open"
	m.seen[fmt.Sprintf("%s, source up %v, shown %v", widget, m.down.IsZero(), shown)]++
	for _, metric := range s.Metrics {
		if !shown && metric.Value != nil {
			m.Errorf("a value while it is %s: %s", s.State, body)
		}
	}
	if !shown {
		return false
	}
	if s.ObservedAt.After(answered) || !m.down.IsZero() && s.ObservedAt.After(m.down) {
		m.Errorf("from the future, answered at %v: %s", answered, body)
	}
	if oldest := m.started.Add(-crashHideAfter).Truncate(time.Millisecond); widget == "brief" && s.ObservedAt.Before(oldest) {
		m.Errorf("too old when the service started at %v: %s", m.started, body)
	}
	if s.ObservedAt.After(m.newest) {
		m.newest = s.ObservedAt
	}
	return true
}
