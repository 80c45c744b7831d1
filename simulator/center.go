package simulator

import (
	"slices"
	"time"
)

// center is the call center: a discrete-event simulation without a clock.
// advance runs its events. Between two events values change only with time,
// which lines express. It is not safe for concurrent use; desk locks it.
type center struct {
	dice   dice
	now    time.Time // of the last event or advance
	events []event   // sorted by time

	queues []*queue
	agents []*agent
	mark   string
	weekly bool

	// changed is called after each event
	changed func()
}

// An event is a scheduled change.
type event struct {
	at     time.Time
	happen func()
}

// A call is one conversation, or the wait for it.
type call struct {
	direction string
	account   string
	caller    string
	began     time.Time // joined the queue, or was dialed
	answered  time.Time // zero while it waits
}

// A queue is one group's line of callers, the longest waiting first.
type queue struct {
	name      string
	perMinute float64
	waiting   []*call
	waits     []time.Duration // of the last answered calls, oldest first
}

// An agent is a person at a phone.
type agent struct {
	name      string
	queues    []*queue
	present   bool  // logged in
	call      *call // nil while not talking
	wrapping  bool  // writing notes after a call
	idleSince time.Time
}

func (a *agent) idle() bool { return a.present && a.call == nil && !a.wrapping }

// newCenter opens a center at an instant, with empty queues and idle agents.
func newCenter(o Options, at time.Time) *center {
	c := &center{dice: newDice(o.Seed, o.Speed), now: at, mark: o.Mark, weekly: o.Weekly, changed: func() {}}
	byName := map[string]*queue{}
	for _, g := range groups {
		q := &queue{name: o.Mark + g.name, perMinute: g.perMinute}
		if o.Busy && g.name == busyQueue {
			q.perMinute *= 2
		}
		byName[g.name] = q
		c.queues = append(c.queues, q)
		c.expectCaller(q)
	}
	for _, p := range staff {
		a := &agent{name: o.Mark + p.name, present: p.present, idleSince: at}
		for _, name := range p.queues {
			a.queues = append(a.queues, byName[name])
		}
		c.agents = append(c.agents, a)
	}
	return c
}

// advance runs all events up to an instant. An instant in the past
// changes nothing.
func (c *center) advance(to time.Time) {
	for len(c.events) > 0 && !c.events[0].at.After(to) {
		e := c.events[0]
		c.events = slices.Delete(c.events, 0, 1)
		c.now = e.at
		e.happen()
		c.changed()
	}
	if to.After(c.now) {
		c.now = to
	}
}

// after schedules an event. The delay is at the center's speed. Events at the
// same instant happen in the order of these calls.
func (c *center) after(delay time.Duration, happen func()) {
	at := c.now.Add(delay)
	i := slices.IndexFunc(c.events, func(e event) bool { return e.at.After(at) })
	if i < 0 {
		i = len(c.events)
	}
	c.events = slices.Insert(c.events, i, event{at, happen})
}

// expectCaller schedules a queue's next caller. Arrivals are a Poisson process
// whose rate follows the time of day, and of the week if asked to: callers come at the peak rate, and
// expectCaller drops some of them at other hours.
func (c *center) expectCaller(q *queue) {
	mean := time.Duration(float64(time.Minute) / (q.perMinute * peakRate))
	c.after(c.dice.exponential(mean, 0, 100*mean), func() {
		c.expectCaller(q)
		rate := rateAt(c.now)
		if c.weekly {
			rate *= dayRate(c.now)
		}
		if c.dice.Float64() < rate/peakRate {
			c.arrive(q)
		}
	})
}

// arrive connects a caller to the agent who has been idle longest, or adds the
// caller to the queue.
func (c *center) arrive(q *queue) {
	caller := c.newCall(inbound)
	var free *agent
	for _, a := range c.agents {
		if a.idle() && slices.Contains(a.queues, q) && (free == nil || a.idleSince.Before(free.idleSince)) {
			free = a
		}
	}
	if free != nil {
		c.answer(free, q, caller)
		return
	}
	if len(q.waiting) == maxWaiting {
		return
	}
	q.waiting = append(q.waiting, caller)
	c.after(c.dice.exponential(patienceMean, patienceMin, patienceMax), func() {
		q.leave(caller)
	})
	// This event ends the line of the time left at zero.
	c.after(c.dice.scale(promise), func() {})
}

// answer connects a caller and an agent.
func (c *center) answer(a *agent, q *queue, caller *call) {
	q.waits = append(q.waits, c.now.Sub(caller.began))
	if len(q.waits) > recentCalls {
		q.waits = slices.Delete(q.waits, 0, 1)
	}
	c.talk(a, caller, c.dice.exponential(talkMean, talkMin, 10*talkMean))
}

// talk occupies an agent with a call and the notes after it.
func (c *center) talk(a *agent, with *call, length time.Duration) {
	with.answered = c.now
	a.call = with
	c.after(length, func() {
		a.call, a.wrapping = nil, true
		c.after(c.dice.exponential(wrapMean, 0, 10*wrapMean), func() {
			a.wrapping = false
			c.next(a)
		})
	})
}

// next gives an agent the next task: sometimes a call of their own, otherwise
// the caller who waits longest in any of their queues, or a pause.
func (c *center) next(a *agent) {
	if c.dice.Float64() < ownCallChance {
		direction := outbound
		if c.dice.IntN(3) == 0 {
			direction = internal
		}
		c.talk(a, c.newCall(direction), c.dice.exponential(ownCallMean, 0, 10*ownCallMean))
		return
	}
	var longest *queue
	for _, q := range a.queues {
		if len(q.waiting) > 0 && (longest == nil || q.waiting[0].began.Before(longest.waiting[0].began)) {
			longest = q
		}
	}
	if longest == nil {
		a.idleSince = c.now
		return
	}
	caller := longest.waiting[0]
	longest.leave(caller)
	c.answer(a, longest, caller)
}

// leave removes a caller from the queue, if still in it.
func (q *queue) leave(caller *call) {
	if i := slices.Index(q.waiting, caller); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
}

// newCall returns a call with a random caller and account that begins now.
func (c *center) newCall(direction string) *call {
	return &call{
		direction: c.mark + direction,
		account:   c.mark + accountCodes[c.dice.IntN(len(accountCodes))],
		caller:    c.mark + callers[c.dice.IntN(len(callers))],
		began:     c.now,
	}
}
