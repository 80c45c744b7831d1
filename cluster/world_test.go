package cluster

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"waitboard/domain"
	"waitboard/internal/testengine"
	"waitboard/readings"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world is an engine and the replicas that share it.
type world struct {
	t      *testing.T
	engine *testengine.Engine
	client *redis.Client
	url    string // of the replicas
}

func newWorld(t *testing.T) *world {
	t.Helper()
	engine := testengine.Start(t)
	return &world{t, engine, client(t, engine), engine.URL()}
}

// A replica is a cluster with one source, whose poller is a flag.
type replica struct {
	*Cluster
	w      *world
	store  *readings.Store
	member *Member
	stop   func()
	log    *logBuffer

	mu     sync.Mutex
	polls  bool
	starts int
	wanted [][]byte

	onWanted func(all [][]byte) // nil: nothing
}

const (
	testTTL  = time.Second // shorter than in life: tests wait for leases that expire
	name     = "hq"
	testKey  = "CANARY-key"
	metric   = "CANARY metric"
	category = "CANARY person"
)

// A logBuffer is a log that a test reads.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// join starts a replica.
func (w *world) join(host string) *replica {
	w.t.Helper()
	return w.joinWith(host, testKey)
}

func (w *world) joinWith(host, key string) *replica {
	w.t.Helper()
	r := &replica{w: w, store: readings.New(time.Now), log: &logBuffer{}}
	c, err := New(w.t.Context(), Options{
		URL: w.url, Host: host, TTL: testTTL, Store: r.store, Metrics: prometheus.NewRegistry(), Now: time.Now,
		Log: slog.New(slog.NewTextHandler(r.log, nil)),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	r.Cluster = c
	r.store.Guard(c.Write)
	r.member = c.Join(SourceOptions{
		Name: name, URL: "https://CANARY.example.com/rest", Key: key, Interval: testTTL / 4, Want: []byte("what " + host + " wants"),
		Wanted: func(all [][]byte) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.wanted = all
			if r.onWanted != nil {
				r.onWanted(all)
			}
		},
		Poll: func(on bool) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.polls = on; on {
				r.starts++
			}
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); c.Run(ctx) }()
	r.stop = sync.OnceFunc(func() { cancel(); <-ended; r.member.Leave() })
	w.t.Cleanup(r.stop)
	return r
}

func (r *replica) polling() bool { r.mu.Lock(); defer r.mu.Unlock(); return r.polls }

// observe writes a number, as a poller does.
func (r *replica) observe(number float64) {
	r.store.Apply(name, map[string]domain.Observation{metric: {
		Confirmed: time.Now(), Complete: time.Now(), Kind: domain.Count,
		Samples: map[string]domain.Sample{category: {Reading: domain.CountOf(number), Confirmed: time.Now()}},
	}})
}

// shown returns the number that this replica shows; -1: none.
func (r *replica) shown() float64 {
	o := r.store.Get(domain.Ref{Source: name, Metric: metric})
	if s, ok := o.Sample(category); ok {
		return s.Reading.Base
	}
	return -1
}

// within waits for a condition, much longer than it should take.
func (w *world) within(what string, condition func() bool) {
	w.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(time.Minute)
	defer end.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-end.C:
			w.t.Fatal("not in time: " + what)
		}
	}
}

// one waits until exactly one of the replicas polls, and returns it.
func (w *world) one(all ...*replica) (holder *replica) {
	w.t.Helper()
	w.within("one replica holds the lease", func() bool {
		holders := 0
		for _, r := range all {
			if r.member.holds() && r.polling() {
				holders++
				holder = r
			} else if r.polling() {
				return false
			}
		}
		return holders == 1
	})
	return holder
}

// client returns a client of an engine.
func client(t *testing.T, engine *testengine.Engine) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: engine.Addr(), DisableIdentity: true})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// replicaOf starts a replica of an engine.
func (w *world) replicaOf(engine *testengine.Engine) *testengine.Engine {
	w.t.Helper()
	host, port, _ := strings.Cut(engine.Addr(), ":")
	second := testengine.Start(w.t, "--replicaof", host, port)
	c := client(w.t, second)
	w.within("the engine replicates", func() bool {
		return strings.Contains(c.Info(context.Background(), "replication").Val(), "master_link_status:up")
	})
	return second
}
