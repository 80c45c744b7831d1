package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"waitboard/config"
	"waitboard/simulator"
)

const subscribeYAML = `
sources: {hq: {url: %q, key_env: KEY, mode: %s}}
widgets:
  queue:
    metrics:
      waiting: {metric: K0FLAEB6}
`

func subscribing(t *testing.T, sim *simulator.Simulator, mode string) *config.Config {
	t.Helper()
	return parse(t, fmt.Sprintf(subscribeYAML, sim.URL(), mode), map[string]string{"KEY": sim.Key()})
}

// shows tells whether the public sees what the phone system itself says.
func (s *service) shows(sim *simulator.Simulator) bool {
	before, _ := sim.Truth("K0FLAEB6", "", time.Now())
	got := s.snapshot("queue")
	after, _ := sim.Truth("K0FLAEB6", "", time.Now())
	return before == after && len(got.Metrics) == 1 && got.Metrics[0].Value == float64(after.Count) && !got.Stale
}

// A poll is due in ten minutes; what the public sees of each change until then can only have come by the socket.
func TestToldOfChanges(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"auto", "subscribe"} {
		sim := simulate(t, simulator.Options{Seed: 7, Speed: 50})
		cfg := subscribing(t, sim, mode)
		cfg.Sources[0].Timeout = long // of a ping on a busy machine
		cfg.Sources[0].Interval, cfg.Widgets[0].StaleAfter, cfg.Widgets[0].HideAfter = 10*time.Minute, time.Hour, 2*time.Hour
		s := serve(t, cfg)
		s.within(long, "subscribed", s.subscribed("hq"))
		s.within(long, "polled once more", func() bool { return sim.Requests().Values == 2 })
		last := s.snapshot("queue").Metrics[0].Value
		for range 10 {
			s.within(long, "a change", func() bool { return s.snapshot("queue").Metrics[0].Value != last })
			s.within(long, "the truth", func() bool { return s.shows(sim) })
			last = s.snapshot("queue").Metrics[0].Value
		}
		if n := sim.Requests(); n.Values != 2 || n.Subscriptions != 1 {
			t.Errorf("%s: requests %+v", mode, n)
		}
		s.stop()
	}
}

// mode: poll opens no socket.
func TestOnlyPolled(t *testing.T) {
	t.Parallel()
	sim := simulate(t, simulator.Options{Seed: 8})
	s := serve(t, subscribing(t, sim, "poll"))
	s.within(long, "polled five times", func() bool { return sim.Requests().Values >= 5 })
	if n := sim.Requests(); n.Subscriptions != 0 {
		t.Errorf("requests %+v", n)
	}
	if _, body := s.get(s.admin + "/"); !strings.Contains(body, ">polled</td>") {
		t.Errorf("the operators' page: %s", body)
	}
}

// Whatever subscriptions do, the truth is shown soon; and once they work again, the source is subscribed to.
func TestSocketFaults(t *testing.T) {
	t.Parallel()
	sim := simulate(t, simulator.Options{Seed: 9, Speed: 150})
	cfg := subscribing(t, sim, "auto")
	cfg.Widgets[0].StaleAfter, cfg.Widgets[0].HideAfter = 5*time.Second, 10*time.Second
	s := serve(t, cfg)
	s.within(long, "subscribed", s.subscribed("hq"))
	for _, fault := range []simulator.Fault{
		{Socket: simulator.SocketDrop}, {Socket: simulator.SocketFreeze}, {Socket: simulator.SocketHalfOpen}, {Socket: simulator.SocketSlow, Lag: 2 * time.Second},
		{Socket: simulator.SocketFlood}, {Socket: simulator.SocketUnknown},
		{Socket: simulator.SocketDrop, Handshake: http.StatusNotFound}, {Socket: simulator.SocketDrop, Handshake: http.StatusForbidden},
		{Mode: simulator.ModeRestart}, {Socket: simulator.SocketUnknown, Skew: time.Hour},
	} {
		if err := sim.SetFault(fault); err != nil {
			t.Fatal(err)
		}
		last := s.snapshot("queue").Metrics[0].Value
		for range 3 {
			s.within(long, fmt.Sprintf("a change with %+v", fault), func() bool { return s.snapshot("queue").Metrics[0].Value != last })
			s.within(long, fmt.Sprintf("the truth with %+v", fault), func() bool { return s.shows(sim) })
			last = s.snapshot("queue").Metrics[0].Value
		}
		if err := sim.SetFault(simulator.Fault{}); err != nil {
			t.Fatal(err)
		}
		s.within(2*long, fmt.Sprintf("subscribed again after %+v", fault), s.subscribed("hq"))
	}
}

// The log is loud when a subscription was asked for and can't be had, and values are shown all the same.
func TestNoSubscriptionToBeHad(t *testing.T) {
	t.Parallel()
	for mode, loud := range map[string]bool{"auto": false, "subscribe": true} {
		sim := simulate(t, simulator.Options{Seed: 10})
		if err := sim.SetFault(simulator.Fault{Handshake: http.StatusNotFound}); err != nil {
			t.Fatal(err)
		}
		s := serve(t, subscribing(t, sim, mode))
		s.within(long, "open", s.state("queue", "open"))
		s.within(long, "logged", func() bool {
			return strings.Contains(s.log.String(), "it is polled until it does")
		})
		if strings.Contains(s.log.String(), "THE SOURCE DOES NOT TELL OF CHANGES") != loud {
			t.Errorf("%s: %s", mode, s.log)
		}
		if _, body := s.get(s.admin + "/"); !strings.Contains(body, ">polled; no subscription: not_found: it offers no subscription at this url (status 404)</td>") {
			t.Errorf("the operators' page: %s", body)
		}
	}
}

// What is wanted changes while the service runs, and so does the mode.
func TestReloadWhileSubscribed(t *testing.T) {
	t.Parallel()
	sim := simulate(t, simulator.Options{Seed: 11, Speed: 50})
	s := serveReloading(t, subscribing(t, sim, "auto"))
	s.within(long, "subscribed", s.subscribed("hq"))
	keys := map[string]string{"KEY": sim.Key()}
	text := fmt.Sprintf(subscribeYAML, sim.URL(), "auto")
	s.reload(parse(t, text+"      wait: {metric: Current Wait Time, category: Support}\n", keys))
	s.within(long, "the new metric", func() bool { got := s.snapshot("queue"); return len(got.Metrics) == 2 && got.Metrics[1].Value != nil })
	s.within(long, "subscribed to it", func() bool {
		_, body := s.get(s.admin + "/")
		return sim.Requests().Subscriptions >= 2 && strings.Contains(body, ">subscribed") && !strings.Contains(body, "but for")
	})
	s.reload(parse(t, text, keys))
	s.within(long, "subscribed to the rest alone", s.subscribed("hq"))
	s.within(long, "the truth", func() bool { return s.shows(sim) })

	s.reload(subscribing(t, sim, "poll"))
	s.within(long, "no socket is left", func() bool {
		_, body := s.get(s.admin + "/metrics")
		return strings.Contains(body, `waitboard_upstream_sockets{source="hq"} 0`)
	})
	s.within(long, "the truth, polled", func() bool { return s.shows(sim) })
	s.reload(subscribing(t, sim, "subscribe"))
	s.within(long, "subscribed again", s.subscribed("hq"))
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("something went wrong: %s", s.log)
	}
}
