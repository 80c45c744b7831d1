package simulator

import "time"

// Line is a group's line of callers at an instant, as the metrics Current Wait
// Time, Calls Waiting and Agents Ready show it.
type Line struct {
	Wait    time.Duration
	Waiting bool
	Queue   int
	Ready   int
}

// Replay runs a call center of its own from one instant to another, and
// reports a group's line after each event. It needs only Seed, Speed and Busy
// of the options. An unknown group is reported never.
func Replay(o Options, group string, from, to time.Time, each func(at time.Time, l Line)) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	c := newCenter(o, from)
	for _, q := range c.queues {
		if q.name != group {
			continue
		}
		c.changed = func() {
			l := Line{Queue: len(q.waiting), Waiting: len(q.waiting) > 0, Ready: int(agentsReady(c, q).count)}
			if l.Waiting {
				l.Wait = c.now.Sub(q.waiting[0].began)
			}
			each(c.now, l)
		}
	}
	c.advance(to)
	return nil
}
