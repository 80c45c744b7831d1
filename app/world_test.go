package app_test

import (
	"cmp"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/app"
	"waitboard/config"
	"waitboard/internal/memnet"
	"waitboard/simulator"
)

// A world runs a service and phone systems with production durations, in fake time and over a network in memory. Each instant
// is exact on any machine: only waiting takes time.
type world struct {
	t       *testing.T
	network *memnet.Network
}

// inFakeTime runs a test in its own world. The test must not call t.Run or t.Parallel.
func inFakeTime(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t, memnet.New()}
		t.Cleanup(func() {
			if open := w.network.Open(); open > 0 {
				t.Errorf("%d connections are open at the end", open)
			}
		})
		test(w)
	})
}

// simulate starts a phone system. Subscriptions look for changes less often than by default, because each look takes real time.
func (w *world) simulate(o simulator.Options) *simulator.Simulator {
	w.t.Helper()
	o.Listen = w.network.Listen
	o.LookEvery = cmp.Or(o.LookEvery, 200*time.Millisecond)
	return simulate(w.t, o)
}

// read reads a configuration, with production durations: interval 10 s, timeout 10 s, stale_after 45 s, hide_after 5 min.
func (w *world) read(yaml string, keys map[string]string) *config.Config {
	w.t.Helper()
	return read(w.t, yaml, keys)
}

func (w *world) serve(cfg *config.Config) *service {
	w.t.Helper()
	return w.serveWith(app.Options{Config: cfg})
}

func (w *world) serveWith(o app.Options) *service {
	w.t.Helper()
	o.Listen, o.Dial = w.network.Listen, w.network.Dial
	return start(&service{t: w.t, client: w.client(), look: time.Second, settle: synctest.Wait}, o)
}

// client returns a client for the world's network.
func (w *world) client() *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{DialContext: w.network.Dial}}
}

// fault makes the network to a phone system bad; the zero Fault makes it good again.
func (w *world) fault(sim *simulator.Simulator, f memnet.Fault) { w.network.SetFault(hostOf(sim), f) }

// fail makes a phone system fail; the zero Fault repairs it.
func (w *world) fail(sim *simulator.Simulator, f simulator.Fault) {
	w.t.Helper()
	if err := sim.SetFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// pass lets time pass, and waits until everything due by then has happened.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func hostOf(sim *simulator.Simulator) string {
	return strings.TrimSuffix(strings.TrimPrefix(sim.URL(), "http://"), "/rest")
}
