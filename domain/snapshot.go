package domain

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"waitboard/locale"
)

// A Widget is what a company publishes together: metrics, in order, and how old they may be.
type Widget struct {
	ID     string
	Title  string
	Locale *locale.Locale // of all texts

	StaleAfter   time.Duration // a metric not confirmed for this long is marked stale
	HideAfter    time.Duration // a metric not confirmed for this long is hidden; at least StaleAfter
	RefreshAfter time.Duration // how long a reader should wait before it asks again

	Hours   *Hours            // nil: always open
	Zone    *time.Location    // in which times are stated; nil: that of the hours, otherwise UTC
	Notice  string            // the company's own text; empty: none
	Notices []ScheduledNotice // in its place at certain times; the first one that is due counts
	Metrics []WidgetMetric
}

// Equal reports whether two widgets are the same in everything.
func (w Widget) Equal(other Widget) bool {
	mine, its := w.Locale, other.Locale
	w.Locale, other.Locale = nil, nil // which reflect can't compare
	return mine.Equal(its) && reflect.DeepEqual(w, other)
}

// Inputs are what a snapshot is computed from, in addition to the widget and the time.
type Inputs struct {
	Observed []Observation    // of each of the widget's metrics; of an estimate: of its wait
	Lines    [][2]Observation // of each of the widget's metrics, or of none: the queue and the agents of an estimate
	Notice   Notice           // an operator's, in place of the widget's own
	Typical  []*TypicalWeek   // of each of the widget's metrics, or of none; nil: unknown
	Expected []*Expectation   // of each of the widget's metrics, or of none; nil: unknown
}

// A WidgetMetric is one row of a widget.
type WidgetMetric struct {
	ID         string
	Label      string
	Ref        Ref
	Categories []string // the category values to show; nil: all
	Combine    Combine  // how several become one
	Display    Display  // the policy
	Levels     Levels
	Link       Link
	History    History
	Estimate   *Estimate // nil: it is read. Otherwise Ref, Categories and Combine are those of its wait
}

// State is whether a snapshot has something to show.
type State string

// The states of a snapshot.
const (
	Open         State = "open"         // at least one metric was confirmed recently enough to show; it may still be without a value
	Closed       State = "closed"       // outside the widget's hours, or by a notice: nothing is shown
	Initializing State = "initializing" // no value has arrived yet
	Unavailable  State = "unavailable"  // all values are too old to show
)

// A Snapshot is what the public sees of a widget at one instant. It holds only what may be public.
type Snapshot struct {
	ID           string
	Title        string
	Locale       *locale.Locale // of all texts
	State        State
	Stale        bool      // a shown metric is stale
	ObservedAt   time.Time // when the oldest of the shown metrics was last confirmed, in the widget's zone; zero when none is shown
	RefreshAfter time.Duration
	StaleAfter   time.Duration // these two are for clients that lost contact to the service
	HideAfter    time.Duration
	OpensAt      time.Time // Closed: when it opens, in the widget's zone; zero: not within a year
	Message      string    // Closed: the text for visitors
	Notice       string    // of the company or an operator; empty: none
	Turn         time.Time // when hours, a notice or the hour of what is typical next change it; zero: never. It is not shown
	Ages         time.Time // when a shown metric next turns stale or is hidden by its age; zero: never. It is not shown
	Metrics      []Shown   // every metric of the widget, in its order; none while Closed

	closing closing // what Message is made of
}

// Shown is one metric of a snapshot.
type Shown struct {
	ID    string
	Label string
	Kind  Kind  // None until the first value arrives
	Value Value // of Kind None when there is none now, or only its Range is public
	Range Range
	Rate  float64   // of a running Duration that no policy has treated: seconds gained a second, to six digits after the point
	AsOf  time.Time // where there is a Rate: the instant of Value
	Text  string    // what is typical where there is no value
	Level Level     // empty without a value, or without levels
	Link  Link
	Stale bool

	Typical  Typical
	Compared Compared

	Basis Basis // of an estimate; otherwise empty
	Said  Said  // only if the widget's owner wants it

	wording wording // of Text
}

// Present reports whether there is a value or a range to show.
func (s *Shown) Present() bool { return s.Value.Kind != None || s.Range != Range{} }

// TypicalLine returns what is typical, if Text doesn't say so already.
func (s *Shown) TypicalLine() string {
	if !s.Present() {
		return ""
	}
	return s.Typical.Text
}

// Rows returns the metrics to show: all while open, otherwise those with something typical.
func (s *Snapshot) Rows() (rows []Shown) {
	if s.State == Open {
		return s.Metrics
	}
	for i := range s.Metrics {
		if s.Metrics[i].Typical != (Typical{}) {
			rows = append(rows, s.Metrics[i])
		}
	}
	return rows
}

// At returns the widget's snapshot at t, and the time until which it stays the same without new readings; zero: forever. The snapshot
// is the same for any t until then, and for everybody who has the same readings.
func (w *Widget) At(in Inputs, t time.Time) (Snapshot, time.Time) {
	s := Snapshot{
		ID: w.ID, Title: w.Title, Locale: w.Locale, State: Initializing, Notice: w.Notice,
		RefreshAfter: w.RefreshAfter, StaleAfter: w.StaleAfter, HideAfter: w.HideAfter, Metrics: make([]Shown, len(w.Metrics)),
	}
	scheduled, turn := w.scheduled(t)
	s.Notice = cmp.Or(scheduled, s.Notice)
	until := soonest(w.openAt(&s, in, t), turn)
	s.Turn = until
	if s.State == Closed {
		s.Metrics = nil
		return s, until
	}
	for i := range w.Metrics {
		m := w.show(i, in, t)
		s.Metrics[i] = m.Shown
		until = soonest(until, m.until)
		if m.Typical != (Typical{}) {
			s.Turn = soonest(s.Turn, HourStart(t.In(w.Location())).Add(time.Hour))
		}
		switch {
		case m.visible:
			s.State, s.Ages = Open, soonest(s.Ages, m.ages)
			s.Stale = s.Stale || m.Stale
			if s.ObservedAt.IsZero() || m.confirmed.Before(s.ObservedAt) {
				s.ObservedAt = m.confirmed.In(w.Location())
			}
		case !m.confirmed.IsZero() && s.State == Initializing:
			s.State = Unavailable
		}
	}
	return s, until
}

// Location returns the zone in which times are stated.
func (w *Widget) Location() *time.Location {
	switch {
	case w.Zone != nil:
		return w.Zone
	case w.Hours != nil:
		return w.Hours.Zone
	}
	return time.UTC
}

// openAt closes the snapshot if the hours or a notice close the widget at t, and sets its texts. It returns when that changes.
func (w *Widget) openAt(s *Snapshot, in Inputs, t time.Time) (until time.Time) {
	if w.Hours != nil {
		var open bool
		if open, until = w.Hours.At(t); !open {
			s.State = Closed
			if !until.IsZero() {
				s.OpensAt = until.In(w.Location())
			}
			s.closing, until = closed(t.In(w.Location()), s.OpensAt)
			s.Message = s.closing.text(w.Locale, s.OpensAt)
		}
	}
	until = soonest(until, in.Notice.turn(t))
	if !in.Notice.At(t) {
		return until
	}
	s.Notice = in.Notice.Text
	end := in.Notice.Until
	if in.Notice.Closed && (s.State != Closed || !s.OpensAt.IsZero() && (end.IsZero() || end.After(s.OpensAt))) {
		s.State, s.Message, s.OpensAt, s.closing = Closed, s.Notice, time.Time{}, notClosed // the hours no longer count
	}
	return until
}

// soonest returns the earlier of two times; a zero time is never.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// Same reports whether two snapshots show the same, but for the times at which it was confirmed and at which it changes.
func (s *Snapshot) Same(other *Snapshot) bool {
	return s.ID == other.ID && s.Title == other.Title && s.Locale == other.Locale && s.State == other.State && s.Stale == other.Stale &&
		s.ObservedAt.IsZero() == other.ObservedAt.IsZero() && s.RefreshAfter == other.RefreshAfter &&
		s.StaleAfter == other.StaleAfter && s.HideAfter == other.HideAfter &&
		s.OpensAt.Equal(other.OpensAt) && s.Message == other.Message && s.closing == other.closing && s.Notice == other.Notice &&
		slices.Equal(s.Metrics, other.Metrics)
}
