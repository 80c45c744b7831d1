// Package poller keeps the readings of each source fresh. It requests the metrics that widgets show, once per interval
// however many widgets there are, and writes what it reads to the store.
//
// One [Poller] serves one source in its own goroutine, so a source that hangs delays no other. It quarantines metrics
// that make the source reject whole requests, and requests initializing values again soon. It retries a failed poll
// within an interval, and never polls more often than its [budget] allows.
//
// Where the source can push changes ([Subscriber]), a second goroutine keeps the subscription. Then polls are fewer, and
// check that no push was missed. Pushes change values, but only polls confirm them: the age of a value never depends on
// a connection that may be dead.
package poller

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"waitboard/domain"
)

// A Source is where readings come from. Its errors are *domain.Failure, or those of the context.
type Source interface {
	// Metrics lists the metrics that the source offers.
	Metrics(ctx context.Context) ([]domain.MetricInfo, error)
	// Values requests the current values of metrics by ID, in one or more requests. It returns a batch for each request
	// that it made.
	Values(ctx context.Context, ids []string) []domain.Batch
}

// A Store receives the observations of a source's metrics, by Want.Metric.
type Store interface {
	// Apply stores what a poll observed.
	Apply(source string, observed map[string]domain.Observation)
	// Push stores what the source pushed, possibly many times a second.
	Push(source string, observed map[string]domain.Observation)
}

// Options configure a [Poller]. All but KeyFrom, Initial, Subscriber, SubscriptionRequired and Polled are required.
type Options struct {
	Name                 string // of the source
	KeyFrom              string // what the configuration says of its key, for the log
	Source               Source
	Subscriber           Subscriber                    // the same source, if it can push changes; nil: only poll
	SubscriptionRequired bool                          // log at level ERROR while there is no subscription
	Wants                []Want                        // without duplicate metrics
	Interval             time.Duration                 // between two polls without a subscription
	Initial              map[string]domain.Observation // the store's observations of the source, by Want.Metric; the poller takes the map over
	Store                Store
	Polled               func(took time.Duration, failed bool) // called after each full poll
	Metrics              *PrometheusMetrics
	Now                  func() time.Time
	Log                  *slog.Logger // with the source's name in it
}

// A Poller polls one source. Its fields belong to the goroutine that calls Run; what others share is in state. Report,
// Tried and SetWants may be called while it runs.
type Poller struct {
	o            Options
	state        *state
	subscription *subscription // nil: only poll

	schedule  schedule
	search    bisection
	rejection *domain.Failure // of the last request that the source rejected because of a metric
	outage    bool            // the last full poll failed
	began     time.Time       // when the current poll began
	polledAt  time.Time       // when the current poll had requested every accepted metric and suspect
}

// New returns a poller that is not running.
func New(o Options) *Poller {
	p := &Poller{o: o, state: newState(o), schedule: newSchedule(o.Interval)}
	if o.Subscriber != nil {
		p.subscription = newSubscription(p.state)
		o.Metrics.expectPushes(o.Name)
	}
	o.Metrics.watch(o.Name, p.state.age)
	return p
}

// Run polls at once and then every interval, and subscribes if possible, until ctx is done.
func (p *Poller) Run(ctx context.Context) {
	var subscribing sync.WaitGroup
	defer subscribing.Wait()
	if p.subscription != nil {
		subscribing.Go(func() { p.subscription.run(ctx) })
	}
	due := p.o.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-p.state.loop:
			if p.hasten() {
				due = earliest(due, p.schedule.poll)
			}
		case <-timer.C:
			sleep := p.Step(ctx)
			due = p.o.Now().Add(sleep)
			wake(p.state.subscription)
		}
		timer.Reset(max(due.Sub(p.o.Now()), 0))
	}
}

// Step makes the requests that are due, and returns how long to wait before the next step. Run repeats it; nothing else
// may call it while Run runs.
func (p *Poller) Step(ctx context.Context) time.Duration {
	started := p.o.Now()
	warmUp := p.schedule.warmUpDue(started)
	var err error
	if warmUp {
		err = p.request(ctx, p.state.initializing())
		p.outage = p.outage || err != nil
	} else {
		p.state.beginPoll()
		err = p.poll(ctx)
	}
	if ctx.Err() != nil {
		return 0
	}
	ended := p.o.Now()
	if !warmUp {
		p.o.Metrics.duration.WithLabelValues(p.o.Name).Observe(ended.Sub(started).Seconds())
	}
	p.state.endPoll(err)
	if p.o.Polled != nil && !warmUp {
		p.o.Polled(ended.Sub(started), err != nil)
	}
	if err != nil {
		return p.schedule.failed(started, ended, failureOf(err))
	}
	pace, _, _ := p.state.pace()
	return p.schedule.succeeded(started, p.polledAt, ended, pace, warmUp, len(p.state.initializing()) > 0)
}

// Tried returns whether the source has sent a value, or the first poll is over.
func (p *Poller) Tried() bool {
	p.state.mu.Lock()
	defer p.state.mu.Unlock()
	return p.state.tried
}

// SetWants replaces what the poller requests. Metrics that stay keep their schedule. New ones are requested at once,
// unless the last poll failed.
func (p *Poller) SetWants(wants []Want) {
	p.state.setWants(wants)
	wake(p.state.loop)
	wake(p.state.subscription)
}

// hasten brings the next full poll forward where the state asks for it. It returns whether its time may have changed.
func (p *Poller) hasten() bool {
	pace, now, healthy := p.state.pace()
	switch {
	case !healthy:
		return false
	case now:
		p.schedule.hasten(p.o.Now(), pace)
	case pace < p.schedule.pace:
		p.schedule.hasten(p.schedule.started.Add(pace), pace)
	default:
		return false
	}
	return true
}
