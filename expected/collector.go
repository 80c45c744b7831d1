// Package expected learns from the lines of callers how long they wait, and publishes what is expected.
//
// What was learned is in memory. Every five minutes it is saved and published, so that a crash loses no more than that, and all replicas publish
// the same.
package expected

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/estimate"
	"waitboard/readings"
)

// Options make a [Collector]. All but Dir or Replicas are required.
type Options struct {
	Dir      *datadir.Dir // nil: only Replicas store what is learned
	Readings *readings.Store
	Notice   func(widget string) domain.Notice                // an operator's; zero: none
	Publish  func(at domain.Placement, e *domain.Expectation) // nil: the metric is gone
	Now      func() time.Time
	Log      *slog.Logger
	Replicas Replicas // nil: there are no others
}

// Replicas share what was learned, so that all publish the same. One of them, the holder of a source, learns.
type Replicas interface {
	Holds(source string) bool
	LoadHistory(source, place string) ([]byte, error) // nil: none
	SaveHistory(source, place string, archive []byte) error
}

const (
	saveEvery = 5 * time.Minute
	keep      = 8 * 7 * 24 * time.Hour // then a sample weighs a quarter
)

// A Collector is safe for concurrent use.
type Collector struct {
	o      Options
	saving sync.Mutex // held while files are written and replicas are asked; never taken while mu is held

	mu       sync.Mutex // guards what follows; not held while files are read or written
	trackers map[domain.Placement]*tracker
	users    map[domain.Ref][]*tracker
	refresh  map[domain.Placement]bool // of which another replica has saved something
	failed   bool                      // the last write to the folder

	woken chan struct{} // holds one while refresh has something
}

// New returns a collector that begins with what is saved. It learns nothing yet.
func New(o Options) *Collector {
	return &Collector{o: o, refresh: map[domain.Placement]bool{}, woken: make(chan struct{}, 1)}
}

// Replace replaces the widgets, and publishes what is expected of their metrics.
func (c *Collector) Replace(widgets []domain.Widget) {
	c.mu.Lock()
	before := c.trackers
	c.mu.Unlock()
	trackers, users := map[domain.Placement]*tracker{}, map[domain.Ref][]*tracker{}
	for i := range widgets {
		for m := range widgets[i].Metrics {
			if widgets[i].Metrics[m].Estimate == nil {
				continue
			}
			t := newTracker(&widgets[i], m)
			switch old := before[t.at]; {
			case old == nil || old.lineID() != t.lineID():
				t.learned = &learned{archive: c.read(t.at, t.lineID())}
			case old.widget.Equal(*t.widget):
				t = old
			default:
				t.learned = old.learned
			}
			trackers[t.at] = t
			c.mu.Lock()
			for n, ref := range t.metric().Refs() {
				t.inputs.Observe(t.index, n, c.o.Readings.Get(ref))
				users[ref] = append(users[ref], t)
			}
			c.mu.Unlock()
		}
	}
	c.mu.Lock()
	c.trackers, c.users = trackers, users
	c.mu.Unlock()
	for at := range before {
		if trackers[at] == nil {
			c.o.Publish(at, nil)
		}
	}
	for _, t := range c.all() {
		c.publish(t)
	}
	c.Refresh("", "")
}

// Run learns until ctx is done. Then it saves.
func (c *Collector) Run(ctx context.Context) {
	changes := c.o.Readings.Subscribe()
	defer changes.Close()
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			c.save()
			return
		case <-changes.Changed():
			c.take(changes.Take())
		case <-c.woken:
			c.load()
		case <-tick.C:
			c.save()
		}
	}
}

// take learns from new observations.
func (c *Collector) take(observed map[domain.Ref]domain.Observation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := map[*tracker]bool{}
	for ref := range observed {
		for _, t := range c.users[ref] {
			changed[t] = true
		}
	}
	for t := range changed {
		before := t.unfit
		samples := t.observe(observed, c.o.Notice(t.at.Widget))
		if t.unfit.After(before.Add(distrust)) {
			c.o.Log.Warn("the wait of an estimate is a sum or an average, no estimate for a day; use a metric of the first in line", "widget", t.at.Widget, "metric", t.at.Metric)
			c.announce(t)
		}
		if len(samples) > 0 && c.learns(t) && !t.unfit.After(t.last) {
			t.archive.Add(samples...)
			t.changed = true
		}
	}
}

// learns reports whether this replica learns of a metric.
func (c *Collector) learns(t *tracker) bool {
	return c.o.Replicas == nil || c.o.Replicas.Holds(t.source())
}

// Leave saves before this replica gives its sources to others.
func (c *Collector) Leave() { c.save() }

// save saves what has changed, and publishes it. It publishes the rest too, because the days that count have changed, too.
func (c *Collector) save() {
	c.saving.Lock()
	defer c.saving.Unlock()
	for _, t := range c.all() {
		c.mu.Lock()
		t.archive.DropBefore(c.o.Now().Add(-keep))
		changed := t.changed
		t.changed = false
		raw := t.archive.Encode()
		c.mu.Unlock()
		if changed {
			if !c.write(t.at, raw) {
				c.mu.Lock()
				t.changed = true
				c.mu.Unlock()
			}
			c.share(t, raw)
		}
		c.publish(t)
	}
}

// share saves an archive for the other replicas, if they don't know more by now. After an error the next save does.
func (c *Collector) share(t *tracker, raw []byte) {
	if c.o.Replicas == nil || !c.o.Replicas.Holds(t.source()) || c.o.Replicas.SaveHistory(t.source(), t.place(), raw) == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t.changed = true
}

// Refresh makes Run read what another replica has saved for a place of a source; an empty place is any, of an empty source any.
func (c *Collector) Refresh(source, place string) {
	if c.o.Replicas == nil {
		return
	}
	widget, metric, _ := strings.Cut(place, ".")
	c.mu.Lock()
	defer c.mu.Unlock()
	for at, t := range c.trackers {
		if (source == "" || source == t.source()) && (place == "" || at == domain.Placement{Widget: widget, Metric: metric}) {
			c.refresh[at] = true
		}
	}
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

// load adds what other replicas have saved.
func (c *Collector) load() {
	c.saving.Lock()
	defer c.saving.Unlock()
	c.mu.Lock()
	waiting := c.refresh
	c.refresh = map[domain.Placement]bool{}
	c.mu.Unlock()
	for _, t := range c.all() {
		if waiting[t.at] {
			c.merge(t)
		}
	}
}

// merge adds what other replicas have saved of a metric, and saves there what they lack of the days before today. Today only the holder learns.
func (c *Collector) merge(t *tracker) {
	raw, err := c.o.Replicas.LoadHistory(t.source(), t.place())
	if err != nil {
		return // the engine is away; it wakes this replica when it is back
	}
	shared, err := estimate.Decode(raw)
	if err == nil && !isOf(shared, t.lineID()) && !c.o.Replicas.Holds(t.source()) {
		return // the holder has another configuration; soon one of the two has that of the other
	}
	if err != nil || !isOf(shared, t.lineID()) {
		shared = &estimate.Archive{}
	}
	shared.Line = t.lineID()
	now := c.o.Now()
	shared.DropBefore(now.Add(-keep))
	c.mu.Lock()
	own := t.archive.Clone()
	if !c.o.Replicas.Holds(t.source()) {
		own.DropFrom(now)
	}
	lacked := shared.Merge(own)
	t.archive = shared
	merged := shared.Encode()
	c.mu.Unlock()
	c.write(t.at, merged)
	if lacked {
		_ = c.o.Replicas.SaveHistory(t.source(), t.place(), merged) // or when it wakes this replica again
	}
	c.publish(t)
}

// publish publishes what is expected of a metric.
func (c *Collector) publish(t *tracker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.announce(t)
}

// announce does so while mu is held.
func (c *Collector) announce(t *tracker) {
	if c.trackers[t.at] != t {
		return
	}
	e, now := t.metric().Estimate, c.o.Now()
	expectation := t.archive.Expectation(now, e.Low, e.High)
	if t.unfit.After(now) {
		expectation.Waits = nil
	}
	t.inputs.Expected[t.index] = expectation
	c.o.Publish(t.at, expectation)
}

// all returns the trackers, in a fixed order.
func (c *Collector) all() []*tracker {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.SortedFunc(maps.Values(c.trackers), func(a, b *tracker) int { return strings.Compare(a.place(), b.place()) })
}
