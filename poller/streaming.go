package poller

import (
	"slices"
	"time"

	"waitboard/domain"
)

// What the poller and its stream know of each other. Whatever both of their goroutines touch is under the poller's mutex.

// wanted lists the metric IDs of which the source should tell. It is not ready while the source does not answer polls:
// what it told would have nothing to change.
func (s *stream) wanted(now time.Time) (ids []string, ready bool) {
	s.p.mu.Lock()
	ready = s.p.failing == nil && s.p.Tried()
	s.p.mu.Unlock()
	for id, again := range s.refused {
		if !now.Before(again) {
			delete(s.refused, id)
		}
	}
	ids = s.p.idsWhere(func(m *metric) bool { return !m.leftOut && (!m.suspect || !m.since.IsZero()) })
	return slices.DeleteFunc(ids, func(id string) bool { return !s.refused[id].IsZero() }), ready
}

// sort parts the lines into those that tell only of what is wanted, and others, and lists what the former don't tell of.
func (s *stream) sort(wanted []string) (keep, spare []*line, need []string) {
	untold := make(map[string]bool, len(wanted))
	for _, id := range wanted {
		untold[id] = true
	}
	unwanted := func(id string) bool { _, ok := untold[id]; return !ok }
	for _, l := range s.lines {
		if slices.ContainsFunc(l.ids, unwanted) {
			spare = append(spare, l)
			continue
		}
		keep = append(keep, l)
		for _, id := range l.ids {
			untold[id] = false
		}
	}
	return keep, spare, slices.DeleteFunc(slices.Clone(wanted), func(id string) bool { return !untold[id] })
}

// deaf lists the lines through which the source did not tell of a change. It is polled as if it had none until it tells of one.
func (s *stream) deaf() (deaf []*line) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	for _, l := range s.lines {
		if slices.ContainsFunc(l.ids, func(id string) bool { m := s.p.asked[id]; return m != nil && m.deaf }) {
			deaf = append(deaf, l)
			s.p.silent = true
		}
	}
	return deaf
}

// publish lets the poller know of which metrics the source tells. When it begins to tell of one a poll is due at once:
// nobody has told what changed between the last one and now.
func (s *stream) publish(failure *domain.Failure) {
	p := s.p
	p.mu.Lock()
	defer p.mu.Unlock()
	since := map[string]time.Time{}
	for _, l := range s.lines {
		for _, id := range l.ids {
			since[id] = l.opened
		}
	}
	for id, m := range p.asked {
		if at := since[id]; at.IsZero() != m.since.IsZero() { // otherwise one line took over from another without a gap
			m.since, m.owed, m.deaf = at, nil, false
			p.prompt = p.prompt || !at.IsZero()
		}
	}
	s.failure, s.sockets, s.tried = failure, len(s.lines), true
	p.metrics.sockets.WithLabelValues(p.name).Set(float64(len(s.lines)))
	p.wake()
}

// telling is the state in which nothing is wrong.
const telling domain.Cause = "telling"

// tell tells the log when the source begins to tell of changes, and once for each cause when it does not. It is not asked to while lines end
// as soon as they are opened.
func (s *stream) tell(failure *domain.Failure) {
	p, before := s.p, s.told
	if s.told = telling; failure != nil {
		s.told = failure.Cause
	}
	switch {
	case s.told == before:
	case failure == nil && len(s.lines) == 0:
		s.told = before
	case failure == nil:
		p.log.Info("the source tells of changes as they happen", "sockets", len(s.lines))
	case s.insist:
		p.log.Error("THE SOURCE DOES NOT TELL OF CHANGES, though mode: subscribe wants it to; it is polled until it does", "cause", failure.Cause, "detail", failure.Detail)
	default:
		p.log.Info("the source does not tell of changes; it is polled until it does", "cause", failure.Cause, "detail", failure.Detail)
	}
}

// report is the stream's part of a Report. A nil stream was not wanted.
func (s *stream) report() StreamReport {
	if s == nil {
		return StreamReport{}
	}
	r := StreamReport{Wanted: true, Tried: s.tried, Sockets: s.sockets, Failure: s.failure}
	for _, m := range s.p.asked {
		if m.inOrder() && m.since.IsZero() {
			r.Polled++
		}
	}
	return r
}

// settle begins a full poll: it answers what has made it due, and doubts that are left come up again in it.
func (p *Poller) settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doubt, p.prompt = false, false
}

// pace is the time between two full polls: the interval, or longer while the source tells of all changes.
func (p *Poller) pace() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stream == nil || p.doubt || p.silent {
		return p.interval
	}
	for _, m := range p.asked {
		if m.inOrder() && m.since.IsZero() {
			return p.interval
		}
	}
	return p.slowly()
}

// slowly is the time between two polls that only check what the source tells, and confirm it. It is half the time after
// which a widget calls a value stale: so one poll may fail, the next follows within an interval.
func (p *Poller) slowly() time.Duration {
	stale := 12 * p.interval
	for _, w := range p.wants {
		stale = min(stale, w.StaleAfter)
	}
	return max(stale/2, p.interval)
}

// hasten brings the next full poll forward where the pace has become quicker, or something has happened that needs one at
// once. It tells whether the time of the next poll may have changed. A source in trouble is left alone.
func (p *Poller) hasten() bool {
	p.mu.Lock()
	alone, prompt := p.failing != nil, p.prompt
	p.mu.Unlock()
	switch pace := p.pace(); {
	case alone:
		return false
	case prompt:
		p.schedule.hasten(p.now(), pace)
	case pace < p.schedule.pace:
		p.schedule.hasten(p.schedule.started.Add(pace), pace)
	default:
		return false
	}
	return true
}
