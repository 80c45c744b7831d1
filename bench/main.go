// Command bench runs waitboard beside other servers of the same bytes, in turns, and prints a table of ratios. bench/run.sh builds and
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
	"path/filepath"
	"slices"
	"time"
)

func main() {
	programs := flag.String("programs", "", "the folder of the programs that bench/run.sh has built")
	rounds := flag.Int("rounds", 5, "how often each is measured")
	span := flag.Duration("span", 3*time.Second, "how long each is measured each time")
	only := flag.String("only", "", "measure one part: servers (beside others), scale (many widgets) or streams (many readers)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
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
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	s := &stage{ctx: ctx, programs: programs, folder: folder}
	defer s.end()
	known := false
	for _, part := range []struct {
		name    string
		measure func() error
	}{
		{"servers", func() error { return s.servers(rounds, span) }}, {"scale", s.scales}, {"streams", s.streams},
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
		return fmt.Errorf("there is no part %q; they are servers, scale and streams", only)
	}
	return nil
}

// streams runs the benchmark of streams, whose servers and readers are of the test program and have both cores.
func (s *stage) streams() error {
	test := exec.CommandContext(s.ctx, "taskset", "-c", serverCore+","+loadCore, "go", "test", "-run", "^$", "-bench", "Stream", "-benchtime", "1x", "./handlers")
	test.Stdout, test.Stderr = os.Stdout, os.Stderr
	return test.Run()
}

// servers measures waitboard beside other servers.
func (s *stage) servers(rounds int, span time.Duration) error {
	if err := s.set(); err != nil {
		return err
	}
	s.wait(40 * time.Second) // it comes to rest
	memory, err := residentMB(s.waitboard)
	if err != nil {
		return err
	}
	requests, err := s.throughput(rounds, span)
	if err != nil {
		return err
	}
	starts, err := s.starts(10 * rounds) // each is a hundredth of a second
	if err != nil {
		return err
	}
	printTable(requests, starts, memory)
	return nil
}

// A contender is one way to serve the bytes. Its requests have these headers besides.
type contender struct {
	name, url string
	headers   []string
}

// throughput measures requests a second of all, in turns, so that what the machine does otherwise falls on all alike.
func (s *stage) throughput(rounds int, span time.Duration) (map[string][]float64, error) {
	measured := map[string][]float64{}
	for range rounds {
		for _, c := range s.contenders() {
			perSecond, err := load(s.ctx, c, span)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			measured[c.name] = append(measured[c.name], perSecond)
		}
	}
	return measured, nil
}

// starts measures how long it takes from a start to the first good answer, of waitboard and of the bare program as it is, with waitboard's
// libraries in it, with the questions to the phone system that a good answer needs, and with both, in turns.
func (s *stage) starts(rounds int) (map[string][]float64, error) {
	measured := map[string][]float64{}
	bare := append([]string{"127.0.0.1:18089", s.file}, s.fields...)
	asking := append([]string{"--ask", upstream}, bare...)
	for range rounds {
		for name, command := range map[string][]string{
			"waitboard":     {filepath.Join(s.programs, "waitboard"), "serve", "--config", s.config("127.0.0.1:18089")},
			"bare":          append([]string{filepath.Join(s.programs, "bare")}, bare...),
			"linked":        append([]string{filepath.Join(s.programs, "linked")}, bare...),
			"asking":        append([]string{filepath.Join(s.programs, "bare")}, asking...),
			"linked asking": append([]string{filepath.Join(s.programs, "linked")}, asking...),
		} {
			began := time.Now()
			process, err := s.start(command...)
			if err != nil {
				return nil, err
			}
			err = s.answers("http://127.0.0.1:18089/v1/widgets/support", `"state":"open"`)
			measured[name] = append(measured[name], time.Since(began).Seconds())
			s.stop(process)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return measured, nil
}

// median of paired ratios: each round's own, since the machine is not as fast in each.
func median(of, to []float64) float64 {
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = of[i] / to[i]
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

func printTable(requests, starts map[string][]float64, memory float64) {
	fmt.Println("| what | beside | ratio |\n| --- | --- | --- |")
	row := func(what, beside string, ratio float64) { fmt.Printf("| %s | %s | %.2f |\n", what, beside, ratio) }
	for _, other := range []struct{ name, words string }{
		{"bare", "a bare net/http handler of the same bytes"}, {"nginx", "nginx with the same bytes as a file"}, {"caddy", "Caddy's file server with the same file"},
	} {
		row("cached JSON, requests a second", other.words, median(requests["waitboard"], requests[other.name]))
	}
	row("the same compressed", "the plain one", median(requests["waitboard gzip"], requests["waitboard"]))
	row("a 304", "the plain one", median(requests["waitboard 304"], requests["waitboard"]))
	row("from the start to the first good answer", "the bare program", median(starts["waitboard"], starts["bare"]))
	row("the same", "one that holds the same libraries and asks the phone system as well", median(starts["waitboard"], starts["linked asking"]))
	row("one that holds the same libraries and asks", "the bare program", median(starts["linked asking"], starts["bare"]))
	row("one that asks", "the bare program", median(starts["asking"], starts["bare"]))
	row("one that holds the same libraries", "the bare program", median(starts["linked"], starts["bare"]))
	fmt.Printf("\nResident memory, idle, with one source and one widget: %.1f MB.\n", memory)
}
