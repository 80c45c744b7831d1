package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"waitboard/config"
	"waitboard/internal/memnet"
	"waitboard/simulator"
)

const subscribeYAML = `
sources: {hq: {url: %q, key_env: KEY, mode: %s}}
widgets:
  queue:
    metrics:
      waiting: {metric: K0FLAEB6}
`

func subscribing(w *world, sim *simulator.Simulator, mode string) *config.Config {
	w.t.Helper()
	return w.read(fmt.Sprintf(subscribeYAML, sim.URL(), mode), map[string]string{"KEY": sim.Key()})
}

// shows reports whether the public sees the phone system's own value.
func (s *service) shows(sim *simulator.Simulator) bool {
	s.t.Helper()
	truth, _ := sim.Truth("K0FLAEB6", "", time.Now())
	got := s.snapshot("queue")
	return len(got.Metrics) == 1 && got.Metrics[0].Value == float64(truth.Count) && !got.Stale
}

// followsChanges waits for n changes of the shown value. After each of them the widget must show the right value in time.
func (s *service) followsChanges(sim *simulator.Simulator, n int, within time.Duration, when string) {
	s.t.Helper()
	for range n {
		last := s.snapshot("queue").Metrics[0].Value
		s.within(5*time.Minute, "a change "+when, func() bool { return s.snapshot("queue").Metrics[0].Value != last })
		s.within(within, "the right value "+when, func() bool { return s.shows(sim) })
	}
}

// Changes arrive through the socket: the next poll is due in an hour.
func TestPushedChanges(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"auto", "subscribe"} {
		t.Run(mode, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				sim := w.simulate(simulator.Options{Seed: 7, Speed: 10})
				cfg := subscribing(w, sim, mode)
				cfg.Sources[0].Interval, cfg.Widgets[0].StaleAfter, cfg.Widgets[0].HideAfter = time.Hour, 2*time.Hour, 3*time.Hour
				s := w.serve(cfg)
				s.look = 300 * time.Millisecond
				s.within(lifeInterval, "subscribed", s.subscribed("hq"))
				s.within(10*time.Minute, "the second poll", func() bool { return sim.Requests().Values == 2 })
				s.followsChanges(sim, 10, time.Second, "")
				if n := sim.Requests(); n.Values != 2 || n.Subscriptions != 1 {
					t.Errorf("requests %+v", n)
				}
			})
		})
	}
}

// With mode: poll the service opens no socket.
func TestModePoll(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 8})
		s := w.serve(subscribing(w, sim, "poll"))
		w.pass(10 * lifePoll)
		if n := sim.Requests(); n.Values < 11 || n.Values > 12 || n.Subscriptions != 0 {
			t.Errorf("requests %+v", n)
		}
		if _, body := s.get(s.admin + "/"); !strings.Contains(body, "<dd>none, only polls</dd>") {
			t.Errorf("the dashboard: %s", body)
		}
	})
}

// floodSlowly slows simulator.SocketFlood, which sends as fast as the client reads. Reads take no fake time.
var floodSlowly = memnet.Fault{Down: memnet.Direction{Rate: 5_000}}

// In every socket fault the widget shows the right value soon. After the fault the subscription is active again.
func TestSocketFaults(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.Fault{
		{Socket: simulator.SocketDrop}, {Socket: simulator.SocketFreeze}, {Socket: simulator.SocketHalfOpen}, {Socket: simulator.SocketSlow, Lag: 20 * time.Second},
		{Socket: simulator.SocketFlood}, {Socket: simulator.SocketUnknown},
		{Socket: simulator.SocketDrop, Handshake: http.StatusNotFound}, {Socket: simulator.SocketDrop, Handshake: http.StatusForbidden},
		{Mode: simulator.ModeRestart}, {Socket: simulator.SocketUnknown, Skew: time.Hour},
	} {
		t.Run(fmt.Sprintf("%+v", fault), func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				sim := w.simulate(simulator.Options{Seed: 9})
				s := w.serve(subscribing(w, sim, "auto"))
				s.within(lifeInterval, "subscribed", s.subscribed("hq"))
				if fault.Socket == simulator.SocketFlood {
					w.fault(sim, floodSlowly)
				}
				w.fail(sim, fault)
				s.followsChanges(sim, 3, lifeStaleAfter, "during the fault")
				w.fail(sim, simulator.Fault{})
				s.within(10*time.Minute, "subscribed again", s.subscribed("hq"))
				s.followsChanges(sim, 1, lifeStaleAfter, "after the fault")
			})
		})
	}
}

// Without a subscription the service polls. With mode: subscribe it logs that as an error.
func TestSubscriptionUnavailable(t *testing.T) {
	t.Parallel()
	for mode, loud := range map[string]bool{"auto": false, "subscribe": true} {
		t.Run(mode, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				sim := w.simulate(simulator.Options{Seed: 10})
				w.fail(sim, simulator.Fault{Handshake: http.StatusNotFound})
				s := w.serve(subscribing(w, sim, mode))
				w.pass(lifePoll)
				if !s.shows(sim) {
					t.Errorf("shown: %+v", s.snapshot("queue"))
				}
				log := s.log.String()
				if !strings.Contains(log, `msg="subscription unavailable, falling back to polling"`) || strings.Contains(log, `level=ERROR msg="subscription unavailable`) != loud {
					t.Errorf("log: %s", log)
				}
				if _, body := s.get(s.admin + "/"); !strings.Contains(body, ": not_found, it offers no subscription at this url, or a proxy does not pass WebSockets on (status 404); the next one in ") || !strings.Contains(body, "<dd>none for 10 s; the last attempt, ") {
					t.Errorf("the dashboard: %s", body)
				}
			})
		})
	}
}

// The metrics and the mode change while the service runs.
func TestReloadWhileSubscribed(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 11})
		s := w.serveReloading(subscribing(w, sim, "auto"))
		s.within(lifeInterval, "subscribed", s.subscribed("hq"))
		keys := map[string]string{"KEY": sim.Key()}
		text := fmt.Sprintf(subscribeYAML, sim.URL(), "auto")
		s.reload(w.read(text+"      wait: {metric: Current Wait Time, category: Support}\n", keys))
		s.within(lifePoll, "the new metric", func() bool { got := s.snapshot("queue"); return len(got.Metrics) == 2 && got.Metrics[1].Value != nil })
		s.within(time.Minute, "subscribed to it", func() bool {
			_, body := s.get(s.admin + "/")
			return sim.Requests().Subscriptions >= 2 && strings.Contains(body, "<dd>active for ") && !strings.Contains(body, "except for")
		})
		s.reload(w.read(text, keys))
		s.within(time.Minute, "subscribed to the rest alone", s.subscribed("hq"))
		s.within(lifeInterval, "the right value", func() bool { return s.shows(sim) })

		s.reload(subscribing(w, sim, "poll"))
		s.within(time.Minute, "no open socket", func() bool {
			_, body := s.get(s.admin + "/metrics")
			return strings.Contains(body, `waitboard_upstream_sockets{source="hq"} 0`)
		})
		s.within(lifePoll, "the right value, by polls", func() bool { return s.shows(sim) })
		s.reload(subscribing(w, sim, "subscribe"))
		s.within(time.Minute, "subscribed again", s.subscribed("hq"))
		if strings.Contains(s.log.String(), "level=ERROR") {
			t.Errorf("something went wrong: %s", s.log)
		}
	})
}
