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
	sources, done, err := servePhones(out.widgets, out.sources)
	if err != nil {
		return out, err
	}
	defer done()
	began := time.Now()
	process, err := s.serve(scaleFile{
		listen: strings.TrimPrefix(scaleURL, "http://"), admin: strings.TrimPrefix(scaleAdmin, "http://"), phones: sources.address,
		widgets: out.widgets, sources: out.sources, interval: scaleInterval,
	})
	if err != nil {
		return out, err
	}
	defer s.stop(process)
	if err := s.answers(scaleAdmin+"/metrics", allOpen(n)); err != nil {
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

// A scaleFile is a configuration of widgets that are spread over sources.
type scaleFile struct {
	listen, admin    string
	phones           string // the address of the phone systems
	widgets, sources int
	interval         time.Duration
	apart            time.Duration // from the shortest interval to the longest; interval is the middle one
	more             string        // lines of YAML
	metric           string        // fields of each metric
}

func (f scaleFile) text() []byte {
	var out strings.Builder
	fmt.Fprintf(&out, "listen: %s\nadmin: %s\n%ssources:\n", f.listen, f.admin, f.more)
	for i := range f.sources {
		fmt.Fprintf(&out, "  s%d: {url: \"http://%s/%d\", key_env: BENCH_KEY, mode: poll, interval: %s}\n", i, f.phones, i,
			f.interval-f.apart/2+f.apart*time.Duration(i)/time.Duration(f.sources))
	}
	out.WriteString("widgets:\n")
	for i := range f.widgets {
		fmt.Fprintf(&out, "  w%d: {metrics: {waiting: {source: s%d, metric: M%d, label: Calls in queue%s}}}\n", i, i%f.sources, i, f.metric)
	}
	return []byte(out.String())
}

// serve starts the service with a configuration.
func (s *stage) serve(f scaleFile) (*exec.Cmd, error) {
	path := filepath.Join(s.folder, "scale-"+f.admin+".yaml")
	if err := os.WriteFile(path, f.text(), 0o600); err != nil {
		return nil, err
	}
	return s.start(filepath.Join(s.programs, "waitboard"), "serve", "--config", path)
}

// allOpen is the metric of a service in which all widgets have values.
func allOpen(widgets int) string {
	return fmt.Sprintf("waitboard_widgets{state=\"open\"} %d\n", widgets)
}

// phoneSystems serves all sources, each below its own path. Every metric is a count; only that of the first widget changes.
type phoneSystems struct {
	address          string
	widgets, sources int
	changed          atomic.Int64
	sent             atomic.Int64 // how many of the changes were requested
}

// servePhones serves phone systems until done is called.
func servePhones(widgets, sources int) (p *phoneSystems, done func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	p = &phoneSystems{address: listener.Addr().String(), widgets: widgets, sources: sources}
	server := &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	return p, func() { _ = server.Close(); serving.Wait() }, nil
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
