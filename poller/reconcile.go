package poller

import (
	"maps"
	"math"
	"time"

	"waitboard/domain"
)

// What a message and an answer say of one value is put in order here. Both carry the time at which the value changed, on
// the source's own clock, so that ours does not matter; the newer one wins. Of two messages of the same instant the later
// wins, since messages come in order. An answer that was asked for after a message came should know of it: if it is as
// old as the message it wins; if it is older, either it comes from a cache, or their clock was set back. It does not count
// then, nor does it confirm anything, until an interval after the message: a clock that was set back is believed by then.
// Where the order can't be told, what is known stays, unconfirmed, and a poll follows within an interval. So it does where a message dates
// a running duration before an answer that does not know of it: it would be too long by as much.

// answered is what is known of a value after an answer that was asked for at that time. contradicts is that the answer is
// older than a message that had come before it was asked for, or that it can't be told what it says.
func answered(known domain.Sample, r domain.KeyedReading, asked time.Time, settle time.Duration) (s domain.Sample, contradicts bool) {
	s = domain.Sample{Reading: r.Reading, Confirmed: asked, Updated: r.Updated}
	if s.Reading.Rate != 0 {
		s.Reading, s.Dated = standing(&known, r, asked)
	}
	switch {
	case r.Reading.Unclear && runsOn(&known, r.Own, asked):
		known.Confirmed = asked // by another node of a cluster: a cache would be behind the line by the age of its answer
		return known, false
	case r.Reading.Unclear && settled(&known) && unchanged(&known, r):
		return known, true // it runs on, but what can't be told confirms nothing
	case known.Told.IsZero(), r.Updated.After(known.Updated):
		return s, false
	case known.Told.After(asked) && r.Updated.Before(known.Updated) && !r.Updated.IsZero(),
		known.Told.After(asked) && r.Updated.Equal(known.Updated) && same(r.Reading, known.Reading):
		known.Confirmed = asked // it was true after the answer was made, or is the answer
		return known, false
	case known.Told.After(asked): // who can tell which is the newer
		return known, true
	case r.Updated.IsZero(), r.Updated.Equal(known.Updated), asked.Sub(known.Told) >= settle:
		return s, false
	}
	return known, true
}

// runsOn reports whether a running duration that an answer dates by its own clock is the one that is known.
func runsOn(known *domain.Sample, own domain.Reading, asked time.Time) bool {
	if own.Kind != domain.Duration || own.Rate == 0 || known.Reading.Kind != domain.Duration || known.Reading.Rate != own.Rate {
		return false
	}
	is, _ := own.At(asked)
	was, _ := known.Reading.At(asked)
	return (is.Duration - was.Duration).Abs() <= reset
}

// unchanged tells whether a value has not changed since it was known, as far as its date tells.
func unchanged(known *domain.Sample, r domain.KeyedReading) bool {
	return !r.Updated.IsZero() && r.Updated.Equal(known.Updated)
}

// reset is how far two readings of one line must be apart for their clock to have been set in between, rather than estimated better.
const reset = 2 * time.Second

// settled tells whether two answers have dated a line alike: a clock may be set while one is made.
func settled(known *domain.Sample) bool {
	return !known.Dated.IsZero() && known.Dated.Before(known.Confirmed)
}

// standing is what is read of a line, and the time of the answer that has dated it so. One that is known and settled stays where it is if their
// clock has been set since: it is dated by the clock of before, and the estimate is of the clock of now.
func standing(known *domain.Sample, r domain.KeyedReading, asked time.Time) (line domain.Reading, dated time.Time) {
	switch {
	case !unchanged(known, r), !same(r.Reading, known.Reading), known.Dated.IsZero():
		return r.Reading, asked
	case r.Reading.Instant.Sub(known.Reading.Instant).Abs() <= reset:
		return r.Reading, known.Dated
	case settled(known):
		return known.Reading, known.Dated
	}
	return r.Reading, asked
}

// overlooked is how long before an answer was asked for a change may be dated of which it knows nothing: their clock is estimated
// only, and they may take a moment themselves.
const overlooked = 5 * time.Second

// The outcomes of a message, which are counted.
const (
	taken      = "taken"
	older      = "older"      // than what is known
	unexpected = "unexpected" // of a metric that was not asked for, or a category value that is not known
	unreadable = "unreadable" // or without a time that it could be put in order by
)

// hear takes in a message and reports it to the store. One that is of no use is a reason to poll: something has changed.
func (p *Poller) hear(msg domain.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.asked[msg.Key.Metric]
	outcome := p.merge(m, &msg)
	p.metrics.messages.WithLabelValues(p.name, outcome).Inc()
	switch {
	case outcome == taken:
		observed := make(map[string]domain.Observation, len(m.usedAs))
		for _, metric := range m.usedAs {
			observed[metric] = m.observation
		}
		p.store.Push(p.name, observed)
	case !p.doubt && (m != nil || outcome == unreadable):
		p.doubt = true
		p.wake()
	}
}

// merge takes a message into what is known of its metric.
func (p *Poller) merge(m *metric, msg *domain.Message) (outcome string) {
	switch {
	case msg.Key.Metric == "", m != nil && msg.Updated.IsZero():
		return unreadable
	case m == nil:
		return unexpected
	}
	o, category := m.observation, msg.Key.Category
	known, ok := o.Samples[category]
	switch {
	case !ok && (category != "" || len(o.Samples) > 0): // which values there are, an answer says
		return unexpected
	case msg.Updated.Before(known.Updated):
		return older
	case ok && known.Told.IsZero() && msg.Updated.Equal(known.Updated) && !same(msg.Reading, known.Reading):
		return older // or not: of two changes at one instant of their clock, it may be the first, and the answer had the second
	case msg.Reading.Rate != 0 && !known.Updated.IsZero() && msg.Updated.After(known.Updated) && msg.At.Before(known.Confirmed.Add(-overlooked)):
		return older // or not: their clock may have been set back, and then the line does not begin where it says
	}
	s := domain.Sample{Reading: msg.Reading, Confirmed: known.Confirmed, Updated: msg.Updated, Told: p.now()}
	if s.Reading.Rate != 0 {
		s.Reading, s.Dated = standing(&known, msg.KeyedReading, time.Time{})
	}
	p.silent = false
	if m.warming || s.Confirmed.Before(o.Confirmed) {
		// The answers say that it is initializing, so that they confirm nothing. What the source tells was so when it changed, and still
		// when the source began to tell.
		s.Confirmed = latest(latest(s.Confirmed, msg.At), m.since)
		o.Confirmed = latest(o.Confirmed, s.Confirmed)
	}
	if msg.Reading.Kind != domain.None {
		o.Kind = msg.Reading.Kind
	}
	o.Samples = maps.Clone(o.Samples) // an observation is not changed once it is made
	if o.Samples == nil {
		o.Samples = map[string]domain.Sample{}
	}
	o.Samples[category] = s
	m.observation, m.oddity = o, msg.Oddity
	if due, ok := m.owed[category]; ok && !msg.Updated.Before(due.updated) {
		delete(m.owed, category)
	}
	return taken
}

// owed is a change that a poll has found, and of which a message ought to tell.
type owed struct {
	updated time.Time // of the value, by the source's clock
	noticed time.Time
}

// noteOwed notes where an answer that was asked for at that time has brought a change of which the source ought to have
// told: between that time and the one before, it was telling of changes already.
func (p *Poller) noteOwed(m *metric, before domain.Observation, asked time.Time) (some bool) {
	if m.since.IsZero() {
		return false
	}
	for category, s := range m.observation.Samples {
		known, ok := before.Samples[category]
		if !ok || !s.Told.IsZero() || known.Confirmed.Before(m.since) || !s.Updated.After(known.Updated) || continues(&known, &s) {
			continue
		}
		if m.owed == nil {
			m.owed = map[string]owed{}
		}
		if _, already := m.owed[category]; !already {
			m.owed[category] = owed{s.Updated, asked}
		}
		some = true
	}
	return some || len(m.owed) > 0
}

// checkOwed finds the source deaf to a metric if it has not told of a change by the next poll but one.
func (p *Poller) checkOwed(m *metric, asked time.Time) {
	for _, due := range m.owed {
		m.deaf = m.deaf || asked.Sub(due.noticed) >= p.patience()
	}
}

// patience is how long a message and an answer may differ: an interval, but for the spread of the polls.
func (p *Poller) patience() time.Duration { return p.interval - p.interval/10 }

// same tells whether two readings of the same instant of the source's clock are one; ours may have been set to it meanwhile.
func same(a, b domain.Reading) bool {
	a.Instant = b.Instant
	return a == b
}

// continues tells whether a reading says the same as one before: a duration may have gone on, and their clock's estimate
// may have moved in between.
func continues(before, after *domain.Sample) bool {
	a, b := before.Reading, after.Reading
	if a.Kind != domain.Duration || b.Kind != domain.Duration {
		return a == b
	}
	gone := after.Updated.Sub(before.Updated)
	return a.Rate == b.Rate && math.Abs(b.Base-a.Base-a.Rate*float64(gone.Milliseconds())) <= float64(time.Second.Milliseconds())
}
