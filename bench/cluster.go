package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

const (
	clusterSources  = 1_000 // each with one widget
	clusterInterval = 10 * time.Second
	clusterApart    = 2 * time.Second // different intervals spread the polls, as in a service that has run for hours
	clusterPort     = 18200           // the ports after it are used
)

// A setting is a way to run the service.
type setting struct {
	name     string
	replicas int // that share an engine; 0: one without
	admin    []string
	replica  *meter // of the first replica
	engine   *meter // nil: none
}

// A meter measures the processor time of a process, in milliseconds a second.
type meter struct {
	process *exec.Cmd
	began   time.Time
	before  time.Duration
	rounds  []float64
}

func (m *meter) begin() (err error) {
	m.began = time.Now()
	m.before, err = processorTime(m.process)
	return err
}

func (m *meter) end() error {
	after, err := processorTime(m.process)
	m.rounds = append(m.rounds, float64((after-m.before).Microseconds())/1e3/time.Since(m.began).Seconds())
	return err
}

// cluster measures what it costs to share sources with other replicas. All settings run at the same time, so that other work on the machine
// affects all.
func (s *stage) cluster(rounds int) error {
	_, valkey := exec.LookPath("valkey-server")
	program, redis := exec.LookPath("redis-server")
	switch {
	case valkey == nil:
		program = "valkey-server"
	case redis != nil:
		fmt.Println("\nThe cost of cluster was not measured, because no engine is installed: apt-get install redis-server")
		return nil
	}
	phones, done, err := servePhones(clusterSources, clusterSources)
	if err != nil {
		return err
	}
	defer done()
	before := len(s.running)
	defer func() {
		for _, process := range s.running[before:] {
			s.stop(process)
		}
	}()
	all := []*setting{
		{name: "without `cluster`"}, {name: "with `cluster`, the only replica", replicas: 1}, {name: "with `cluster`, one of three", replicas: 3},
	}
	var meters []*meter
	port := clusterPort
	for _, one := range all {
		if err := s.run(one, program, phones.address, &port); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		meters = append(meters, one.replica)
		if one.engine != nil {
			meters = append(meters, one.engine)
		}
	}
	s.wait(6 * clusterInterval) // until leases are even, and polls are spread
	if err := s.even(all); err != nil {
		return err
	}
	for range rounds {
		if err := s.round(meters); err != nil {
			return err
		}
	}
	return printCluster(all)
}

// run starts the processes of a setting, and waits until they have polled, or follow, all sources.
func (s *stage) run(one *setting, engine, phones string, port *int) error {
	next := func() string { *port++; return fmt.Sprintf("127.0.0.1:%d", *port) }
	file := scaleFile{phones: phones, widgets: clusterSources, sources: clusterSources, interval: clusterInterval, apart: clusterApart}
	if one.replicas > 0 {
		address := next()
		_, number, _ := net.SplitHostPort(address)
		process, err := s.startOn(loadCore, engine, "--port", number, "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning", "--dir", s.folder)
		if err != nil {
			return err
		}
		one.engine = &meter{process: process}
		url := filepath.Join(s.folder, number)
		if err := os.WriteFile(url, []byte("redis://"+address), 0o600); err != nil {
			return err
		}
		file.more = fmt.Sprintf("cluster: {url_file: %q}\n", url)
	}
	for range max(one.replicas, 1) {
		file.listen, file.admin = next(), next()
		process, err := s.serve(file)
		if err == nil {
			err = s.answers("http://"+file.listen+"/readyz", `"ready"`)
		}
		if err != nil {
			return err
		}
		one.admin = append(one.admin, "http://"+file.admin)
		one.replica = cmp.Or(one.replica, &meter{process: process})
	}
	return nil
}

// even checks that all widgets have values, and that each replica has its share of the leases.
func (s *stage) even(all []*setting) error {
	for _, one := range all {
		for _, admin := range one.admin {
			if err := s.answers(admin+"/metrics", allOpen(clusterSources)); err != nil {
				return fmt.Errorf("%s: not all widgets have values: %w", one.name, err)
			}
			body, _, err := s.get(admin + "/metrics")
			held := len(heldLease.FindAll(body, -1))
			if share := clusterSources / max(one.replicas, 1); err != nil || one.replicas > 0 && (held < share*9/10 || held > share*11/10) {
				return errors.Join(err, fmt.Errorf("%s: a replica holds %d leases", one.name, held))
			}
		}
	}
	return nil
}

var heldLease = regexp.MustCompile(`(?m)^waitboard_source_lease\{.*\} 1$`)

// round measures everything at the same time.
func (s *stage) round(meters []*meter) (err error) {
	for _, m := range meters {
		err = errors.Join(err, m.begin())
	}
	s.wait(4 * clusterInterval)
	for _, m := range meters {
		err = errors.Join(err, m.end())
	}
	return errors.Join(err, context.Cause(s.ctx))
}

func printCluster(all []*setting) error {
	fmt.Printf("\n| a replica with %d sources, each polled every %s on average | processor, ms a second | next to without `cluster` | resident | the engine: processor, ms a second | resident |\n| --- | --- | --- | --- | --- | --- |\n",
		clusterSources, clusterInterval)
	for _, one := range all {
		memory, err := residentMB(one.replica.process)
		if err != nil {
			return err
		}
		engine := " | "
		if one.engine != nil {
			resident, err := residentMB(one.engine.process)
			if err != nil {
				return err
			}
			engine = fmt.Sprintf("%s | %.0f MB", spreadOf(one.engine.rounds).amount(), resident)
		}
		fmt.Printf("| %s | %s | %s | %.0f MB | %s |\n", one.name, spreadOf(one.replica.rounds).amount(),
			spreadOf(paired(one.replica.rounds, all[0].replica.rounds)).ratio(), memory, engine)
	}
	return nil
}
