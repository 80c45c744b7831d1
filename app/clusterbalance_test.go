package app_test

import (
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waitboard/internal/testengine"
	"waitboard/internal/testlevel"
	"waitboard/simulator"
)

// A switchboard is many sources at one simulated phone system, each with its own path. It notes when each is polled.
type switchboard struct {
	*httptest.Server
	mu    sync.Mutex
	polls map[string][]time.Time
}

func newSwitchboard(t *testing.T, sim *simulator.Simulator) *switchboard {
	t.Helper()
	target, err := url.Parse(sim.URL())
	if err != nil {
		t.Fatal(err)
	}
	b := &switchboard{polls: map[string][]time.Time{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		source, path, _ := strings.Cut(strings.TrimPrefix(r.In.URL.Path, "/"), "/")
		if strings.HasSuffix(path, "/values") {
			b.mu.Lock()
			b.polls[source] = append(b.polls[source], time.Now())
			b.mu.Unlock()
		}
		r.Out.URL.Path = "/" + path
		r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host})
	}}
	proxy.ErrorLog = log.New(io.Discard, "", 0) // of pollers that stop
	b.Server = httptest.NewServer(proxy)
	t.Cleanup(b.Close)
	return b
}

// report logs the longest gap between two polls of a source. It fails if one source was polled half as often as the others, or less.
func (b *switchboard) report(t *testing.T, sources int) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var gap time.Duration
	var counts []int
	for _, polls := range b.polls {
		counts = append(counts, len(polls))
		for i := 1; i < len(polls); i++ {
			gap = max(gap, polls[i].Sub(polls[i-1]))
		}
		gap = max(gap, time.Since(polls[len(polls)-1]))
	}
	slices.Sort(counts)
	if len(counts) != sources || counts[0]*2 <= counts[len(counts)/2] {
		t.Errorf("%d of %d sources were polled, one only %d times", len(counts), sources, counts[0])
		return
	}
	t.Logf("polls of a source: %d to %d, longest gap %v", counts[0], counts[len(counts)-1], gap.Round(time.Millisecond))
}

// Replicas come and go, and share the sources evenly. Each source is polled all the time.
func TestManySources(t *testing.T) { // alone, because it needs the whole machine
	testlevel.Full(t)
	const sources = 200
	engine := testengine.Start(t)
	sim := simulate(t, simulator.Options{Seed: 3})
	board := newSwitchboard(t, sim)
	var yaml strings.Builder
	yaml.WriteString("cluster: {url_env: ENGINE}\nsources:\n")
	for i := range sources {
		fmt.Fprintf(&yaml, "  s%d: {url: %q, key_env: KEY, mode: poll}\n", i, fmt.Sprintf("%s/s%d/rest", board.URL, i))
	}
	yaml.WriteString("widgets:\n")
	for i := range sources {
		fmt.Fprintf(&yaml, "  w%d: {metrics: {waiting: {source: s%d, metric: Calls in Queue, combine: sum}}}\n", i, i)
	}
	start := func() *service {
		cfg := parse(t, yaml.String(), map[string]string{"KEY": sim.Key(), "ENGINE": engine.URL()})
		for i := range cfg.Sources {
			cfg.Sources[i].Interval = manyInterval
		}
		s := serve(t, cfg)
		s.look = 250 * time.Millisecond
		return s
	}
	settled := func(all ...*service) {
		t.Helper()
		began := time.Now()
		var held []int
		all[0].within(afterFault, "the replicas share the sources evenly", func() bool {
			held = held[:0]
			total, even := 0, true
			for _, s := range all {
				_, text := s.get(s.admin + "/metrics")
				n := 0
				for line := range strings.Lines(text) {
					if strings.HasPrefix(line, "waitboard_source_lease{") && strings.HasSuffix(line, " 1\n") {
						n++
					}
				}
				held = append(held, n)
				total += n
				share := float64(sources) / float64(len(all))
				even = even && float64(n) >= 0.75*share && float64(n) <= 1.25*share
			}
			return even && total == sources
		})
		t.Logf("%d replicas hold %v leases, after %v", len(all), held, time.Since(began).Round(time.Millisecond))
		before := map[string]time.Time{}
		for i := range sources {
			id := fmt.Sprintf("w%d", i)
			before[id] = all[0].snapshot(id).ObservedAt
		}
		for id, at := range before { // all are polled again before the next change
			all[0].within(afterFault, "a poll of "+id, func() bool { return all[0].snapshot(id).ObservedAt.After(at) })
		}
		board.report(t, sources)
	}
	a, b, c := start(), start(), start()
	settled(a, b, c)
	d := start()
	settled(a, b, c, d)
	c.stop()
	d.end()
	settled(a, b)
}

const manyInterval = 5 * time.Second
