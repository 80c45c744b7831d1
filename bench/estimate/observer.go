package estimate

import (
	"fmt"
	"time"

	"waitboard/domain"
	"waitboard/estimate"
)

const (
	pushes    = 0 // as a spacing of polls: the phone system pushes every change
	low, high = 0.1, 0.8
	publishes = time.Hour // how often an observer publishes what it has learned
)

// An observer sees a call center as waitboard does, and announces what it expects.
type observer struct {
	line        *estimate.Line
	archive     *estimate.Archive
	expectation *domain.Expectation
	published   time.Time
	seen        state
	says        domain.WaitRange
	speaks      bool
	minutes     bool
}

var monday = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) // the first day

func instant(t float64) time.Time { return monday.Add(time.Duration(t * float64(time.Second))) }

// A view is how an observer sees a call center, and announces waits.
type view struct {
	spacing float64 // of polls, in seconds
	minutes bool    // announced ranges are in whole minutes, as without a display; otherwise exact
}

func (v view) String() string {
	name := "pushes"
	if v.spacing != pushes {
		name = fmt.Sprintf("polls at %.0f s", v.spacing)
	}
	if v.minutes {
		name += ", whole minutes"
	}
	return name
}

// watch shows a recording to an observer. It calls meet for each caller who met busy agents, with the observer as it was just before the
// arrival.
func watch(r *recording, v view, meet func(o *observer, truth wait)) *observer {
	o := &observer{line: estimate.NewLine(), archive: &estimate.Archive{}, minutes: v.minutes}
	states, truths := r.states, r.truths
	var current state
	look := func(t float64) {
		for ; len(truths) > 0 && truths[0].arrived <= t; truths = truths[1:] {
			meet(o, truths[0])
		}
		for ; len(states) > 0 && states[0].at <= t; states = states[1:] {
			current = states[0]
		}
		if v.spacing == pushes {
			o.observe(instant(t), o.seen)
		}
		o.observe(instant(t), current)
	}
	for d := range r.days {
		opening, closing := float64(d)*day+opens, float64(d)*day+closes
		o.line.Break(instant(opening))
		o.seen = state{}
		if v.spacing != pushes {
			for t := opening; t < closing; t += v.spacing {
				look(t)
			}
			continue
		}
		look(opening)
		for len(states) > 0 && states[0].at < closing {
			look(states[0].at)
		}
	}
	for ; len(truths) > 0; truths = truths[1:] {
		meet(o, truths[0])
	}
	return o
}

// observe learns from a state, and announces what it means.
func (o *observer) observe(now time.Time, s state) {
	if now.Sub(o.published) >= publishes {
		o.expectation, o.published = o.archive.Expectation(now, low, high), now
	}
	waited := time.Duration(0)
	if s.queue > 0 {
		waited = now.Sub(instant(s.arrived))
	}
	o.seen = s
	o.line.Queue(now, s.queue)
	o.archive.Add(o.line.Wait(now, waited, s.queue > 0)...)
	o.says, o.speaks = o.expectation.Expect(s.queue, waited, -1)
	if o.minutes {
		o.says.Low = o.says.Low.Truncate(time.Minute)
		o.says.High = (o.says.High + time.Minute - 1).Truncate(time.Minute)
	}
	said := domain.Range{}
	if o.speaks {
		said = domain.Range{
			Min: float64(o.says.Low.Milliseconds()), HasMin: o.says.Low > 0,
			Max: float64(o.says.High.Milliseconds()), HasMax: true,
		}
	}
	o.line.Said(now, said)
}

// score returns what the observer reports about itself since a day.
func (o *observer) score(since int) domain.Score {
	o.archive.DropBefore(instant(float64(since) * day))
	return o.archive.Expectation(o.published, low, high).Score
}
