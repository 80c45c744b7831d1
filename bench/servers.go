package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// A contender is one server, with the request that it receives.
type contender struct {
	name, url string
	process   *exec.Cmd
	headers   []string // additional ones of each request
}

// servers measures waitboard and other servers.
func (s *stage) servers(rounds int, span time.Duration) error {
	if err := s.set(); err != nil {
		return err
	}
	s.wait(40 * time.Second) // until the memory of idle processes is stable
	memory, err := residentMB(s.waitboard)
	if err != nil {
		return err
	}
	requests, err := s.throughput(rounds, span)
	if err != nil {
		return err
	}
	starts, err := s.starts(10 * rounds) // each takes a hundredth of a second
	if err != nil {
		return err
	}
	s.printAmounts(requests)
	printRatios(requests, starts)
	fmt.Printf("\nResident memory, idle, with one source and one widget: %.1f MB.\n", memory)
	return nil
}

// throughput loads all servers in turns, so that other work on the machine affects all.
func (s *stage) throughput(rounds int, span time.Duration) (rows, error) {
	all := rows{}
	for range rounds {
		for _, c := range s.contenders() {
			m, err := measure(s.ctx, c, span)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			all[c.name] = append(all[c.name], m)
		}
	}
	return all, nil
}

// starts measures the time to the first good response, of waitboard and of the bare program, in turns. By then waitboard has sent two
// requests to the phone system.
func (s *stage) starts(rounds int) (rows, error) {
	all := rows{}
	bare := append([]string{"127.0.0.1:18089", s.file}, s.fields...)
	for range rounds {
		for name, command := range map[string][]string{
			"waitboard": {filepath.Join(s.programs, "waitboard"), "serve", "--config", s.config("127.0.0.1:18089")},
			"bare":      append([]string{filepath.Join(s.programs, "bare")}, bare...),
		} {
			began := time.Now()
			process, err := s.start(command...)
			if err != nil {
				return nil, err
			}
			err = s.answers("http://127.0.0.1:18089/v1/widgets/support", `"state":"open"`)
			m := measured{requests: 1, perSecond: 1 / time.Since(began).Seconds()}
			if err == nil {
				m.processor, err = processorTime(process)
			}
			s.stop(process)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			all[name] = append(all[name], m)
		}
	}
	return all, nil
}
