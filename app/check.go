package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/chronicall"
	"waitboard/config"
	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/poller"
)

// A CheckResult is what polling the sources of a configuration showed. It is for the operator: it names metrics and categories.
type CheckResult struct {
	Sources []CheckedSource
	Public  []domain.Snapshot // each widget as the public would see it while open
	Private []domain.Snapshot // what its metrics read, without any policy; an estimate reads several metrics
	Files   []config.FileState
	DataDir error             // why data_dir can't be written; nil: it can, or there is none
	Cluster string            // what is wrong with the engine of the cluster, in a sentence; empty: nothing
	Clock   string            // how the clock differs from the engine's, in a sentence; empty: it doesn't
	Closed  []ClosedWidget    // those that are closed now
	Misfits map[string]string // "widget.metric", or that with an input of an estimate -> why it can never be shown, or its display or levels can never apply
}

// A CheckedSource is the result of one source.
type CheckedSource struct {
	Name   string
	Report poller.Report
}

// A ClosedWidget is a widget that is outside its opening hours.
type ClosedWidget struct {
	ID    string
	Opens time.Time // zero: not within a year
}

// Empty reports whether no widget has any value to show. Display settings don't count: they hide a value on purpose.
func (r CheckResult) Empty() bool {
	for _, s := range r.Private {
		for i := range s.Metrics {
			if s.Metrics[i].Present() {
				return false
			}
		}
	}
	return len(r.Private) > 0
}

// Fit reports whether the configuration can serve: no included file has mistakes, every poll succeeded, the sources accepted every metric,
// something can be shown, data_dir can be written, and the engine of the cluster can be used. A value that is still initializing is not a mistake.
func (r CheckResult) Fit() bool {
	if r.Cluster != "" || len(r.Misfits) > 0 || r.DataDir != nil || r.Empty() || slices.ContainsFunc(r.Files, func(f config.FileState) bool { return f.Problems != nil }) {
		return false
	}
	for _, s := range r.Sources {
		if s.Report.Failure != nil {
			return false
		}
		for _, m := range s.Report.Metrics {
			if m.Problem != "" || len(m.Missing) > 0 || m.Untried {
				return false
			}
		}
	}
	return true
}

// Check polls every source as the service does, until each poll failed or returned all values. Patience bounds the wait for values that are
// initializing after the first response; the source's timeout bounds the wait for that. Opening hours are ignored, so that the result shows
// values at any time.
func Check(ctx context.Context, c *config.Config, patience time.Duration) (CheckResult, error) {
	f, err := newFeed(inTheOpen(c), feedOptions{log: slog.New(slog.DiscardHandler), metrics: prometheus.NewRegistry(), now: time.Now})
	if err != nil {
		return CheckResult{}, err
	}
	polling, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() { defer close(done); f.run(polling) }()

	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	over := time.NewTimer(patience)
	defer over.Stop()
	for patient := true; !f.settled() && (patient || !f.tried()) && ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-over.C:
			patient = false
		case <-tick.C:
		}
	}
	result := CheckResult{Files: c.Included}
	result.Cluster, result.Clock = CheckCluster(ctx, c.Cluster, time.Now)
	if c.DataDir != "" {
		result.DataDir = datadir.Writable(c.DataDir)
	}
	for _, s := range f.list() {
		report := s.current().Report()
		if !s.current().Tried() {
			report.Failure = &domain.Failure{Cause: domain.Timeout, Detail: "the check ended before a response came"}
		}
		result.Sources = append(result.Sources, CheckedSource{s.config.Name, report})
	}
	for _, w := range c.Widgets {
		public, _ := f.publisher.Page(w.ID)
		private, _ := f.publisher.Page(w.ID + privateTwin)
		result.Public, result.Private = append(result.Public, public.Snapshot), append(result.Private, private.Snapshot)
	}
	stop()
	<-done
	result.Closed = closed(c, time.Now())
	result.Misfits = misfits(c, result)
	for _, w := range c.Widgets {
		for metric, reason := range f.publisher.Unfit(w.ID) {
			result.Misfits[w.ID+"."+metric] = unfitText[reason]
		}
	}
	return result, nil
}

var unfitText = map[domain.Unfit]string{
	domain.NotHeadOfLine: "can't be estimated: its wait must count up by a second a second, as that of one caller does; a sum or an average can't be used",
	domain.NotANumber:    "can't be estimated: its queue and agents must be numbers",
}

// closed returns the widgets that are outside their opening hours.
func closed(c *config.Config, now time.Time) (all []ClosedWidget) {
	for _, w := range c.Widgets {
		if h := hours(w.Hours); h != nil {
			if open, until := h.At(now); !open {
				all = append(all, ClosedWidget{w.ID, until})
			}
		}
	}
	return all
}

// misfits returns the metrics whose values can't be read, and those with display or levels for another type than their values have.
func misfits(c *config.Config, result CheckResult) map[string]string {
	found := map[string]string{}
	unreadable := map[domain.Ref]string{}
	for _, s := range result.Sources {
		for _, m := range s.Report.Metrics {
			unreadable[domain.Ref{Source: s.Name, Metric: m.Want.Metric}] = m.Unexpected
		}
	}
	for n, w := range c.Widgets {
		for k, m := range inputs(w) {
			private := result.Private[n].Metrics[k]
			kind := private.Kind
			switch unexpected := unreadable[domain.Ref{Source: m.Source, Metric: m.Metric}]; {
			case private.Present() || unexpected == "" || unexpected == poller.LeftOut:
			case unexpected == chronicall.UnknownType:
				found[w.ID+"."+m.ID] = fmt.Sprintf("its values are of a type that waitboard doesn't know: it will always be %q", private.Text)
			default:
				found[w.ID+"."+m.ID] = "upstream sends " + unexpected
			}
			for _, amounts := range []config.Unit{m.Display.Unit, m.Levels.Unit} {
				if want := kinds[amounts]; want != domain.None && kind != domain.None && want != kind {
					found[w.ID+"."+m.ID] = fmt.Sprintf("display or levels are for a %s, and this is a %s: they can never apply", want, kind)
				}
			}
		}
	}
	return found
}

// privateTwin is a suffix of a widget's ID that no configured ID can have.
const privateTwin = " (private)"

// inputs lists what is read for a widget.
func inputs(w config.Widget) (all []config.WidgetMetric) {
	for _, m := range w.Metrics {
		all = append(all, m.Inputs()...)
	}
	return all
}

// inTheOpen returns the configuration without opening hours, and with a twin of each widget that has what its metrics read, without display
// settings.
func inTheOpen(c *config.Config) *config.Config {
	out := *c
	out.Widgets = nil
	for _, w := range c.Widgets {
		w.Hours = nil
		twin := w
		twin.ID += privateTwin
		twin.Metrics = inputs(w)
		for i := range twin.Metrics {
			twin.Metrics[i].Display = config.Display{Decimals: -1}
		}
		out.Widgets = append(out.Widgets, w, twin)
	}
	return &out
}

// settled reports whether more polls would change nothing: every source failed or has all its values.
func (f *feed) settled() bool {
	for _, s := range f.list() {
		report := s.current().Report()
		if !s.current().Tried() || (report.Failure == nil && !report.Settled()) {
			return false
		}
	}
	return true
}
