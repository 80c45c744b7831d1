package typical

import (
	"time"

	"waitboard/domain"
	"waitboard/history"
	"waitboard/readings"
)

// A tracker records one metric of a widget. The mutex of the collector guards it.
type tracker struct {
	at       domain.Placement
	widget   *domain.Widget
	index    int
	inputs   domain.Inputs // with this metric's observation alone
	began    time.Time     // when it began to record
	since    time.Time     // until when it has recorded
	resumed  bool          // it has what replicas saved of the hour that goes on
	kind     domain.Kind   // of what it has recorded
	recorder *history.Recorder
}

func newTracker(w *domain.Widget, i int, store *readings.Store, now time.Time) *tracker {
	t := &tracker{
		at:     domain.Placement{Widget: w.ID, Metric: w.Metrics[i].ID},
		widget: w, index: i, began: now, since: now, inputs: domain.Inputs{Observed: make([]domain.Observation, len(w.Metrics))},
	}
	t.recorder = history.NewRecorder(t.zone())
	t.observe(store.Get(t.metric().Ref))
	return t
}

func (t *tracker) metric() *domain.WidgetMetric { return &t.widget.Metrics[t.index] }

// place names the metric among all of a source.
func (t *tracker) place() string { return t.at.Widget + "." + t.at.Metric }

func (t *tracker) zone() *time.Location { return t.widget.Location() }

func (t *tracker) observe(o domain.Observation) { t.inputs.Observed[t.index] = o }

// advance records the time until an instant with the observation of before. It returns the hours that are complete.
func (t *tracker) advance(to time.Time, notice domain.Notice) (complete []history.Hour) {
	t.inputs.Notice = notice
	for t.since.Before(to) {
		r, until := t.widget.Remember(t.index, t.inputs, t.since)
		if until.IsZero() || until.After(to) {
			until = to
		}
		if !until.After(t.since) {
			until = t.since.Add(time.Second) // never seen; the loop must end
		}
		complete = append(complete, t.record(r, t.since, until)...)
		t.since = until
	}
	return append(complete, t.recorder.Until(to)...)
}

// follow continues the tracker of the same metric in the configuration before; nil: there was none.
func (t *tracker) follow(before *tracker) {
	if before != nil {
		t.began, t.resumed = before.began, before.resumed
	}
}

// resume continues an hour that a replica recorded until an instant. It returns false for one that is over.
func (t *tracker) resume(hour history.Hour, until, now time.Time) bool {
	start, _ := history.HourOf(now, t.zone())
	switch {
	case !start.Equal(hour.Start):
		return false
	case !until.After(t.began):
		t.recorder.Continue(hour)
	case hour.Total() > t.recorder.Current().Total(): // both recorded the same time
		t.recorder.Restore(hour)
	}
	return true
}

// restore continues an hour that goes on. It returns false for one that is over.
func (t *tracker) restore(hour history.Hour, now time.Time) bool {
	start, _ := history.HourOf(now, t.zone())
	if !start.Equal(hour.Start) {
		return false
	}
	t.recorder.Restore(hour)
	return true
}

// record records an amount from one instant to another.
func (t *tracker) record(r domain.Remembered, from, to time.Time) (complete []history.Hour) {
	if r.Kind == domain.None {
		return nil
	}
	if t.kind != domain.None && t.kind != r.Kind {
		t.recorder = history.NewRecorder(t.zone()) // seconds and numbers don't mix
	}
	t.kind = r.Kind
	return t.recorder.Add(history.Piece{From: from, To: to, Value: r.InUnits(), Rate: r.Rate})
}

// kept returns an archive without what is too old, or of another kind of value.
func (t *tracker) kept(a *history.Archive, now time.Time) *history.Archive {
	switch {
	case a.Kind == domain.None:
		a.Kind = t.kind
	case t.kind != domain.None && a.Kind != t.kind:
		a = &history.Archive{Kind: t.kind}
	}
	a.DropBefore(now.Add(-t.metric().History.Keep))
	return a
}

// week returns what is typical.
func (t *tracker) week(a *history.Archive, now time.Time) *domain.TypicalWeek {
	h := t.metric().History
	return a.Week(now, t.zone(), h.Low, h.High)
}
