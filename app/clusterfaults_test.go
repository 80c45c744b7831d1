package app_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"waitboard/app"
	"waitboard/internal/testengine"
	"waitboard/internal/testlevel"
	"waitboard/simulator"
)

// replicasAt starts a service for each URL of an engine.
func replicasAt(t *testing.T, sim *simulator.Simulator, urls ...string) (all []*service) {
	t.Helper()
	for _, url := range urls {
		cfg := parse(t, fmt.Sprintf(clusterYAML, sim.URL()), map[string]string{"KEY": sim.Key(), "ENGINE": url})
		cfg.Sources[0].Interval = clusterInterval
		all = append(all, serve(t, cfg))
	}
	for _, s := range all {
		s.within(long, "open", s.state("support", "open"))
	}
	holder(all)
	return all
}

// afterFault is longer than a service needs to recover on a busy machine.
const afterFault = 2 * time.Minute

// One replica can't reach the engine, or hears nothing from it. Visitors of all replicas notice nothing.
func TestPartitionedReplica(t *testing.T) {
	t.Parallel()
	testlevel.Short(t)
	for _, test := range []struct {
		name  string
		fault testengine.Fault
		full  bool
	}{
		{"both wait", testengine.Fault{HoldRequests: true, HoldReplies: true}, false},
		{"requests wait", testengine.Fault{HoldRequests: true}, true},
		{"replies wait", testengine.Fault{HoldReplies: true}, true},
		{"cut", testengine.Fault{Cut: true}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.full {
				testlevel.Full(t)
			}
			engine := testengine.Start(t)
			sim := simulate(t, simulator.Options{Seed: 3, Speed: 30})
			proxies := map[string]*testengine.Proxy{}
			var urls []string
			for range 3 {
				proxy := testengine.Between(t, engine.Addr())
				urls = append(urls, proxy.URL())
				proxies[proxy.URL()] = proxy
			}
			all := replicasAt(t, sim, urls...)
			alone := holder(all)
			var others []*service
			var proxy *testengine.Proxy
			for i, s := range all {
				if s == alone {
					proxy = proxies[urls[i]]
				} else {
					others = append(others, s)
				}
			}
			put(t, alone, http.StatusOK)
			crowd := visit(t, all)
			proxy.Set(test.fault)
			over := time.After(testlevel.Pick(0, 0, time.Minute))
			began := time.Now()
			put(t, alone, http.StatusServiceUnavailable)
			t.Logf("the first notice was rejected after %v", time.Since(began).Round(time.Millisecond))
			holder(others)
			t.Logf("another replica holds the lease after %v", time.Since(began).Round(time.Millisecond))
			alone.within(long, "it notices", func() bool { _, body := alone.get(alone.url + "/readyz"); return strings.Contains(body, "problem") })
			for range 3 {
				at := alone.snapshot("support").ObservedAt
				alone.within(long, "it polls on its own", func() bool { return alone.snapshot("support").ObservedAt.After(at) })
			}
			began = time.Now()
			put(t, alone, http.StatusServiceUnavailable)
			t.Logf("a later notice was rejected after %v", time.Since(began).Round(time.Millisecond))
			<-over
			proxy.Set(testengine.Fault{})
			united(t, all)
			crowd.end()
			put(t, alone, http.StatusOK)
		})
	}
}

// united waits until one replica holds the lease and all send the same bytes. It logs how long that took.
func united(t *testing.T, all []*service) {
	t.Helper()
	began := time.Now()
	all[0].within(afterFault, "one replica polls, over one WebSocket", func() bool { return len(polling(all)) == 1 && sockets(all) == 1 })
	t.Logf("one holder %v after the end of the fault", time.Since(began).Round(time.Millisecond))
	same(all)
	for _, s := range all {
		s.within(long, "no problem", func() bool { _, body := s.get(s.url + "/readyz"); return !strings.Contains(body, "problem") })
	}
}

// The engine of a Sentinel is killed, and its replica takes its place. Then the old one comes back, as the replica of the new one.
func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	testlevel.Full(t)
	first := testengine.Start(t)
	host, port, _ := strings.Cut(first.Addr(), ":")
	second := testengine.Start(t, "--replicaof", host, port)
	sentinel := testengine.StartSentinel(t, "waits", first)
	sim := simulate(t, simulator.Options{Seed: 3, Speed: 30})
	url := sentinel.FailoverURL("waits")
	all := replicasAt(t, sim, url, url, url)
	watched := redis.NewSentinelClient(&redis.Options{Addr: sentinel.Addr(), DisableIdentity: true})
	t.Cleanup(func() { _ = watched.Close() })
	all[0].within(long, "Sentinel knows the replica", func() bool { return len(watched.Replicas(t.Context(), "waits").Val()) == 1 })
	put(t, all[0], http.StatusOK)
	crowd := visit(t, all)
	for _, killed := range []*testengine.Engine{first, second} {
		began := time.Now()
		killed.Kill()
		all[0].within(afterFault, "Sentinel promotes the replica", func() bool {
			at, err := watched.GetMasterAddrByName(t.Context(), "waits").Result()
			return err == nil && len(at) == 2 && at[0]+":"+at[1] != killed.Addr()
		})
		t.Logf("promoted after %v", time.Since(began).Round(time.Millisecond))
		united(t, all)
		killed.Restart()
		all[0].within(afterFault, "the old engine follows", func() bool { return strings.Contains(info(t, killed), "master_link_status:up") })
		same(all)
	}
	crowd.end()
	for _, s := range all {
		if _, body := s.get(s.url + "/v1/widgets/support"); !strings.Contains(body, "Hello") {
			t.Errorf("the notice is lost: %s", body)
		}
	}
}

func info(t *testing.T, engine *testengine.Engine) string {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: engine.Addr(), DisableIdentity: true})
	defer func() { _ = c.Close() }()
	return c.Info(t.Context(), "replication").Val()
}

// During a rolling update replicas have different configurations. Each shows its own, whoever polls, also while the holder is reloaded.
func TestRollingUpdate(t *testing.T) {
	t.Parallel()
	engine := testengine.Start(t)
	sim := simulate(t, simulator.Options{Seed: 3, Speed: 30})
	keys := map[string]string{"KEY": sim.Key(), "ENGINE": engine.URL()}
	old := fmt.Sprintf(`
cluster: {url_env: ENGINE}
sources: {hq: {url: %q, key_env: KEY}}
widgets:
  support:
    metrics:
      wait: {metric: Current Wait Time}
`, sim.URL())
	added := old + "  more:\n    metrics:\n      waiting: {metric: Calls in Queue, combine: sum}\n"
	a := serveReloading(t, parse(t, old, keys))
	a.within(long, "it polls", func() bool { return len(polling([]*service{a.service})) == 1 })
	began := time.Now()
	b := serve(t, parse(t, added, keys))
	b.within(long, "the new widget is open", b.state("more", "open"))
	t.Logf("the new widget is open after %v", time.Since(began).Round(time.Millisecond))
	fresh := func() {
		t.Helper()
		for s, id := range map[*service]string{a.service: "support", b: "more"} {
			at := s.snapshot(id).ObservedAt
			s.within(long, "newer values of "+id, func() bool { return s.snapshot(id).ObservedAt.After(at) })
		}
	}
	fresh()
	for i := range 3 {
		a.reload(parse(t, strings.Replace(old, "Time}", fmt.Sprintf("Time, label: Wait %d}", i), 1), keys))
		fresh()
	}
	b.end()
	began = time.Now()
	a.reload(parse(t, added, keys))
	a.within(long, "the new widget is open", a.state("more", "open"))
	t.Logf("after the reload of the last replica it is open after %v", time.Since(began).Round(time.Millisecond))
}

// check says what is wrong with the engine.
func TestCheckEngine(t *testing.T) {
	t.Parallel()
	engine := testengine.Start(t, "--requirepass", "CANARY")
	sim := simulate(t, simulator.Options{Seed: 3})
	cfg := parse(t, fmt.Sprintf(clusterYAML, sim.URL()), map[string]string{"KEY": sim.Key(), "ENGINE": engine.URL()})
	for _, test := range []struct {
		name    string
		prepare func()
		want    string
	}{
		{"no password", func() {}, "The engine can't be used: it requires a password; add it to the URL."},
		{"cluster mode", func() { engine.Kill(); engine.Restart("--requirepass", "", "--cluster-enabled", "yes") },
			"The engine can't be used: it runs in Redis Cluster mode, which waitboard doesn't support; use a single engine, with Sentinel if it must not fail."},
		{"down", engine.Kill, "The engine can't be used: it does not answer: connection refused."},
	} {
		test.prepare()
		result, err := app.Check(context.Background(), cfg, time.Second)
		if err != nil || result.Cluster != test.want || result.Fit() {
			t.Errorf("%s: %v %q, want %q", test.name, err, result.Cluster, test.want)
		}
	}
}
