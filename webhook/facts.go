package webhook

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Kind is what a hook can report.
type Kind string

// The kinds.
const (
	Level  Kind = "level"
	State  Kind = "state"
	Stale  Kind = "stale"
	Source Kind = "source"
)

// conditions are those of each kind, from good to bad.
var conditions = map[Kind][]string{
	Level:  {"low", "moderate", "high"},
	State:  {"open", "closed", "unavailable"},
	Stale:  {"fresh", "stale"},
	Source: {"ok", "failing", "refused"},
}

// A subject is what has a condition: a metric, a widget or a source.
type subject struct {
	kind   Kind
	name   string // of the widget or the source
	metric string // of a Level
}

// key returns the name under which the last reported condition is stored.
func (s subject) key() string { return string(s.kind) + "/" + s.name + "/" + s.metric }

// parseSubject returns the subject of a key.
func parseSubject(key string) subject {
	kind, rest, _ := strings.Cut(key, "/")
	name, metric, _ := strings.Cut(rest, "/")
	return subject{Kind(kind), name, metric}
}

// lane returns the group in which messages stay in order.
func (s subject) lane() string {
	if s.kind == Source {
		return "source/" + s.name
	}
	return "widget/" + s.name
}

// A change is a condition that has lasted, and that differs from the one reported last.
type change struct {
	subject
	from, to string
	since    time.Time
	silent   bool // it is recorded, not sent: the state in which a hook finds a widget
}

// facts are the conditions that a hook sees. They depend only on conditions and times.
type facts struct {
	lasts   time.Duration // how long a condition must last
	watches map[subject]*watch
	open    map[subject]bool // conditions that may differ from the reported ones
}

func newFacts(lasts time.Duration) *facts {
	return &facts{lasts, map[subject]*watch{}, map[subject]bool{}}
}

// note notes the condition of a subject. An unknown one, such as the level of no value, changes nothing.
func (f *facts) note(s subject, condition string, now time.Time) {
	rank := slices.Index(conditions[s.kind], condition)
	if rank < 0 {
		f.forget(s)
		return
	}
	w := f.watches[s]
	if w == nil {
		w = &watch{rank: -1}
		f.watches[s] = w
	}
	if w.rank != rank {
		w.observe(rank, now)
		f.open[s] = true
	}
}

func (f *facts) forget(s subject) {
	delete(f.watches, s)
	delete(f.open, s)
}

// changes returns the conditions that have lasted and differ from the reported ones, the oldest first. Without a report, all was well.
func (f *facts) changes(reported map[string]string, now time.Time) (all []change) {
	for s := range f.open {
		w, names := f.watches[s], conditions[s.kind]
		before, known := reported[s.key()]
		last := max(slices.Index(names, before), 0)
		next, since := w.atLeast(f.lasts, now, last)
		first := false
		if s.kind == State {
			next, since = w.exactly(f.lasts, now, last)
			first = !known && now.Sub(w.since) >= f.lasts
		}
		if w.rank == last && (known || s.kind != State) {
			delete(f.open, s)
		}
		if next != last || first {
			all = append(all, change{s, names[last], names[next], since, first && names[next] != "unavailable"})
		}
	}
	slices.SortFunc(all, func(a, b change) int { return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.key(), b.key())) })
	return all
}

// A watch is the present condition of one subject, by its rank.
type watch struct {
	rank  int
	since time.Time    // when it began
	sides [3]time.Time // sides[r]: since when the rank is always at least r, or always less than r, as it is now
}

func (w *watch) observe(rank int, now time.Time) {
	for r := range w.sides {
		if w.rank < 0 || (w.rank >= r) != (rank >= r) {
			w.sides[r] = now
		}
	}
	w.rank, w.since = rank, now
}

// exactly returns the present rank if it has lasted, otherwise the last one.
func (w *watch) exactly(lasts time.Duration, now time.Time, last int) (rank int, since time.Time) {
	if now.Sub(w.since) >= lasts {
		return w.rank, w.since
	}
	return last, w.since
}

// atLeast returns the rank that was reached, or not exceeded, all the time. So a value that keeps changing between moderate and high is
// moderate.
func (w *watch) atLeast(lasts time.Duration, now time.Time, last int) (rank int, since time.Time) {
	rank, since = last, w.since
	for r := last + 1; r <= w.rank && now.Sub(w.sides[r]) >= lasts; r++ {
		rank, since = r, w.sides[r]
	}
	for r := last; r > w.rank && now.Sub(w.sides[r]) >= lasts; r-- {
		rank, since = r-1, w.sides[r]
	}
	return rank, since
}
