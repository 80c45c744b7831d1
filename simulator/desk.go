package simulator

import (
	"slices"
	"sync"
	"time"
)

// remembered is how far back the lines of values reach, counted from the last
// instant that was looked at. Half of it serves those who look back, half
// those who have looked ahead.
const remembered = 2 * time.Minute

// desk is where the call centre is watched from: it brings the centre up to
// date when somebody asks, and remembers each value's lines of late. It is
// safe for concurrent use.
type desk struct {
	opts    Options
	metrics []Metric // all, in the catalogue's order
	// unassigned holds the IDs of the metrics not given to the service user.
	unassigned map[string]bool

	mu     sync.Mutex
	centre *centre
	series map[string][]*series // by metric ID
}

// series is one metric's value for one category value.
type series struct {
	category string // empty for category type NONE
	read     func() line
	history  history
}

// newDesk opens the call centre some time ago and lives up to now.
func newDesk(o Options) *desk {
	d := &desk{opts: o, unassigned: map[string]bool{}}
	d.open(o.Now())
	for _, def := range catalogue {
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

// open starts a new call centre that has been running for a while at an
// instant.
func (d *desk) open(at time.Time) {
	// Stripped of the monotonic clock, so that instants compare as they print.
	at = at.Round(0).Truncate(time.Millisecond)
	c := newCentre(d.opts, at.Add(-newDice(0, d.opts.Speed).scale(warmUp)))
	d.centre, d.series = c, map[string][]*series{}
	for _, def := range catalogue {
		d.series[d.opts.Mark+def.id] = def.values(c)
	}
	c.changed = d.record
	d.record()
	c.advance(at)
}

// record notes every value as it is now.
func (d *desk) record() {
	for _, values := range d.series {
		for _, s := range values {
			l := s.read()
			l.updated = d.centre.now
			s.history.record(l)
		}
	}
}

// advance lives up to an instant. A centre that nobody has looked at for a day
// is not worth catching up with: it opens anew, which bounds the work that a
// sleeping laptop leaves behind.
func (d *desk) advance(to time.Time) {
	if to.Sub(d.centre.now) > d.centre.dice.scale(catchUp) {
		d.open(to)
	}
	d.centre.advance(to)
	for _, values := range d.series {
		for _, s := range values {
			s.history.forget(d.centre.now.Add(-remembered))
		}
	}
}

// categoryLine is a metric's value for one category value at some instant.
type categoryLine struct {
	category string
	line     line
}

// lines are a metric's values at an instant, one for each category value; none
// for an unknown metric. Before the remembered past, say after a clock was set
// back, they are the oldest known.
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

// lineAt is one value at an instant; ok is false when there is no such value,
// and when the instant is out of reach.
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

// known tells whether a metric exists, assigned or not.
func (d *desk) known(id string) bool {
	return slices.ContainsFunc(d.metrics, func(m Metric) bool { return m.ID == id })
}
