// Package poller keeps the readings of each source fresh: it asks for exactly the metrics that widgets show, once per
// interval however many widgets there are, and hands what it learns to the store.
//
// One [Poller] serves one source in a goroutine of its own, so a source that hangs delays no other. A metric that makes
// the source turn a whole request down is found and left out; values still initializing are asked for again soon; a source
// in trouble is asked again within an interval, and never more often than its [budget] allows.
//
// Where the source can tell of changes by itself ([Subscriber]), a second goroutine has it do so. Then the polls are few,
// and check that nothing was missed. Only they confirm a value, so its age never depends on the word of a connection that
// may have gone silent: messages change values, polls keep them young.
package poller

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"waitboard/domain"
)

// A Source is where readings come from. Its errors are *domain.Failure, or those of the context.
type Source interface {
	// Metrics lists what there is to read.
	Metrics(ctx context.Context) ([]domain.MetricInfo, error)
	// Values asks for the current values of metrics by ID, in one request or in several, each with its own outcome.
	// IDs that it did not come to ask for are in none of them.
	Values(ctx context.Context, ids []string) []domain.Batch
}

// A Store takes in what has been observed of a source's metrics, by the names that wants call them.
type Store interface {
	// Apply takes in what a poll has observed.
	Apply(source string, observed map[string]domain.Observation)
	// Push takes in what the source has sent by itself, which may come in floods.
	Push(source string, observed map[string]domain.Observation)
}

// Options make a [Poller]. All but Known, Subscriber and Insist are required.
type Options struct {
	Name       string // of the source
	Source     Source
	Subscriber Subscriber                    // the same source as one that tells of changes; nil: it is only polled
	Insist     bool                          // it ought to: log loudly while it does not
	Wants      []Want                        // without duplicate metrics
	Interval   time.Duration                 // between two polls of a source that does not tell of changes
	Known      map[string]domain.Observation // what the store holds already of the source, by Want.Metric; the poller takes it over
	Store      Store
	Metrics    *Metrics
	Now        func() time.Time
	Log        *slog.Logger // with the source's name in it
}

// A Poller polls one source. Report, Tried and SetWants may be called while it runs.
type Poller struct {
	name     string
	source   Source
	interval time.Duration
	store    Store
	metrics  *Metrics
	now      func() time.Time
	log      *slog.Logger

	tried   atomic.Bool   // whether the source has answered, or the first poll is over
	rewoken chan struct{} // tells the goroutine of changed wants, and of a reason to poll sooner
	stream  *stream       // nil: only poll

	// Of the goroutine that runs the poller alone.
	schedule  schedule
	suspects  [][]string      // groups of metric IDs of which some may be bad, to be asked for apart
	accepted  int             // how many requests for values the current poll had answered
	rejection *domain.Failure // the last request that was turned down because of a metric
	vain      int             // how many polls, up to the last one, were turned down whatever they asked for
	began     time.Time       // when the current poll began
	away      bool            // values that were asked for have not come since the last full poll that had them
	served    time.Time       // when the current poll had asked for all that is in order
	leftOut   []string        // metric IDs found bad, of which the log has not been told
	listed    time.Time       // when the list was last read; zero: never
	relist    time.Time       // when to read it again

	mu      sync.Mutex // guards what follows; never held during a request
	wants   []*want
	known   map[string]domain.Observation // by Want.Metric: of what is not asked for yet
	changed []Want                        // wants to take over before the next question; nil: none
	asked   map[string]*metric            // by metric ID: all that is, or would be, asked for
	catalog catalog                       // the list
	failing *domain.Failure               // why the last poll failed; nil: it did not
	since   time.Time                     // since when it fails
	fresh   time.Time                     // when a value last came; zero: never
	doubt   bool                          // messages and polls don't agree, or one could not be understood
	silent  bool                          // the source missed telling of a change, and has told of none since
	prompt  bool                          // the next poll is due at once
	told    map[string]bool               // what the log has been told once
}

// A metric is what the poller knows of one metric ID.
type metric struct {
	observation domain.Observation
	warming     bool          // some values are initializing
	suspect     bool          // in one of the groups of suspects
	leftOut     bool          // the source turns requests down because of it
	retry       time.Time     // when to try it again, if left out
	pause       time.Duration // how long it was left out the last time
	cause       domain.Cause
	oddity      string // of the last answer

	usedAs []string        // what the wants call it
	since  time.Time       // since when the source tells of its changes; zero: it does not
	owed   map[string]owed // by category value: what a message should have told
	deaf   bool            // and did not in time
}

// New makes a poller that has not begun.
func New(o Options) *Poller {
	p := &Poller{
		name: o.Name, source: o.Source, interval: o.Interval, store: o.Store, metrics: o.Metrics, now: o.Now,
		log: o.Log, known: o.Known,
		schedule: newSchedule(o.Interval),
		asked:    map[string]*metric{},
		told:     map[string]bool{},
		rewoken:  make(chan struct{}, 1),
	}
	for _, w := range o.Wants {
		p.wants = append(p.wants, &want{Want: w})
	}
	if o.Subscriber != nil {
		p.stream = newStream(p, o.Subscriber, o.Insist)
		o.Metrics.expect(o.Name)
	}
	o.Metrics.watch(o.Name, p.age)
	return p
}

// Run polls at once and then every interval, and subscribes where that is possible, until ctx is done.
func (p *Poller) Run(ctx context.Context) {
	var streaming sync.WaitGroup
	defer streaming.Wait()
	if p.stream != nil {
		streaming.Go(func() { p.stream.run(ctx) })
	}
	due := p.now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-p.rewoken:
			if p.adopt() || p.hasten() {
				due = earliest(due, p.schedule.poll)
			}
		case <-timer.C:
			sleep := p.Step(ctx)
			due = p.now().Add(sleep)
			p.stream.wake()
		}
		timer.Reset(max(due.Sub(p.now()), 0))
	}
}

// Step asks the source once for what is due now, and returns how long to wait before the next step. It is what Run
// repeats; it must not be called beside it.
func (p *Poller) Step(ctx context.Context) time.Duration {
	p.adopt()
	started := p.now()
	warmUp := p.schedule.warmUpDue(started)
	var err error
	if warmUp {
		err = p.askTogether(ctx, p.warming())
		p.away = p.away || err != nil
	} else {
		p.settle()
		err = p.poll(ctx)
	}
	if ctx.Err() != nil {
		return 0 // stopped in the middle: that says nothing of the source
	}
	ended := p.now()
	if !warmUp {
		p.metrics.duration.WithLabelValues(p.name).Observe(ended.Sub(started).Seconds())
	}
	p.judge(err)
	p.tried.Store(true)
	if err != nil {
		return p.schedule.failed(started, ended, failureOf(err))
	}
	return p.schedule.succeeded(started, p.served, ended, p.pace(), warmUp, len(p.warming()) > 0)
}

// Tried tells whether the source has answered for a metric, or the first poll is over, however it ended.
func (p *Poller) Tried() bool { return p.tried.Load() }

// poll is one full round: all metrics that are in order, the suspects, the list when it is due (first of all at first),
// and what was left out long enough. It returns the failure of the source as a whole, if any.
func (p *Poller) poll(ctx context.Context) error {
	p.accepted, p.began = 0, p.now()
	first := p.listed.IsZero() && (p.thorough() || p.unresolved())
	if first {
		if err := p.list(ctx); err != nil && len(p.inOrder()) == 0 {
			p.schedule.budget.spend(p.began)
			return err
		}
	}
	p.schedule.budget.spend(p.now())
	wasAway := p.away
	p.away = true
	if err := p.askTogether(ctx, p.inOrder()); err != nil {
		return err
	}
	if len(p.suspects) > 0 {
		if err := p.isolate(ctx, first); err != nil {
			return err
		}
	}
	p.away, p.vain, p.served = false, 0, p.now()
	back := wasAway && !first                          // it may have been set up anew, with other IDs
	tired := p.served.Before(p.schedule.budget.free()) // it has been asked enough, or wishes to be left alone: the rest has time
	if tired && !back {
		return nil
	}
	if back || !p.served.Before(p.relist) || p.listed.IsZero() && !first {
		// A list that fails while values come changes nothing and is read later, unless the source asks to be left alone.
		if err := p.list(ctx); err != nil && failureOf(err).RetryAfter > 0 {
			return err
		}
	}
	if tired {
		return nil
	}
	return p.tryAgain(ctx)
}

// askTogether asks for metrics that are thought to be in order. Those of a request that is turned down become suspects.
func (p *Poller) askTogether(ctx context.Context, ids []string) error {
	rejected, err := p.ask(ctx, ids)
	for _, group := range rejected {
		p.suspect(group)
	}
	return err
}

// ask asks for metrics by ID and takes in what comes. It returns the groups of IDs whose request was turned down because
// of a metric in it, and any other failure.
func (p *Poller) ask(ctx context.Context, ids []string) (rejected [][]string, failure error) {
	if len(ids) == 0 {
		return nil, nil
	}
	for _, b := range p.source.Values(ctx, ids) {
		count(p.metrics.requests, p.name, b.Err)
		switch f := failureOf(b.Err); {
		case b.Err == nil:
			p.accepted++
			p.absorb(&b)
		case f.Rejected():
			p.rejection = f
			rejected = append(rejected, b.IDs)
		case failure == nil || f.RetryAfter > failureOf(failure).RetryAfter:
			failure = b.Err
		}
	}
	return rejected, failure
}

// failureOf is why a source did not answer. An error of another kind, which a Source does not return, is unexpected.
func failureOf(err error) *domain.Failure {
	var failure *domain.Failure
	if !errors.As(err, &failure) {
		failure = &domain.Failure{Cause: domain.Unexpected, Detail: "an error of an unknown kind"}
	}
	return failure
}

// judge remembers whether the source as a whole is in order, and tells the log when that changes.
func (p *Poller) judge(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.failing
	if p.failing = nil; err != nil {
		p.failing = failureOf(err)
	}
	if err == nil && p.once("answers") && was == nil {
		p.log.Info("the source answers")
	}
	switch {
	case was == nil && err == nil, was != nil && err != nil && was.Cause == p.failing.Cause:
		return
	case err == nil:
		p.log.Info("the source answers again", "after", p.now().Sub(p.since).Round(time.Second).String())
	case p.failing.Cause == domain.Unauthorized:
		p.log.Error("THE SOURCE DOES NOT ACCEPT THE KEY; its metrics go stale until it does. Check the key and its service user.", "cause", domain.Unauthorized)
	default:
		p.log.Warn("the source does not answer as it should; trying again", "cause", p.failing.Cause, "detail", p.failing.Detail)
	}
	if was == nil {
		p.since = p.now()
	}
}

// once tells whether this is the first time that it is asked about this matter.
func (p *Poller) once(matter string) bool {
	first := !p.told[matter]
	p.told[matter] = true
	return first
}
