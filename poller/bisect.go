package poller

import (
	"slices"

	"waitboard/domain"
)

const (
	bisectBudget  = 32 // requests that one poll may spend on bisecting
	rejectBudget  = 8  // of those, while the source accepts none: then it isn't a metric that is bad, but the source
	thoroughEvery = 4  // polls that the source rejects altogether: only one of them looks further
)

// A bisection searches rejected batches for the metrics that make the source reject them: it halves a batch until single
// metrics are left. It spans polls, and bounds what each of them spends. It makes no requests itself: call begin once a
// poll, then request what next returns and report the outcome to accept or reject, until next returns nil. Then end it.
type bisection struct {
	groups        [][]string // to request separately; the last one is next
	bad           []badMetric
	requests      int  // that the current poll may still spend
	patience      int  // of those, until the source accepts one
	accepted      bool // the source accepted a request of the current poll
	rejectedPolls int  // polls, up to the last one, of which the source accepted no request
}

// A badMetric makes the source reject any request for it.
type badMetric struct {
	id    string
	cause domain.Cause
}

// add adds a rejected batch.
func (b *bisection) add(ids []string) {
	if half := len(ids) / 2; half > 0 {
		b.groups = append(b.groups, ids[:half])
		ids = ids[half:]
	}
	b.groups = append(b.groups, ids)
}

// thorough returns whether a poll looks further than for whether the source accepts requests again.
func (b *bisection) thorough() bool { return b.rejectedPolls%thoroughEvery == 0 }

// begin sets what the current poll may spend. While the source rejects everything, every fourth poll may spend one request,
// for a metric of the group that pick chooses out of n, and the others none.
func (b *bisection) begin(pick func(n int) int) {
	b.requests, b.patience = bisectBudget, rejectBudget
	switch {
	case b.rejectedPolls == 0:
	case b.thorough():
		b.requests = 1
		b.groups = append(b.groups, b.groups[pick(len(b.groups))][:1])
	default:
		b.requests = 0
	}
}

// next returns the metric IDs to request next, nil if the search is over for this poll.
func (b *bisection) next() []string {
	if len(b.groups) == 0 || b.requests == 0 || !b.accepted && b.patience == 0 {
		return nil
	}
	last := len(b.groups) - 1
	group := b.groups[last]
	b.groups = b.groups[:last]
	b.requests, b.patience = b.requests-1, max(b.patience-1, 0)
	return group
}

// accept notes that the source accepted a request: if it rejected all of them in the polls before, the search begins.
func (b *bisection) accept() {
	b.accepted = true
	if b.rejectedPolls > 0 {
		b.rejectedPolls, b.requests = 0, bisectBudget-1
	}
}

// reject notes that the source rejected a request of the search.
func (b *bisection) reject(ids []string, cause domain.Cause) {
	if len(ids) == 1 {
		b.bad = append(b.bad, badMetric{ids[0], cause})
		return
	}
	b.add(ids)
}

// interrupt ends the current poll's search in a request for a group that failed: the next poll repeats it, and those for
// single metrics.
func (b *bisection) interrupt(group []string) {
	b.groups = append(b.groups, group)
	for _, m := range b.bad {
		b.groups = append(b.groups, []string{m.id})
	}
	b.bad = nil
}

// end returns the bad metrics that were found. If the source accepted no request of the current poll, the search proves
// nothing and is dropped; ok is false then.
func (b *bisection) end() (bad []badMetric, ok bool) {
	bad, b.bad = b.bad, nil
	if !b.accepted {
		b.groups = nil
		b.rejectedPolls++
		return nil, false
	}
	return bad, true
}

// retain drops the metrics that are no longer suspects.
func (b *bisection) retain(suspect func(id string) bool) {
	var groups [][]string
	for _, group := range b.groups {
		group = slices.DeleteFunc(slices.Clone(group), func(id string) bool { return !suspect(id) })
		if len(group) > 0 {
			groups = append(groups, group)
		}
	}
	b.groups = groups
}
