package replicas

import (
	"cmp"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"waitboard/internal/testengine"
	"waitboard/internal/testprogram"
	"waitboard/simulator"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "4") // they wait more than they work; a flag of the command line still counts
	os.Exit(testprogram.Main(m))
}

// patience is how long a test waits for any one thing. It only ends a wait that can't succeed, on the slowest machine too.
const patience = time.Minute

// configuration is that of all replicas, unless a test has another one.
const configuration = `
listen: 127.0.0.1:0
admin: localhost:0
{cluster}
sources: {hq: {url: "{source}", key_env: KEY, interval: {interval}, mode: {mode}}}
widgets:
  support:
    metrics:
      wait: {metric: Current Wait Time, category: Support}
      waiting: {metric: Calls Waiting, category: Support}
      ready: {metric: Agents Ready, category: Support}
  sales:
    metrics:
      talk: {metric: K1RNV2OQ}
      waiting: {metric: Calls Waiting, category: Sales}
`

// A world is an engine, a phone system, and the replicas that share them.
type world struct {
	*testing.T
	o      options
	engine *testengine.Engine
	client *redis.Client
	sim    *simulator.Simulator
	file   string // the configuration
	all    []*replica
}

// options make a world.
type options struct {
	interval      time.Duration
	mode          string  // of the source; default auto
	speed         float64 // of the phone system
	mark          string  // of its secrets
	configuration string  // default configuration
}

// newWorld starts everything but replicas.
func newWorld(t *testing.T, o options) *world {
	t.Helper()
	w := &world{T: t, o: o, engine: testengine.Start(t)}
	var err error
	if w.sim, err = simulator.Start(simulator.Options{Seed: 3, InitTime: -1, Speed: o.speed, Mark: o.mark}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.sim.Close() })
	w.client = redis.NewClient(&redis.Options{Addr: w.engine.Addr()})
	t.Cleanup(func() { _ = w.client.Close() })
	w.file = w.write("cluster: {url_env: ENGINE}")
	return w
}

// write writes the configuration with a section cluster, or without.
func (w *world) write(cluster string) (file string) {
	w.Helper()
	file = filepath.Join(w.TempDir(), "waitboard.yaml")
	text := strings.NewReplacer("{source}", w.sim.URL(), "{interval}", w.o.interval.String(), "{mode}", cmp.Or(w.o.mode, "auto"), "{cluster}", cluster).
		Replace(cmp.Or(w.o.configuration, configuration))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	return file
}

// A replica is one of the processes.
type replica struct {
	*world
	*testprogram.Process
	client *http.Client
}

// start starts a replica, with the engine at an address.
func (w *world) start(engine string) *replica {
	w.Helper()
	r := &replica{
		world: w, Process: testprogram.Serve(w, w.file, "KEY="+w.sim.Key(), "ENGINE="+engine),
		client: newClient(),
	}
	w.all = append(w.all, r)
	return r
}

// startThree starts three replicas, and waits until they share the work.
func (w *world) startThree() {
	w.Helper()
	for range 3 {
		w.start(w.engine.URL())
	}
	w.eventually("the replicas share the work", w.shared)
}

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}, Timeout: patience}
}

// eventually waits until something is done.
func (w *world) eventually(what string, done func() bool) {
	w.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for end := time.After(patience); !done(); {
		select {
		case <-again.C:
		case <-end:
			w.Fatalf("never: %s", what)
		}
	}
}

// shared reports whether all replicas know each other and are ready, and one of them has the lease.
func (w *world) shared() bool {
	holders := 0.
	for _, r := range w.all {
		metrics := r.metrics()
		if metrics["waitboard_cluster_replicas"] != float64(len(w.all)) || !r.ready() {
			return false
		}
		holders += metrics[lease]
	}
	return holders == 1
}

// settle waits until the replicas share the work and do not move the lease any more.
func (w *world) settle() {
	w.Helper()
	var last *replica
	since := time.Now()
	w.eventually("the lease stays where it is", func() bool {
		if !w.shared() || w.holder() != last {
			last, since = w.holder(), time.Now()
		}
		return time.Since(since) > 6*time.Second // it moves in the first ticks after a change, of which each takes a second
	})
}

const lease = `waitboard_source_lease{source="hq"}`

// holder returns the replica that polls.
func (w *world) holder() (holder *replica) {
	w.Helper()
	w.eventually("one replica has the lease", func() bool {
		n := 0
		for _, r := range w.all {
			if r.metrics()[lease] == 1 {
				holder = r
				n++
			}
		}
		return n == 1
	})
	return holder
}

// without returns all replicas but one.
func (w *world) without(one *replica) []*replica {
	return slices.DeleteFunc(slices.Clone(w.all), func(r *replica) bool { return r == one })
}

var sample = regexp.MustCompile(`(?m)^(waitboard_\S+) (\S+)$`)

// metrics returns the metrics of a replica.
func (r *replica) metrics() map[string]float64 {
	r.Helper()
	_, body := r.get(r.Admin() + "/metrics")
	out := map[string]float64{}
	for _, found := range sample.FindAllStringSubmatch(body, -1) {
		out[found[1]], _ = strconv.ParseFloat(found[2], 64)
	}
	return out
}

func (r *replica) ready() bool {
	status, _ := r.get(r.URL + "/readyz")
	return status == http.StatusOK
}

// get sends a request. Status 0 means that it failed.
func (r *replica) get(url string) (status int, body string) {
	resp, err := r.client.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

// during calls a function again and again, until the function that it returns is called.
func (w *world) during(every time.Duration, do func()) (stop func()) {
	var stopping atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for !stopping.Load() {
			do()
			<-tick.C
		}
	}()
	return func() { stopping.Store(true); <-ended }
}

// pass waits.
func pass(d time.Duration) { <-time.After(d) }
