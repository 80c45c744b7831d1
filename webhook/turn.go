package webhook

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"waitboard/domain"
)

const (
	maxBusy   = 4                // messages of a hook that are sent at the same time, each of another widget
	firstWait = 5 * time.Second  // after the first failure
	longWait  = 15 * time.Minute // between two attempts
	maxWait   = time.Hour        // what a receiver may ask for
	lastWords = 2 * time.Second  // for messages that are being sent when the hook stops
	lookEvery = time.Second
	firstLook = 200 * time.Millisecond // between the first polls and the first look
)

// A turn is the time in which this process serves a hook. One goroutine owns all of it.
type turn struct {
	*hook
	queue   *queue
	facts   *facts
	levels  map[string][]string // by widget: the metrics that had a level
	lanes   map[string]*lane    // those in which a message is being sent, or the last attempt failed
	update  Update
	results chan result
	ready   bool      // the service was ready the last time
	looked  bool      // all widgets were looked at
	sampled time.Time // when the sources were sampled that were looked at last
	busy    int
	pause   time.Time // the receiver asked for it
	failing bool      // the last attempt failed
	unsaved bool      // the last update failed
}

// A lane is the pace of messages that stay in order. It outlives them, so that a dropped message does not hurry the next one.
type lane struct {
	busy     bool // a message is being sent
	attempts int  // that failed since the last delivery
	due      time.Time
}

// A result is the end of an attempt.
type result struct {
	message *queued
	failure *failure // nil: delivered
}

func (t *turn) run(ctx context.Context) {
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	tick, due := time.NewTicker(firstLook), time.NewTimer(0)
	defer tick.Stop()
	defer due.Stop()
	t.forgetOthers()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			continue
		case <-t.wake:
			t.look(t.changed())
			t.lookAtSources()
		case <-tick.C:
			if !t.looked {
				t.lookAtAll(tick)
			}
		case <-due.C:
		case r := <-t.results:
			t.finish(r)
		}
		t.report()
		t.save(ctx)
		due.Reset(t.dispatch(sending))
		t.note(func(s *Status) { s.Serving, s.Queued, s.Oldest = true, len(t.queue.messages), t.queue.oldest() })
	}
	grace := time.AfterFunc(lastWords, stop)
	defer grace.Stop()
	for t.busy > 0 {
		t.finish(<-t.results)
	}
	if t.removed.Load() {
		t.hooks.o.Log.Info("webhook removed, dropping its queue", "webhook", t.o.Name, "messages", len(t.queue.messages))
		t.queue.clear()
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookEvery)
	defer cancel()
	t.save(last)
}

func (t *turn) now() time.Time { return t.hooks.o.Now() }

func (t *turn) wants(k Kind) bool { return slices.Contains(t.o.When, k) }

// lookAtAll notes the conditions of all widgets once, a moment after the first polls, because their values arrive one after another. Later
// changes wake the hook.
func (t *turn) lookAtAll(tick *time.Ticker) {
	ready := t.hooks.o.Ready()
	if t.looked = ready && t.ready; t.looked {
		t.look(t.widgets())
		tick.Reset(lookEvery)
	}
	t.ready = ready
}

// look notes the conditions of widgets.
func (t *turn) look(widgets []string) {
	if !t.looked {
		return
	}
	now := t.now()
	for _, id := range widgets {
		page, ok := t.hooks.o.Publisher.Page(id)
		if !ok {
			t.forgetWidget(id)
			continue
		}
		s := &page.Snapshot
		if t.wants(State) {
			t.facts.note(subject{kind: State, name: id}, string(s.State), now)
		}
		if t.wants(Stale) {
			t.facts.note(subject{kind: Stale, name: id}, staleness(s), now)
		}
		if t.wants(Level) {
			t.lookAtLevels(s, now)
		}
	}
}

func staleness(s *domain.Snapshot) string {
	switch {
	case s.State != domain.Open:
		return "" // nothing is shown
	case s.Stale:
		return "stale"
	}
	return "fresh"
}

func (t *turn) lookAtLevels(s *domain.Snapshot, now time.Time) {
	var present []string
	for i := range s.Metrics {
		if m := &s.Metrics[i]; m.Level != "" {
			present = append(present, m.ID)
			t.facts.note(subject{Level, s.ID, m.ID}, string(m.Level), now)
		}
	}
	for _, id := range t.levels[s.ID] {
		if !slices.Contains(present, id) {
			t.facts.note(subject{Level, s.ID, id}, "", now)
		}
	}
	t.levels[s.ID] = present
}

// lookAtSources notes the conditions of the sources of the hook's widgets.
func (t *turn) lookAtSources() {
	known := t.hooks.sources.Load()
	if !t.wants(Source) || known == nil || !t.looked || known.at.Equal(t.sampled) {
		return
	}
	t.sampled = known.at
	for source := range t.feeds() {
		t.facts.note(subject{kind: Source, name: source}, known.states[source].Condition, known.at)
	}
}

// forgetWidget forgets a widget that no longer exists.
func (t *turn) forgetWidget(id string) {
	gone := func(s subject) bool { return s.kind != Source && s.name == id }
	for s := range t.facts.watches {
		if gone(s) {
			t.facts.forget(s)
		}
	}
	delete(t.levels, id)
	t.queue.forget(gone)
}

// forgetOthers forgets what the hook reported before its settings changed.
func (t *turn) forgetOthers() {
	widgets, sources := t.widgets(), t.feeds()
	t.queue.forget(func(s subject) bool {
		return !t.wants(s.kind) || s.kind == Source && !sources[s.name] || s.kind != Source && !slices.Contains(widgets, s.name)
	})
}

// report creates messages about the conditions that have lasted.
func (t *turn) report() {
	now := t.now()
	for _, c := range t.facts.changes(t.queue.reported, now) {
		var m *message
		if !c.silent {
			composed := t.compose(c, now)
			m = &composed
		}
		if dropped := t.queue.report(c, m); dropped != nil {
			t.count.full.Add(1)
			t.drop("queue full", dropped)
			t.note(func(s *Status) {
				if now.Sub(s.Lost) >= maxAge {
					s.Dropped = 0
				}
				s.Dropped, s.Lost = s.Dropped+1, now
			})
		}
	}
}

// drop logs that a message is lost.
func (t *turn) drop(why string, m *queued) {
	t.dropped.Add(slog.LevelError, why, slog.String("webhook", t.o.Name), slog.String("id", m.ID))
}

// save stores changes. A message waits until it is stored.
func (t *turn) save(ctx context.Context) {
	if !t.queue.dirty() {
		return
	}
	err := t.update(ctx, t.queue.set, t.queue.del)
	switch {
	case err != nil && !t.unsaved && ctx.Err() == nil:
		t.hooks.o.Log.Error("webhook queue not saved, retrying; new messages wait", "webhook", t.o.Name, "error", err)
	case err == nil && t.unsaved:
		t.hooks.o.Log.Info("webhook queue saved again", "webhook", t.o.Name)
	}
	if t.unsaved = err != nil; err == nil {
		t.queue.saved()
	}
	t.note(func(s *Status) { s.Unsaved = unsaved(err) })
}

// unsaved says why new messages wait. Only an operating system's error is in words for people, and holds no address.
func unsaved(err error) string {
	var number syscall.Errno
	switch {
	case err == nil:
		return ""
	case errors.As(err, &number):
		return "its queue can't be stored, so new messages wait: " + number.Error()
	}
	return "its queue can't be stored, so new messages wait; the log has the reason"
}

// dispatch sends the messages that are due: of each widget the oldest. It returns how long to wait for the next one.
func (t *turn) dispatch(ctx context.Context) time.Duration {
	now, wait := t.now(), time.Hour
	for _, m := range slices.Clone(t.queue.messages) {
		if !m.busy && now.Sub(m.Created) >= maxAge {
			t.queue.remove(m)
			t.count.expired.Add(1)
			t.drop("not delivered within a day", m)
		}
	}
	seen := map[string]bool{}
	for _, m := range t.queue.messages {
		if seen[m.Lane] || t.busy >= maxBusy {
			continue
		}
		seen[m.Lane] = true
		lane := t.lane(m.Lane)
		at := lane.due
		if t.pause.After(at) {
			at = t.pause
		}
		switch {
		case lane.busy || !m.stored:
		case at.After(now):
			wait = min(wait, at.Sub(now))
		default:
			m.busy, lane.busy = true, true
			t.busy++
			go func() { t.results <- result{m, t.sender.send(ctx, &m.message)} }() // run waits for its result
		}
	}
	maps.DeleteFunc(t.lanes, func(name string, l *lane) bool {
		return !seen[name] && !l.busy && !l.due.After(now) && t.busy < maxBusy
	})
	return wait
}

// lane returns a lane by its name.
func (t *turn) lane(name string) *lane {
	if t.lanes[name] == nil {
		t.lanes[name] = new(lane)
	}
	return t.lanes[name]
}

// finish notes the end of an attempt.
func (t *turn) finish(r result) {
	m, lane, now := r.message, t.lane(r.message.Lane), t.now()
	m.busy, lane.busy = false, false
	t.busy--
	if r.failure == nil {
		lane.attempts, lane.due = 0, time.Time{}
		t.queue.remove(m)
		t.count.sent.Add(1)
		t.note(func(s *Status) { s.Delivered, s.Problem = now, "" })
		if t.failing {
			t.hooks.o.Log.Info("webhook delivers again", "webhook", t.o.Name)
		}
		t.failing = false
		return
	}
	lane.attempts++
	lane.due = now.Add(backoff(lane.attempts))
	if r.failure.after > 0 {
		t.pause = now.Add(r.failure.after)
	}
	t.count.fail(r.failure.cause)
	t.note(func(s *Status) { s.Problem = r.failure.text })
	if !t.failing {
		t.hooks.o.Log.Warn("webhook message not delivered, retrying for a day", "webhook", t.o.Name, "cause", r.failure.cause, "problem", r.failure.text)
	}
	t.failing = true
}

// backoff returns how long to wait after so many failures: twice as long each time, less up to a half.
func backoff(attempts int) time.Duration {
	full := min(firstWait<<min(attempts-1, 20), longWait)
	return full/2 + rand.N(full/2) //nolint:gosec // not a secret
}
