package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/config"
	"waitboard/poller"
	"waitboard/wait"
)

// A CheckResult is what the sources say to a configuration. It is for the operator: it names metrics and categories.
type CheckResult struct {
	Sources []CheckedSource
	Widgets []wait.Snapshot // as the public would see them while open
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
		if s.Report.Failure != nil {
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
// patience is over. Opening hours are left aside, so that there is something to see at any time.
func Check(ctx context.Context, c *config.Config, patience time.Duration) (CheckResult, error) {
	always := *c
	always.Widgets = slices.Clone(c.Widgets)
	for i := range always.Widgets {
		always.Widgets[i].Hours = nil
	}
	f, err := newFeed(&always, slog.New(slog.DiscardHandler), prometheus.NewRegistry(), time.Now)
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
		report := s.poller.Report()
		if !s.poller.Tried() {
			report.Failure = &wait.Failure{Cause: wait.Timeout, Detail: "no answer within the time that was given to the check"}
		}
		result.Sources = append(result.Sources, CheckedSource{s.name, report})
	}
	for _, id := range f.board.IDs() {
		page, _ := f.board.Page(id)
		result.Widgets = append(result.Widgets, page.Snapshot)
	}
	stop()
	<-done
	return result, nil
}

// settled tells whether asking on would tell nothing new: every source has failed or settled.
func (f *feed) settled() bool {
	for _, s := range f.sources {
		report := s.poller.Report()
		if !s.poller.Tried() || (report.Failure == nil && !report.Settled()) {
			return false
		}
	}
	return true
}
