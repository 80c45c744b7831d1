package app_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waitboard/config"
	"waitboard/internal/testlevel"
	"waitboard/simulator"
)

// soakFaults are the faults of the phone system in a soak, in order.
var soakFaults = []simulator.Fault{
	{Mode: simulator.ModeDown}, {Mode: simulator.ModeSlow, Delay: 200 * time.Millisecond}, {Mode: simulator.ModeHang},
	{Mode: simulator.ModeStatus, Status: http.StatusServiceUnavailable}, {Mode: simulator.ModeStatus, Status: http.StatusUnauthorized},
	{Mode: simulator.ModeGarbage}, {Mode: simulator.ModeHTML}, {Mode: simulator.ModeTruncated}, {Mode: simulator.ModeCut},
	{Mode: simulator.ModeOversized, Size: 9 << 20}, {Mode: simulator.ModeRestart}, {Gone: "K0FLAEB6"}, {Forbidden: "K0FLAEB6"},
	{Socket: simulator.SocketDrop}, {Socket: simulator.SocketFreeze}, {Socket: simulator.SocketHalfOpen}, {Socket: simulator.SocketFlood},
	{Socket: simulator.SocketUnknown}, {Socket: simulator.SocketDrop, Handshake: http.StatusNotFound},
}

// Through faults, configuration changes, streams and requests, the service shows nothing wrong and rejects nobody.
// After each round the process uses what it used before. WAITBOARD_SOAK (2h) runs the test on real ports; the default is a minute.
func TestSoak(t *testing.T) {
	lasts := time.Minute
	if s := os.Getenv("WAITBOARD_SOAK"); s == "" {
		testlevel.Full(t)
	} else {
		var err error
		if lasts, err = time.ParseDuration(s); err != nil {
			t.Fatalf("WAITBOARD_SOAK: %v", err)
		}
	}
	leavesNothing(t, 8<<20)
	sim := simulate(t, simulator.Options{Seed: 40, Speed: 10})
	yaml, keys := everything(sim, math.MaxInt)
	load := func(round int) *config.Config {
		cfg := parse(t, yaml+fmt.Sprintf("  support: {title: Round %d, metrics: {waiting: {metric: K0FLAEB6}}}\n", round), map[string]string{"KEY": sim.Key()})
		cfg.Sources[0].Timeout = time.Second // so that hanging faults time out within a round
		for i := range cfg.Widgets {
			cfg.Widgets[i].StaleAfter, cfg.Widgets[i].HideAfter = 3*time.Second, 10*time.Second
		}
		return cfg
	}
	r := serveReloading(t, load(0))
	s := &watched{service: r.service, sim: sim, keys: keys}
	s.within(long, "subscribed", s.subscribed("hq"))
	defer s.visit()()

	var rounds []footprint
	for began := time.Now(); time.Since(began) < lasts || len(rounds) < len(soakFaults); {
		round := len(rounds)
		leave := s.crowd("/v1/widgets/all/events", "/v1/events?id=all&id=support")
		s.endure(soakFaults[round%len(soakFaults)], func() { r.reload(load(round)) })
		leave()
		rounds = append(rounds, s.calm(rounds))
		if log := s.log.String(); strings.Contains(log, "panic") || strings.Contains(log, "can't be taken") {
			t.Fatalf("round %d: %s", round, log)
		}
		s.log.forget()
	}
	flat(t, rounds)
	t.Logf("%d rounds, %d snapshots seen; at first %+v, at last %+v", len(rounds), s.looks, rounds[0], rounds[len(rounds)-1])
}

// endure makes the phone system fail, runs a function meanwhile, and waits for the recovery.
func (s *watched) endure(fault simulator.Fault, meanwhile func()) {
	s.t.Helper()
	set := func(f simulator.Fault) {
		if err := s.sim.SetFault(f); err != nil {
			s.t.Fatal(err)
		}
	}
	set(fault)
	pause := time.NewTicker(10 * time.Millisecond)
	defer pause.Stop()
	for i := range 100 {
		if i == 50 {
			meanwhile()
		}
		s.look()
		<-pause.C
	}
	set(simulator.Fault{})
	s.within(2*long, fmt.Sprintf("fresh after %+v", fault), s.fresh)
	s.within(2*long, fmt.Sprintf("subscribed after %+v", fault), s.subscribed("hq"))
}

// calm waits until the process has no more goroutines than after the first round, and returns its usage.
func (s *watched) calm(rounds []footprint) footprint {
	s.t.Helper()
	client.CloseIdleConnections()
	if len(rounds) > 0 {
		most := rounds[0].goroutines + 10 // for the visitor's connections and polls in progress
		s.within(2*long, fmt.Sprintf("at most %d goroutines", most), func() bool { client.CloseIdleConnections(); return runtime.NumGoroutine() <= most })
	}
	return measure()
}

// flat checks that usage does not grow from round to round.
func flat(t *testing.T, rounds []footprint) {
	t.Helper()
	earlier, later := rounds[:len(rounds)/2], rounds[len(rounds)/2:]
	for name, of := range map[string]struct {
		figure    func(footprint) int
		allowance int
	}{
		"bytes in use": {func(f footprint) int { return f.heap }, 1 << 20},
		"descriptors":  {func(f footprint) int { return f.descriptors }, 4},
		"goroutines":   {func(f footprint) int { return f.goroutines }, 4},
	} {
		var all [2][]int
		for i, half := range [][]footprint{earlier, later} {
			for _, f := range half {
				all[i] = append(all[i], of.figure(f))
			}
		}
		if most, least := slices.Max(all[0]), slices.Min(all[1]); least > most+of.allowance {
			t.Errorf("%s grow: at most %d in the earlier rounds, at least %d in the later ones", name, most, least)
		}
	}
}

// crowd opens and closes streams, some of whose readers don't read, until stop is called.
func (s *service) crowd(paths ...string) (leave func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if err := stayAWhile(ctx, s.url+paths[(i+n)%len(paths)], i%4 != 0); err != nil && ctx.Err() == nil {
					s.t.Errorf("a reader of a stream: %v", err)
				}
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// stayAWhile follows a stream for a moment, then drops the connection.
func stayAWhile(ctx context.Context, url string, reads bool) error {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	if first := make([]byte, 1); reads {
		if _, err := io.ReadFull(resp.Body, first); err != nil {
			return err
		}
		go func() { _, _ = io.Copy(io.Discard, resp.Body) }() // until the connection is dropped
	}
	select {
	case <-time.After(rand.N(300 * time.Millisecond)):
	case <-ctx.Done():
	}
	return nil
}
