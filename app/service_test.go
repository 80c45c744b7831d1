package app_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"waitboard/app"
	"waitboard/config"
	"waitboard/simulator"
)

// A service is an app that serves simulated phone systems: on real ports, or in a world.
type service struct {
	t      *testing.T
	app    *app.App
	url    string
	admin  string
	log    *logBuffer
	stop   context.CancelFunc
	ended  chan error
	client *http.Client
	look   time.Duration // the time between two checks of a condition
	settle func()        // waits until nothing more happens at this instant; nil on real ports
}

// logBuffer is a log for concurrent reads and writes.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// forget drops its contents.
func (b *logBuffer) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = bytes.Buffer{}
}

func simulate(t *testing.T, o simulator.Options) *simulator.Simulator {
	t.Helper()
	o.InitTime = cmp.Or(o.InitTime, -1)
	sim, err := simulator.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return sim
}

// Durations of the tests on real ports. Frequent polls make events early. Nothing turns stale and no poll times out on a
// slow machine: tests of that run in fake time (see world).
const (
	interval   = 100 * time.Millisecond
	staleAfter = time.Hour
	hideAfter  = 2 * time.Hour
	timeout    = long
)

// parse reads a configuration and replaces its durations for a test on real ports.
func parse(t *testing.T, yaml string, keys map[string]string) *config.Config {
	t.Helper()
	cfg := read(t, yaml, keys)
	for i := range cfg.Sources {
		cfg.Sources[i].Interval, cfg.Sources[i].Timeout = interval, timeout
	}
	for i := range cfg.Widgets {
		cfg.Widgets[i].StaleAfter, cfg.Widgets[i].HideAfter = staleAfter, hideAfter
	}
	return cfg
}

// read reads a configuration that listens on any free port.
func read(t *testing.T, yaml string, keys map[string]string) *config.Config {
	t.Helper()
	cfg, err := config.Parse("test.yaml", []byte(yaml), func(name string) (string, bool) { key, ok := keys[name]; return key, ok })
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listen, cfg.Admin = "127.0.0.1:0", "127.0.0.1:0"
	return cfg
}

func serve(t *testing.T, cfg *config.Config) *service {
	t.Helper()
	return serveWith(t, app.Options{Config: cfg})
}

func serveWith(t *testing.T, o app.Options) *service {
	t.Helper()
	return start(&service{t: t, client: client, look: 5 * time.Millisecond}, o)
}

// start adds the options of every test, and runs the service until the test ends.
func start(s *service, o app.Options) *service {
	t := s.t
	t.Helper()
	s.log, s.ended = &logBuffer{}, make(chan error, 1)
	o.Version, o.Log = "test", slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a, err := app.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.app, s.url, s.admin, s.stop = a, a.URL(), a.AdminURL(), cancel
	go func() { s.ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err, open := <-s.ended; err != nil && open {
			t.Errorf("the service ended with %v", err)
		}
		s.client.CloseIdleConnections()
	})
	return s
}

var client = &http.Client{Timeout: long}

func (s *service) get(url string) (status int, body string) {
	s.t.Helper()
	resp, err := s.client.Get(url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

// A snapshot is the public JSON.
type snapshot struct {
	State      string
	Stale      bool
	ObservedAt time.Time `json:"observed_at"`
	Metrics    []metric
}

type metric struct {
	ID, Type, Text string
	Value          any
	Rate           float64
	AsOf           time.Time `json:"as_of"`
	Stale          bool
	Typical        *struct{ Text string }
	Compared       string
	Range          any
	Basis          string
	Estimate       *struct {
		Covered        *float64
		LongerThanSaid *float64 `json:"longer_than_said"`
		Samples        int
	}
}

func (s *service) snapshot(id string) (out snapshot) {
	s.t.Helper()
	_, body := s.get(s.url + "/v1/widgets/" + id)
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		s.t.Fatalf("%v: %s", err, body)
	}
	return out
}

// within waits until a condition is true, and fails the test after d.
func (s *service) within(d time.Duration, what string, condition func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	tick := time.NewTicker(s.look)
	defer tick.Stop()
	for {
		if s.settle != nil {
			s.settle()
		}
		if condition() {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			s.t.Fatalf("not within %v: %s\n%s", d, what, s.log)
		}
	}
}

func (s *service) state(id, want string) func() bool {
	return func() bool { return s.snapshot(id).State == want }
}
