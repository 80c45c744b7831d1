package estimate

import (
	"container/heap"
	"math/rand/v2"
	"slices"
)

// Times are in seconds since midnight before the first day.
const (
	day    = 24 * 60 * 60.
	opens  = 8 * 60 * 60.
	closes = 18 * 60 * 60.
	shift  = 15 * 60. // how often the number of agents may change
)

// A state is what a phone system reports of the first line from an instant on.
type state struct {
	at      float64
	queue   int
	arrived float64 // of the first in line
}

// A wait is how long a caller waits who arrives at an instant.
type wait struct{ arrived, lasts float64 }

// A recording is what happened at a call center.
type recording struct {
	days     int
	states   []state
	answered []wait // in the order of answers
	truths   []wait // of callers who met busy agents, if they had not given up
}

// A center is a call center during one day.
type center struct {
	world   *world
	random  *rand.Rand
	day     int
	now     float64
	lines   [2][]caller
	patient []float64 // arrivals of virtual callers in the first line, who never give up and take no agent's time
	free    [3]int    // agents by the lines that they serve; below zero: agents who go home after their call
	busy    [3]int
	events  events
	out     *recording
}

// A caller gives up at an instant.
type caller struct{ arrived, givesUp float64 }

// serves are the lines of each kind of agents.
var serves = [3][]int{{0}, {1}, {0, 1}}

// record simulates a world for some days.
func (w *world) record(seed uint64, days int) *recording {
	out := &recording{days: days}
	for d := range days {
		c := &center{world: w, random: rand.New(rand.NewPCG(seed, uint64(d))), day: d, out: out} //nolint:gosec // the same numbers each time
		c.run()
	}
	return out
}

// run simulates the day. Callers who wait at the end of it are still answered.
func (c *center) run() {
	midnight := float64(c.day) * day
	c.now = midnight + opens
	for t := opens; t < closes; t += shift {
		c.plan(t-opens, func() { c.staff((t + shift/2) / 3600) })
	}
	for line := range c.world.lines {
		c.plan(0, func() { c.next(line) })
	}
	for len(c.events) > 0 {
		e := heap.Pop(&c.events).(event) //nolint:forcetypeassert // there is no other
		c.now = e.at
		e.happens()
		c.assign()
		c.report()
	}
}

// staff sets how many agents there are.
func (c *center) staff(hour float64) {
	for kind, n := range c.world.agents(c.day, hour) {
		c.free[kind] = n - c.busy[kind]
	}
}

// next plans the next arrival in a line.
func (c *center) next(line int) {
	since := c.now - float64(c.day)*day
	if since >= closes {
		return
	}
	c.plan(c.random.ExpFloat64()*3600/c.world.calls(c.day, since/3600), func() {
		c.arrive(line)
		c.next(line)
	})
}

func (c *center) arrive(line int) {
	patience := c.random.ExpFloat64() * c.world.patience
	one := caller{c.now, c.now + patience}
	c.lines[line] = append(c.lines[line], one)
	if line == 0 {
		c.patient = append(c.patient, c.now)
	}
	c.plan(patience, func() {
		c.lines[line] = slices.DeleteFunc(c.lines[line], func(other caller) bool { return other == one })
	})
}

// assign gives each free agent the caller who waits longest.
func (c *center) assign() {
	for kind, lines := range serves {
		for c.free[kind] > 0 {
			line := -1
			first := caller{arrived: c.now}
			for _, l := range lines {
				if len(c.lines[l]) > 0 && (line < 0 || c.lines[l][0].arrived < first.arrived) {
					line, first = l, c.lines[l][0]
				}
			}
			if slices.Contains(lines, 0) {
				c.answerPatient(first.arrived)
			}
			if line < 0 {
				break
			}
			c.lines[line] = c.lines[line][1:]
			if line == 0 {
				c.out.answered = append(c.out.answered, wait{first.arrived, c.now - first.arrived})
			}
			c.free[kind]--
			c.busy[kind]++
			c.plan(c.world.call(c.random, c.day), func() {
				c.free[kind]++
				c.busy[kind]--
			})
		}
	}
}

// answerPatient ends the waits of virtual callers who arrived until an instant: an agent is free, and nobody is ahead of them.
func (c *center) answerPatient(until float64) {
	for len(c.patient) > 0 && c.patient[0] <= until {
		if lasts := c.now - c.patient[0]; lasts > 0 {
			c.out.truths = append(c.out.truths, wait{c.patient[0], lasts})
		}
		c.patient = c.patient[1:]
	}
}

// report notes the state of the first line, if it changed.
func (c *center) report() {
	s := state{at: c.now, queue: len(c.lines[0])}
	if s.queue > 0 {
		s.arrived = c.lines[0][0].arrived
	}
	if n := len(c.out.states); n > 0 && c.out.states[n-1].queue == s.queue && c.out.states[n-1].arrived == s.arrived {
		return
	}
	c.out.states = append(c.out.states, s)
}

type event struct {
	at      float64
	happens func()
}

func (c *center) plan(after float64, happens func()) {
	heap.Push(&c.events, event{c.now + after, happens})
}

// events are a heap: the next one is first.
type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) } //nolint:forcetypeassert // there is no other

func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
