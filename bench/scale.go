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
	"sync/atomic"
	"time"
)

// sizes are how many widgets there are. Each shows a metric of its own, of one of up to maxSources phone systems.
var sizes = []int{10, 1_000, 10_000}

const (
	maxSources    = 200
	scaleInterval = 5 * time.Second // between two polls of each
	scaleURL      = "http://127.0.0.1:18086"
	scaleAdmin    = "http://127.0.0.1:18087"
)

// A scale is what so many widgets cost.
type scale struct {
	widgets, sources   int
	ready              time.Duration // from the start until all are fresh
	idleMB             float64       // resident
	still, moving      float64       // seconds of the processor for each minute: nothing changes; one reading changes with each poll
	changes, snapshots int           // readings that changed, and snapshots made
}

// scales measures each size by itself, and prints a table.
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
	go server.Serve(listener) //nolint:errcheck // it ends with the stage
	defer server.Close()      //nolint:errcheck // likewise
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
		return out, fmt.Errorf("they don't get fresh: %w", err)
	}
	out.ready = time.Since(began)
	s.wait(2 * scaleInterval) // what was done at the start is over
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
	out.changes, out.snapshots = int(sources.told.Load()), after-before
	return out, err
}

// processor is how much of a core a process takes for a time, in seconds a minute, while something happens once in each interval.
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

// rendered is how many snapshots have been made.
func (s *stage) rendered() (int, error) {
	body, _, err := s.get(scaleAdmin + "/metrics")
	if err != nil {
		return 0, err
	}
	found := renderedTotal.FindSubmatch(body)
	if found == nil {
		return 0, errors.New("nothing tells how many snapshots were made")
	}
	n, err := strconv.ParseFloat(string(found[1]), 64)
	return int(n), err
}

// scaleConfig puts n widgets on sources, in turn.
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

// phoneSystems is all sources, each below a path of its own. Every metric is a count, of which one, that of the first widget, changes.
type phoneSystems struct {
	widgets, sources int
	changed          atomic.Int64
	told             atomic.Int64 // how much of that has been asked for
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
		if p.told.Load() < changed {
			p.told.Add(1)
		}
		count += changed
	}
	return fmt.Sprintf(`{"key":{"metricId":%q},"value":{"lastUpdateTime":"2026-11-23T12:00:00.000-06:00","count":%d,"type":"COUNT"}}`, id, count)
}
