package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// A measured is the result of one server in one round.
type measured struct {
	requests  float64
	perSecond float64
	processor time.Duration // user and system time of the server for all requests
}

// microseconds returns the processor time of one request.
func (m measured) microseconds() float64 {
	return float64(m.processor.Nanoseconds()) / 1e3 / m.requests
}

// measure loads one server, and reads its processor time before and after.
func measure(ctx context.Context, c contender, span time.Duration) (measured, error) {
	before, err := processorTime(c.process)
	if err != nil {
		return measured{}, err
	}
	m, err := load(ctx, c, span)
	if err != nil {
		return measured{}, err
	}
	after, err := processorTime(c.process)
	m.processor = after - before
	return m, err
}

// load sends requests over 64 persistent connections from the second core, as fast as the server responds.
func load(ctx context.Context, c contender, span time.Duration) (measured, error) {
	args := []string{"-c", loadCore, "wrk", "-t1", "-c64", fmt.Sprintf("-d%ds", int(span.Seconds()))}
	for _, header := range c.headers {
		args = append(args, "-H", header)
	}
	out, err := exec.CommandContext(ctx, "taskset", append(args, c.url)...).CombinedOutput() //nolint:gosec // a fixed command
	if err != nil {
		return measured{}, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	return parseLoad(out)
}

var (
	printedRequests = regexp.MustCompile(`(?m)^\s*(\d+) requests in `)
	printedRate     = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	printedErrors   = regexp.MustCompile(`(?m)^\s*(Socket errors|Non-2xx).*`)
)

// parseLoad reads the output of wrk. It fails if a request failed.
func parseLoad(out []byte) (measured, error) {
	requests, rate := printedRequests.FindSubmatch(out), printedRate.FindSubmatch(out)
	if requests == nil || rate == nil || printedErrors.Match(out) {
		return measured{}, fmt.Errorf("wrk: not every request was answered:\n%s", out)
	}
	n, err := strconv.ParseFloat(string(requests[1]), 64)
	perSecond, rateErr := strconv.ParseFloat(string(rate[1]), 64)
	if n == 0 {
		err = errors.New("wrk: no request was answered")
	}
	if err := errors.Join(err, rateErr); err != nil {
		return measured{}, err
	}
	return measured{requests: n, perSecond: perSecond}, nil
}
