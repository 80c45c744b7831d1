package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// sizes are numbers of widgets. Each shows its own metric of one of up to maxSources phone systems.
var sizes = []int{10, 1_000, 10_000}

const (
	maxSources    = 200
	scaleInterval = 5 * time.Second // between two polls of each
	scaleURL      = "http://127.0.0.1:18086"
	scaleAdmin    = "http://127.0.0.1:18087"
)

// A scale is the cost of a number of widgets.
type scale struct {
	widgets, sources   int
	ready              time.Duration // from the start until all widgets have values
	idleMB             float64       // resident
	still, moving      float64       // processor seconds per minute: without changes; with one changed reading in each poll
	changes, snapshots int           // changed readings, and rendered snapshots
}

// scales measures one size after the other, and prints a table.
func (s *stage) scales() error {
	fmt.Println("\n| widgets, sources | all fresh after | resident | processor, nothing changes | processor, one reading changes at a time | snapshots made for the changes |\n| --- | --- | --- | --- | --- | --- |")
	for _, n := range sizes {
		one, err := s.scale(n)
		if err != nil {
			return fmt.Errorf("%d widgets: %w", n, err)
		}
		fmt.Printf("| %d, %d | %.1f s | %.0f MB | %.2f s a minute | %.2f s a minute | %d for %d |\n",
			one.widgets, one.sources, one.ready.Seconds(), one.idleMB, one.still, one.moving, one.snapshots, one.changes)
	}
	return nil
}

func (s *stage) scale(n int) (out scale, err error) {
	out.widgets, out.sources = n, min(n, maxSources)
	sources := &phoneSystems{widgets: out.widgets, sources: out.sources}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return out, err
	}
	server := &http.Server{Handler: sources, ReadHeaderTimeout: time.Minute}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	defer serving.Wait()
	defer server.Close() //nolint:errcheck // the listener is in memory of this process only
	path := filepath.Join(s.folder, "scale.yaml")
	if err := os.WriteFile(path, scaleConfig(listener.Addr().String(), out.widgets, out.sources), 0o600); err != nil {
		return out, err
	}
	began := time.Now()
	process, err := s.start(filepath.Join(s.programs, "waitboard"), "serve", "--config", path)
	if err != nil {
		return out, err
	}
	defer s.stop(process)
	if err := s.answers(scaleAdmin+"/metrics", fmt.Sprintf("waitboard_widgets{state=\"open\"} %d\n", n)); err != nil {
		return out, fmt.Errorf("not all widgets have values: %w", err)
	}
	out.ready = time.Since(began)
	s.wait(2 * scaleInterval) // until the start is over
	if out.idleMB, err = residentMB(process); err != nil {
		return out, err
	}
	if out.still, err = s.processor(process, 4*scaleInterval, func() {}); err != nil {
		return out, err
	}
	before, err := s.rendered()
	if err != nil {
		return out, err
	}
	if out.moving, err = s.processor(process, 4*scaleInterval, func() { sources.changed.Add(1) }); err != nil {
		return out, err
	}
	after, err := s.rendered()
	out.changes, out.snapshots = int(sources.sent.Load()), after-before
	return out, err
}

// processor measures a process's processor time in seconds per minute. It calls happens once in each interval.
func (s *stage) processor(process *exec.Cmd, span time.Duration, happens func()) (perMinute float64, err error) {
	before, err := processorTime(process)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	for time.Since(began) < span && s.ctx.Err() == nil {
		happens()
		s.wait(scaleInterval)
	}
	after, err := processorTime(process)
	return (after - before).Seconds() / time.Since(began).Minutes(), err
}

var renderedTotal = regexp.MustCompile(`(?m)^waitboard_snapshots_rendered_total (\S+)$`)

// rendered returns the number of rendered snapshots.
func (s *stage) rendered() (int, error) {
	body, _, err := s.get(scaleAdmin + "/metrics")
	if err != nil {
		return 0, err
	}
	found := renderedTotal.FindSubmatch(body)
	if found == nil {
		return 0, errors.New("waitboard_snapshots_rendered_total is missing")
	}
	n, err := strconv.ParseFloat(string(found[1]), 64)
	return int(n), err
}

// scaleConfig returns a configuration with n widgets, spread over the sources.
func scaleConfig(address string, n, sources int) []byte {
	var out strings.Builder
	fmt.Fprintf(&out, "listen: %s\nadmin: %s\nsources:\n", strings.TrimPrefix(scaleURL, "http://"), strings.TrimPrefix(scaleAdmin, "http://"))
	for i := range sources {
		fmt.Fprintf(&out, "  s%d: {url: \"http://%s/%d\", key_env: BENCH_KEY, mode: poll, interval: %s}\n", i, address, i, scaleInterval)
	}
	out.WriteString("widgets:\n")
	for i := range n {
		fmt.Fprintf(&out, "  w%d: {metrics: {waiting: {source: s%d, metric: M%d, label: Calls in queue}}}\n", i, i%sources, i)
	}
	return []byte(out.String())
}

// phoneSystems serves all sources, each below its own path. Every metric is a count; only that of the first widget changes.
type phoneSystems struct {
	widgets, sources int
	changed          atomic.Int64
	sent             atomic.Int64 // how many of the changes were requested
}

func (p *phoneSystems) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var entries []string
	if ids := r.URL.Query().Get("id"); ids != "" {
		for _, id := range strings.Split(ids, ",") {
			entries = append(entries, p.value(id))
		}
		fmt.Fprintf(w, `{"results":[%s],"initializing":[]}`, strings.Join(entries, ","))
		return
	}
	source, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	first, err := strconv.Atoi(source)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	for i := first; i < p.widgets; i += p.sources {
		entries = append(entries, fmt.Sprintf(`{"metricId":"M%d","metricName":"Metric %[1]d"}`, i))
	}
	fmt.Fprintf(w, "[%s]", strings.Join(entries, ","))
}

func (p *phoneSystems) value(id string) string {
	count := int64(3)
	if id == "M0" {
		changed := p.changed.Load()
		if p.sent.Load() < changed {
			p.sent.Add(1)
		}
		count += changed
	}
	return fmt.Sprintf(`{"key":{"metricId":%q},"value":{"lastUpdateTime":"2026-11-23T12:00:00.000-06:00","count":%d,"type":"COUNT"}}`, id, count)
}
