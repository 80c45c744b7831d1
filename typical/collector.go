// Package typical collects what visitors see of metrics, hour by hour, and publishes what is typical of each hour of the week.
//
// The hour that goes on is in memory, and is saved every five minutes. A complete hour is added to the metric's file. So a crash loses at most
// five minutes, and the memory does not grow with the weeks. Replicas without a data folder save on the engine, and have a copy in memory.
package typical

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/history"
	"waitboard/readings"
)

// Options make a [Collector]. All but Dir or Replicas are required.
type Options struct {
	Dir      *datadir.Dir // nil: Replicas store what is collected
	Readings *readings.Store
	Notice   func(widget string) domain.Notice                   // an operator's; zero: none
	Publish  func(at domain.Placement, week *domain.TypicalWeek) // nil: nothing is known any more
	Now      func() time.Time
	Log      *slog.Logger
	Replicas Replicas // nil: there are no others
}

const (
	advanceEvery = time.Minute
	saveEvery    = 5 // times that
	patience     = 4 // times as long as for a file, Run rests after it: when an hour begins, all metrics have one to write
)

// A Collector is safe for concurrent use.
type Collector struct {
	o        Options
	files    files // unused without a folder
	archives interface {
		read(at domain.Placement) *history.Archive
		write(at domain.Placement, a *history.Archive) error
		remove(at domain.Placement) // of what need not be stored any more
	}

	mu       sync.Mutex // guards what follows; not held while files are read or written
	trackers map[domain.Placement]*tracker
	users    map[domain.Ref][]*tracker
	complete map[domain.Placement][]history.Hour // to be added to files, and published
	imports  map[domain.Placement]bool           // what waits was imported here
	failed   bool                                // the last write to the folder

	refreshed chan struct{} // holds one while Run should look
}

// New returns a collector that begins with what is saved. It collects nothing yet.
func New(o Options) *Collector {
	c := &Collector{o: o, files: files{o.Dir, o.Log}, complete: map[domain.Placement][]history.Hour{}, imports: map[domain.Placement]bool{}, refreshed: make(chan struct{}, 1)}
	c.archives = c.files
	if o.Dir == nil {
		c.archives = &memory{archives: map[domain.Placement][]byte{}}
	}
	return c
}

// Replace replaces the widgets. Run publishes what is known of their metrics.
func (c *Collector) Replace(widgets []domain.Widget) {
	c.mu.Lock()
	before := c.trackers
	saved := map[domain.Placement][]history.Hour{}
	for at, t := range before {
		saved[at] = t.recorder.Flush(t.advance(c.o.Now(), c.o.Notice(at.Widget)))
	}
	c.mu.Unlock()
	if before == nil && c.o.Dir != nil {
		saved = c.files.current()
	}
	trackers := map[domain.Placement]*tracker{}
	for i := range widgets {
		for m := range widgets[i].Metrics {
			if widgets[i].Metrics[m].History.Keep > 0 {
				t := newTracker(&widgets[i], m, c.o.Readings, c.o.Now())
				t.follow(before[t.at])
				trackers[t.at] = t
			}
		}
	}
	c.mu.Lock()
	c.trackers, c.users = trackers, map[domain.Ref][]*tracker{}
	for _, t := range trackers {
		ref := t.metric().Ref
		c.users[ref] = append(c.users[ref], t)
	}
	for at := range trackers {
		c.complete[at] = slices.Clone(c.complete[at]) // nothing to add is a reason to publish, too
	}
	for at, hours := range saved {
		for _, hour := range hours {
			if t := trackers[at]; t == nil || !t.restore(hour, c.o.Now()) {
				c.complete[at] = append(c.complete[at], hour)
			}
		}
	}
	c.mu.Unlock()
	for at := range before {
		if trackers[at] == nil {
			c.archives.remove(at)
			c.o.Publish(at, nil)
		}
	}
}

// Run collects until ctx is done. Then it saves the hour that goes on.
func (c *Collector) Run(ctx context.Context) {
	changes := c.o.Readings.Subscribe()
	defer changes.Close()
	tick := time.NewTicker(advanceEvery)
	defer tick.Stop()
	for n := 1; ; n++ {
		for began := c.o.Now(); c.addOne() && ctx.Err() == nil; began = c.o.Now() { // one file at a time, so that readings need not wait for all of them
			c.rest(ctx, changes, patience*c.o.Now().Sub(began))
		}
		select {
		case <-ctx.Done():
			c.advance()
			c.save()
			return
		case <-changes.Changed():
			c.take(changes.Take())
			n--
		case <-c.refreshed:
			if c.o.Dir == nil {
				c.resume()
			}
			n--
		case <-tick.C:
			c.advance()
			if n%saveEvery == 0 {
				c.save()
			}
		}
	}
}

// rest lets requests go first for a while. It still takes new observations.
func (c *Collector) rest(ctx context.Context, changes *readings.Subscription, d time.Duration) {
	over := time.NewTimer(d)
	defer over.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes.Changed():
			c.take(changes.Take())
		case <-over.C:
			return
		}
	}
}

// take notes new observations.
func (c *Collector) take(observed map[domain.Ref]domain.Observation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ref, o := range observed {
		for _, t := range c.users[ref] {
			c.add(t, t.advance(o.ChangedAt(), c.o.Notice(t.at.Widget)))
			t.observe(o)
		}
	}
}

// advance counts the time until now.
func (c *Collector) advance() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.o.Now()
	for at, t := range c.trackers {
		if t.since.After(now.Add(advanceEvery)) {
			t.since = now // the clock was set back
		}
		c.add(t, t.advance(now, c.o.Notice(at.Widget)))
	}
}

func (c *Collector) add(t *tracker, complete []history.Hour) {
	if len(complete) > 0 {
		c.complete[t.at] = append(c.complete[t.at], complete...)
	}
}

// addOne adds the complete hours of one metric to its file, and publishes what is typical. It returns false if no metric waits for that, or
// if it must wait.
func (c *Collector) addOne() bool {
	at, t, hours, isImport := c.next()
	if at == (domain.Placement{}) {
		return false
	}
	now := c.o.Now()
	own := c.archives.read(at)
	if t != nil {
		own = t.kept(own, now)
	}
	changed := own.Add(hours...)
	published := own
	if t != nil {
		var copied bool
		published, copied = c.shared(t, own, isImport)
		changed = changed || copied
	}
	if changed {
		err := c.archives.write(at, own)
		if c.note(err); err != nil {
			c.mu.Lock()
			c.complete[at] = append(hours, c.complete[at]...)
			c.mu.Unlock()
			return false
		}
	}
	if t == nil {
		return true
	}
	week := t.week(published, now)
	c.mu.Lock()
	defer c.mu.Unlock()
	if current := c.trackers[at]; current != nil && current.widget == t.widget {
		c.o.Publish(at, week)
	}
	return true
}

// wake makes Run look for metrics that wait.
func (c *Collector) wake() {
	select {
	case c.refreshed <- struct{}{}:
	default:
	}
}

// next takes a metric that waits. The tracker is a copy; nil: the metric was removed.
func (c *Collector) next() (at domain.Placement, t *tracker, hours []history.Hour, isImport bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for at, hours = range c.complete {
		delete(c.complete, at)
		isImport = c.imports[at]
		delete(c.imports, at)
		if current := c.trackers[at]; current != nil {
			snapshot := *current
			t = &snapshot
		}
		return at, t, hours, isImport
	}
	return at, nil, nil, false
}

// save saves the hours that go on, and those that are not in their files yet.
func (c *Collector) save() {
	if c.o.Dir == nil {
		c.saveShared()
		return
	}
	c.mu.Lock()
	hours := map[domain.Placement][]history.Hour{}
	for at, complete := range c.complete {
		hours[at] = slices.Clone(complete)
	}
	for at, t := range c.trackers {
		if hour := t.recorder.Current(); len(hour.Times) > 0 {
			hours[at] = append(hours[at], hour)
		}
	}
	c.mu.Unlock()
	c.note(c.files.saveCurrent(hours))
}

// note logs when writing begins to fail, and when it works again.
func (c *Collector) note(err error) {
	c.mu.Lock()
	failed := c.failed
	c.failed = err != nil
	c.mu.Unlock()
	switch {
	case err != nil && !failed:
		c.o.Log.Warn("history not saved, retrying; a restart would lose what is new", "error", err)
	case err == nil && failed:
		c.o.Log.Info("history saved again")
	}
}
