package domain

import "time"

// A Notice is an operator's text for visitors, such as "Phones are down, use chat". The zero Notice is none.
type Notice struct {
	Text   string
	Closed bool      // the widget is closed and shows nothing but the notice
	From   time.Time // zero: now
	Until  time.Time // zero: until it is removed
}

// At reports whether the notice is shown at t.
func (n Notice) At(t time.Time) bool {
	return !n.Over(t) && !t.Before(n.From)
}

// Over reports whether the notice is not shown at t and later.
func (n Notice) Over(t time.Time) bool {
	return n.Text == "" || !n.Until.IsZero() && !t.Before(n.Until)
}

// turn returns when the notice begins or ends, after t; zero: never.
func (n Notice) turn(t time.Time) time.Time {
	switch {
	case n.Over(t):
		return time.Time{}
	case t.Before(n.From):
		return n.From
	}
	return n.Until
}

// A ScheduledNotice is the company's own text for certain times.
type ScheduledNotice struct {
	Text        string
	From, Until time.Time // zero: no limit
	Weekly      *Hours    // nil: all the time in between
}

// at reports whether the notice is due at t, and when that changes; zero: never.
func (n *ScheduledNotice) at(t time.Time) (due bool, until time.Time) {
	switch {
	case t.Before(n.From):
		return false, n.From
	case !n.Until.IsZero() && !t.Before(n.Until):
		return false, time.Time{}
	case n.Weekly == nil:
		return true, n.Until
	}
	due, until = n.Weekly.At(t)
	return due, soonest(until, n.Until)
}

// scheduled returns the text of the first notice that is due at t, and when another one may be; zero: never.
func (w *Widget) scheduled(t time.Time) (text string, until time.Time) {
	for i := range w.Notices {
		due, turn := w.Notices[i].at(t)
		if until = soonest(until, turn); due {
			return w.Notices[i].Text, until
		}
	}
	return "", until
}
