package expected

import (
	"fmt"
	"hash/crc32"
	"slices"
	"time"

	"waitboard/domain"
	"waitboard/estimate"
)

// A tracker follows the line of one metric of a widget. The mutex of the collector guards it.
type tracker struct {
	at     domain.Placement
	widget *domain.Widget
	index  int
	inputs domain.Inputs // with this metric's observations alone
	line   *estimate.Line
	last   time.Time // of the last observation
	*learned
}

// What was learned of a metric stays when its tracker is replaced.
type learned struct {
	archive *estimate.Archive
	changed bool      // since the archive was saved
	unfit   time.Time // until then the wait counts as a sum or an average, because it was seen to be one
}

// distrust is for how long a sum or an average of waits counts as one. While a single caller waits, it looks like the first in line's.
const distrust = 24 * time.Hour

func newTracker(w *domain.Widget, i int) *tracker {
	return &tracker{
		at:     domain.Placement{Widget: w.ID, Metric: w.Metrics[i].ID},
		widget: w, index: i, line: estimate.NewLine(), inputs: domain.Inputs{Observed: make([]domain.Observation, len(w.Metrics)), Expected: make([]*domain.Expectation, len(w.Metrics))},
	}
}

func (t *tracker) metric() *domain.WidgetMetric { return &t.widget.Metrics[t.index] }

func (t *tracker) source() string { return t.metric().Ref.Source }

// lineID names the line of callers, of which alone an archive is.
func (t *tracker) lineID() uint32 {
	e := t.metric().Estimate
	sum := crc32.NewIEEE()
	for _, in := range []domain.Input{e.Wait, e.Queue} {
		fmt.Fprintf(sum, "%q %q %q %d\n", in.Ref.Source, in.Ref.Metric, slices.Sorted(slices.Values(in.Categories)), in.Combine)
	}
	return sum.Sum32()
}

// place names the metric among all of a source.
func (t *tracker) place() string { return t.at.Widget + "." + t.at.Metric }

// observe passes observations to the line, and returns the waits that are over.
func (t *tracker) observe(observed map[domain.Ref]domain.Observation, notice domain.Notice) []estimate.Sample {
	t.inputs.Notice = notice
	var at time.Time
	pushed := false
	refs := t.metric().Refs()
	for n, ref := range refs {
		if o, ok := observed[ref]; ok {
			push := lastPush(&o)
			at = latest(at, latest(o.Confirmed, push))
			pushed = pushed || n == 0 && push.After(t.last)
		}
	}
	if at.Before(t.last) {
		t.line.Break(at) // the clock was set back
	}
	before, known, _ := t.widget.Line(t.index, t.inputs, at)
	if !known {
		t.line.Break(at) // for instance, polls failed meanwhile
	}
	for n, ref := range refs {
		if o, ok := observed[ref]; ok {
			t.inputs.Observe(t.index, n, o)
		}
	}
	t.last = at
	if t.metric().Unfit(t.inputs, t.index, at) == domain.NotHeadOfLine {
		t.unfit = at.Add(distrust)
	}
	now, ok, _ := t.widget.Line(t.index, t.inputs, at)
	if !ok {
		t.line.Break(at)
		return nil
	}
	t.line.Queue(at, now.Queue)
	if pushed && known {
		t.line.Wait(at, before.Wait, before.Waiting) // it was true until the push
	}
	over := t.line.Wait(at, now.Wait, now.Waiting)
	t.line.Said(at, t.widget.Announced(t.index, t.inputs, at))
	return over
}

// lastPush returns when the last push changed the observation; zero: never.
func lastPush(o *domain.Observation) (t time.Time) {
	for _, s := range o.Samples {
		t = latest(t, s.PushedAt)
	}
	return t
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
