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

// A service is an app at work on simulated phone systems, on real ports.
type service struct {
	t     *testing.T
	app   *app.App
	url   string
	admin string
	log   *logBuffer
	stop  context.CancelFunc
	ended chan error
}

// logBuffer is a log that can be read while it is written.
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

// forget drops what has been written.
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

// Times of the tests: a hundred times as quick as in life.
const (
	interval   = 100 * time.Millisecond
	staleAfter = 450 * time.Millisecond
	hideAfter  = 1500 * time.Millisecond
	timeout    = 600 * time.Millisecond
)

// parse reads a configuration and makes it quick.
func parse(t *testing.T, yaml string, keys map[string]string) *config.Config {
	t.Helper()
	cfg, err := config.Parse("test.yaml", []byte(yaml), func(name string) (string, bool) { key, ok := keys[name]; return key, ok })
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listen, cfg.Admin = "127.0.0.1:0", "127.0.0.1:0"
	for i := range cfg.Sources {
		cfg.Sources[i].Interval, cfg.Sources[i].Timeout = interval, timeout
	}
	for i := range cfg.Widgets {
		cfg.Widgets[i].StaleAfter, cfg.Widgets[i].HideAfter = staleAfter, hideAfter
	}
	return cfg
}

func serve(t *testing.T, cfg *config.Config) *service {
	t.Helper()
	return serveWith(t, app.Options{Config: cfg})
}

// serveWith adds to the options what every test wants.
func serveWith(t *testing.T, o app.Options) *service {
	t.Helper()
	s := &service{t: t, log: &logBuffer{}, ended: make(chan error, 1)}
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
		client.CloseIdleConnections()
	})
	return s
}

var client = &http.Client{Timeout: 5 * time.Second}

func (s *service) get(url string) (status int, body string) {
	s.t.Helper()
	resp, err := client.Get(url)
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

// A snapshot is the public JSON, as a reader would see it.
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
}

func (s *service) snapshot(id string) (out snapshot) {
	s.t.Helper()
	_, body := s.get(s.url + "/v1/widgets/" + id)
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		s.t.Fatalf("%v: %s", err, body)
	}
	return out
}

// within waits until a condition holds, and fails the test when it does not in time.
func (s *service) within(d time.Duration, what string, condition func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
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
