package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"waitboard/app"
	"waitboard/config"
	"waitboard/internal/testengine"
	"waitboard/simulator"
)

const clusterYAML = `
cluster: {url_env: ENGINE}
sources: {hq: {url: %q, key_env: KEY}}
widgets:
  support:
    metrics:
      wait: {metric: Current Wait Time}
      waiting: {metric: Calls in Queue, combine: sum}
`

// replicas starts three services with one engine and one phone system.
func replicas(t *testing.T, engine *testengine.Engine, sim *simulator.Simulator) (all []*service) {
	t.Helper()
	for range 3 {
		cfg := parse(t, fmt.Sprintf(clusterYAML, sim.URL()), map[string]string{"KEY": sim.Key(), "ENGINE": engine.URL()})
		cfg.Sources[0].Interval = clusterInterval
		all = append(all, serve(t, cfg))
	}
	return all
}

const clusterInterval = 500 * time.Millisecond

// polling returns the replicas that hold the lease of the source.
func polling(all []*service) (holders []*service) {
	for _, s := range all {
		if _, text := s.get(s.admin + "/metrics"); strings.Contains(text, `waitboard_source_lease{source="hq"} 1`) {
			holders = append(holders, s)
		}
	}
	return holders
}

// exporting counts the replicas that export a metric of the source.
func exporting(all []*service, metric string) (n int) {
	for _, s := range all {
		if _, text := s.get(s.admin + "/metrics"); strings.Contains(text, metric+`{outcome="ok",source="hq"}`) {
			n++
		}
	}
	return n
}

// sockets counts the replicas with a WebSocket.
func sockets(all []*service) (n int) {
	for _, s := range all {
		if _, text := s.get(s.admin + "/metrics"); strings.Contains(text, `waitboard_upstream_sockets{source="hq"} 1`) {
			n++
		}
	}
	return n
}

// holder waits until one replica holds the lease, and returns it.
func holder(all []*service) (found *service) {
	all[0].within(long, "one replica polls", func() bool {
		holders := polling(all)
		if len(holders) == 1 {
			found = holders[0]
		}
		return found != nil
	})
	return found
}

// etag returns a widget's entity tag and body.
func (s *service) etag(id, known string) (status int, tag string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+"/v1/widgets/"+id, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "identity")
	if known != "" {
		request.Header.Set("If-None-Match", known)
	}
	response, err := s.client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode, response.Header.Get("Etag")
}

func TestReplicas(t *testing.T) {
	t.Parallel()
	engine := testengine.Start(t)
	sim := simulate(t, simulator.Options{Seed: 3, Speed: 30})
	all := replicas(t, engine, sim)
	for _, s := range all {
		s.within(long, "open", s.state("support", "open"))
		s.within(long, "ready", func() bool { status, _ := s.get(s.url + "/readyz"); return status == http.StatusOK })
	}
	first := all[0]
	first.within(long, "one replica polls, over one WebSocket", func() bool { return len(polling(all)) == 1 && sockets(all) == 1 })

	t.Run("same answers", func(*testing.T) { same(all) })
	t.Run("dashboards", func(*testing.T) { dashboards(all) })
	t.Run("never back", func(t *testing.T) { neverBack(t, all) })
	t.Run("polls as of one", func(*testing.T) {
		for range 3 {
			at := first.snapshot("support").ObservedAt
			first.within(long, "another poll", func() bool { return first.snapshot("support").ObservedAt.After(at) })
		}
		first.within(long, "one replica sends requests", func() bool { return exporting(all, "waitboard_upstream_requests_total") == 1 && sockets(all) == 1 })
	})
	t.Run("notices", func(t *testing.T) {
		put(t, all[0], http.StatusOK)
		for _, s := range all {
			s.within(long, "the notice is shown", func() bool { _, body := s.get(s.url + "/v1/widgets/support"); return strings.Contains(body, "Hello") })
		}
	})
	t.Run("hand over", func(t *testing.T) {
		stops := holder(all)
		rest := slices.DeleteFunc(slices.Clone(all), func(s *service) bool { return s == stops })
		stops.end()
		holder(rest)
		for _, s := range rest {
			at := s.snapshot("support").ObservedAt
			s.within(long, "fresh readings", func() bool { return s.snapshot("support").ObservedAt.After(at) })
		}
		all = rest
	})
	t.Run("without an engine", func(t *testing.T) {
		crowd := visit(t, all)
		engine.Kill()
		for _, s := range all {
			s.within(long, "it notices", func() bool { _, body := s.get(s.url + "/readyz"); return strings.Contains(body, "problem") })
			at := s.snapshot("support").ObservedAt
			s.within(long, "it polls on its own", func() bool { return s.snapshot("support").ObservedAt.After(at) })
		}
		put(t, all[0], http.StatusServiceUnavailable)
		engine.Restart()
		united(t, all) // each one alone had readings of its own
		neverBack(t, all)
		crowd.end()
		for _, s := range all {
			s.within(long, "the notice is shown", func() bool { _, body := s.get(s.url + "/v1/widgets/support"); return strings.Contains(body, "Hello") })
		}
		all[0].within(long, "the notice is on the engine", func() bool { return strings.Contains(stored(t, engine), "Hello") })
	})
}

// stored returns the notice that the engine has.
func stored(t *testing.T, engine *testengine.Engine) string {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: engine.Addr(), DisableIdentity: true})
	defer func() { _ = c.Close() }()
	return c.HGet(t.Context(), "waitboard:notices", "support").Val()
}

// same waits until all replicas send the same bytes.
func same(all []*service) {
	all[0].within(long, "equal answers", func() bool {
		var tags, bodies []string
		for _, s := range all {
			_, tag := s.etag("support", "")
			_, body := s.get(s.url + "/v1/widgets/support")
			tags, bodies = append(tags, tag), append(bodies, body)
		}
		return len(slices.Compact(tags)) == 1 && len(slices.Compact(bodies)) == 1
	})
}

// put sets a notice.
func put(t *testing.T, s *service, want int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.admin+"/widgets/support/notice", strings.NewReader(`{"text":"Hello"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != want {
		t.Errorf("status %d, want %d", response.StatusCode, want)
	}
}

// neverBack revalidates round robin, as one client behind a load balancer, until it has seen several changes.
func neverBack(t *testing.T, all []*service) {
	t.Helper()
	known, newest, changes, unchanged, next := "", int64(0), 0, 0, 0
	all[0].within(long, "several changes", func() bool {
		for range 10 {
			next++
			status, tag := all[next%len(all)].etag("support", known)
			if status == http.StatusNotModified {
				unchanged++
				continue
			}
			at, err := strconv.ParseInt(strings.Trim(tag, `"`)[17:], 36, 64) // after the hash
			if err != nil {
				t.Fatal(err)
			}
			if at < newest {
				t.Fatalf("observed_at went back by %d ms", newest-at)
			}
			known, newest = tag, at
			changes++
		}
		return changes > 5
	})
	if unchanged == 0 {
		t.Error("no revalidation matched")
	}
	t.Logf("%d of %d revalidations matched", unchanged, next)
}

// A clock that is over two seconds off is a remark, and not a problem.
func TestCheckClusterClock(t *testing.T) {
	t.Parallel()
	engine := config.Cluster{URL: config.NewSecret(testengine.Start(t).URL())}
	for offset, want := range map[time.Duration]string{0: "", time.Hour: "ahead of", -time.Hour: "behind"} {
		problem, remark := app.CheckCluster(t.Context(), engine, func() time.Time { return time.Now().Add(offset) })
		if problem != "" || (remark != "") != (want != "") || !strings.Contains(remark, want) {
			t.Errorf("off by %v: %q, %q", offset, problem, remark)
		}
	}
}
