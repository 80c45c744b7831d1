package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/config"
	"waitboard/poller"
	"waitboard/wait"
)

// A CheckResult is what the sources say to a configuration. It is for the operator: it names metrics and categories.
type CheckResult struct {
	Sources []CheckedSource
	Widgets []wait.Snapshot // as the public would see them
}

// A CheckedSource is one source's part of it.
type CheckedSource struct {
	Name   string
	Report poller.Report
}

// Fit tells whether the configuration is fit to serve: every source answers and every metric is found. A value that is
// still initializing is no fault of the configuration.
func (r CheckResult) Fit() bool {
	for _, s := range r.Sources {
		if s.Report.Cause != "" {
			return false
		}
		for _, m := range s.Report.Metrics {
			if m.Problem != "" || len(m.Missing) > 0 {
				return false
			}
		}
	}
	return true
}

// Check polls every source for real, the way the service would, until all values are known, a source has failed, or
// patience is over.
func Check(ctx context.Context, c *config.Config, patience time.Duration) (CheckResult, error) {
	f, err := newFeed(c, slog.New(slog.DiscardHandler), prometheus.NewRegistry(), time.Now)
	if err != nil {
		return CheckResult{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	polling, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() { defer close(done); f.run(polling) }()

	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !f.settled() {
		select {
		case <-ctx.Done():
		case <-tick.C:
			continue
		}
		break
	}
	var result CheckResult
	for _, s := range f.sources {
		result.Sources = append(result.Sources, CheckedSource{s.name, s.poller.Report()})
	}
	for _, id := range f.board.IDs() {
		page, _ := f.board.Page(id)
		result.Widgets = append(result.Widgets, page.Snapshot)
	}
	stop()
	<-done
	return result, nil
}

// settled tells whether asking on would tell nothing new: every source has been tried and has failed or warmed up.
func (f *feed) settled() bool {
	for _, s := range f.sources {
		report := s.poller.Report()
		if !s.poller.Tried() || (report.Cause == "" && report.Warming()) {
			return false
		}
	}
	return true
}
