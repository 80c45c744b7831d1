package simulator

import (
	"slices"
	"sync"
	"time"
)

// remembered is how far back the lines of values reach, from the last instant
// requested. Half of it is for past instants, half for future ones.
const remembered = 2 * time.Minute

// desk reads the call center: it advances the center on request, and stores
// each value's recent lines. It is safe for concurrent use.
type desk struct {
	opts    Options
	metrics []Metric // all, in the catalog's order
	// unassigned holds the IDs of the metrics not given to the service user.
	unassigned map[string]bool

	mu     sync.Mutex
	center *center
	series map[string][]*series // by metric ID
}

// series is one metric's value for one category value.
type series struct {
	category string // empty for category type NONE
	read     func() line
	history  history
}

// newDesk returns a desk with a call center that has run for a while.
func newDesk(o Options) *desk {
	d := &desk{opts: o, unassigned: map[string]bool{}}
	d.open(o.Now())
	for _, def := range catalog {
		m := Metric{
			ID: o.Mark + def.id, Name: o.Mark + def.name,
			CategoryType: def.categoryType, ValueType: def.valueType,
			Categories: []string{},
		}
		for _, s := range d.series[m.ID] {
			if s.category != "" {
				m.Categories = append(m.Categories, s.category)
			}
		}
		d.metrics = append(d.metrics, m)
		d.unassigned[m.ID] = def.unassigned
	}
	return d
}

// open replaces the call center by one that has run for a while at an instant.
func (d *desk) open(at time.Time) {
	// Without the monotonic clock, instants compare as they print.
	at = at.Round(0).Truncate(time.Millisecond)
	c := newCenter(d.opts, at.Add(-newDice(0, d.opts.Speed).scale(warmUp)))
	d.center, d.series = c, map[string][]*series{}
	for _, def := range catalog {
		d.series[d.opts.Mark+def.id] = def.values(c)
	}
	c.changed = d.record
	d.record()
	c.advance(at)
}

// record stores every value at the current instant.
func (d *desk) record() {
	for _, values := range d.series {
		for _, s := range values {
			l := s.read()
			l.updated = d.center.now
			s.history.record(l)
		}
	}
}

// advance brings the center to an instant. After a day without requests it
// opens a new one instead, which bounds the work after a laptop's sleep.
func (d *desk) advance(to time.Time) {
	if to.Sub(d.center.now) > d.center.dice.scale(catchUp) {
		d.open(to)
	}
	d.center.advance(to)
	for _, values := range d.series {
		for _, s := range values {
			s.history.forget(d.center.now.Add(-remembered))
		}
	}
}

// categoryLine is a metric's value for one category value at some instant.
type categoryLine struct {
	category string
	line     line
}

// lines returns a metric's values at an instant, one for each category value,
// and none for an unknown metric. For instants before the remembered past, as
// after a clock was set back, it returns the oldest.
func (d *desk) lines(id string, at time.Time) []categoryLine {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.advance(at)
	var out []categoryLine
	for _, s := range d.series[id] {
		l, ok := s.history.at(at)
		if !ok {
			l = s.history[0]
		}
		out = append(out, categoryLine{s.category, l})
	}
	return out
}

// lineAt returns one value at an instant. ok is false for an unknown value, and
// for an instant out of reach.
func (d *desk) lineAt(id, category string, at time.Time) (l line, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at.Sub(d.opts.Now()) > remembered/2 {
		return line{}, false
	}
	d.advance(at)
	for _, s := range d.series[id] {
		if s.category == category {
			return s.history.at(at)
		}
	}
	return line{}, false
}

// known reports whether a metric exists, assigned or not.
func (d *desk) known(id string) bool {
	return slices.ContainsFunc(d.metrics, func(m Metric) bool { return m.ID == id })
}
