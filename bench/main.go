// Command bench runs waitboard next to other servers of the same bytes, in turns, and prints ratios with their spread. bench/run.sh builds and
// installs what it needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"waitboard/bench/estimate"
)

func main() {
	programs := flag.String("programs", "", "the folder of the programs that bench/run.sh has built")
	rounds := flag.Int("rounds", 5, "how often each server is measured, 3 or more")
	span := flag.Duration("span", 3*time.Second, "how long each server is measured in a round")
	only := flag.String("only", "", "measure one part: servers (next to others), scale (many widgets), cluster (several replicas), history (typical waits), streams (many readers) or estimate (simulated waits)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *programs, *only, *rounds, *span)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, programs, only string, rounds int, span time.Duration) (err error) {
	if programs == "" {
		return errors.New("run bench/run.sh instead")
	}
	if rounds < 3 {
		return errors.New("--rounds: fewer than 3 rounds have no spread")
	}
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	s := &stage{ctx: ctx, programs: programs, folder: folder}
	defer s.end()
	fmt.Println(machine())
	known := false
	for _, part := range []struct {
		name    string
		measure func() error
	}{
		{"servers", func() error { return s.servers(rounds, span) }}, {"scale", s.scales},
		{"cluster", func() error { return s.cluster(rounds) }}, {"history", s.histories}, {"streams", s.streams},
		{"estimate", func() error { return estimate.Run(os.Stdout) }},
	} {
		if only != "" && only != part.name {
			continue
		}
		known = true
		if err := part.measure(); err != nil {
			return err
		}
	}
	if !known {
		return fmt.Errorf("there is no part %q; they are servers, scale, cluster, history, streams and estimate", only)
	}
	return nil
}

// streams runs the benchmark of event streams, whose servers and readers are test programs on both cores.
func (s *stage) streams() error {
	test := exec.CommandContext(s.ctx, "taskset", "-c", serverCore+","+loadCore, "go", "test", "-run", "^$", "-bench", "Stream", "-benchtime", "1x", "./handlers")
	test.Stdout, test.Stderr = os.Stdout, os.Stderr
	return test.Run()
}
