package poller

import (
	"context"
	"errors"
	"math/rand/v2"

	"waitboard/domain"
)

// poll makes one full poll: all accepted metrics, then suspects, the list when it is due, and a quarantined metric. It
// begins with the list if that is needed to know what to request. It returns the failure of the source as a whole, if any.
func (p *Poller) poll(ctx context.Context) error {
	p.search.accepted, p.began = false, p.o.Now()
	listed, resolved := p.state.resolution()
	first := !listed && (!resolved || p.search.thorough())
	if first {
		if err := p.list(ctx); err != nil && len(p.state.accepted()) == 0 {
			p.schedule.budget.spend(p.began)
			return err
		}
	}
	p.schedule.budget.spend(p.o.Now())
	wasOutage := p.outage
	p.outage = true
	if err := p.request(ctx, p.state.accepted()); err != nil {
		return err
	}
	if p.search.retain(p.state.isSuspect); len(p.search.groups) > 0 {
		if err := p.bisect(ctx, first); err != nil {
			return err
		}
	}
	p.outage, p.search.rejectedPolls, p.polledAt = false, 0, p.o.Now()
	spent := p.polledAt.Before(p.schedule.budget.free())
	if !first && (wasOutage || !spent && p.state.listNeeded(p.polledAt)) { // IDs may have changed during an outage
		// Values are in, so a failed list can wait, unless the source asks for a pause.
		if err := p.list(ctx); err != nil && failureOf(err).RetryAfter > 0 {
			return err
		}
	}
	if spent {
		return nil
	}
	return p.retryQuarantined(ctx)
}

// request requests metrics and stores their values. It adds the metrics of rejected requests to the search. It returns any
// other failure.
func (p *Poller) request(ctx context.Context, ids []string) error {
	rejected, err := p.requestValues(ctx, ids)
	for _, batch := range rejected {
		p.state.suspect(batch)
		p.search.add(batch)
	}
	return err
}

// requestValues requests metrics and stores their values. It returns the batches that the source rejected because of a
// metric, and any other failure: the one with the longest Retry-After.
func (p *Poller) requestValues(ctx context.Context, ids []string) (rejected [][]string, failure error) {
	if len(ids) == 0 {
		return nil, nil
	}
	for _, b := range p.o.Source.Values(ctx, ids) {
		count(p.o.Metrics.requests, p.o.Name, b.Err)
		switch f := failureOf(b.Err); {
		case b.Err == nil:
			p.search.accept()
			p.state.apply(&b)
		case f.Rejected():
			p.rejection = f
			rejected = append(rejected, b.IDs)
		case failure == nil || f.RetryAfter > failureOf(failure).RetryAfter:
			failure = b.Err
		}
	}
	return rejected, failure
}

// failureOf returns the failure in an error of a Source or Subscriber.
func failureOf(err error) *domain.Failure {
	var failure *domain.Failure
	if !errors.As(err, &failure) {
		failure = &domain.Failure{Cause: domain.Unexpected, Detail: "an error of an unknown kind"}
	}
	return failure
}

// bisect continues the search for the metrics that make the source reject requests. It reads the list first, unless this
// poll has done so: a metric that is no longer listed needs no search. When the source rejects everything, as servers do
// while they restart, bisect quarantines nothing and returns the rejection as the source's failure.
func (p *Poller) bisect(ctx context.Context, listed bool) error {
	p.search.begin(rand.IntN)
	if p.search.requests > 0 && !listed {
		_ = p.list(ctx) // the search goes on without it
	}
	began := p.o.Now()
	for !p.search.accepted || p.o.Now().Sub(began) <= p.o.Interval { // a slow search must not delay the accepted metrics
		group := p.search.next()
		if group == nil {
			break
		}
		rejected, err := p.requestValues(ctx, group)
		for _, batch := range rejected {
			p.search.reject(batch, p.rejection.Cause)
		}
		if err != nil {
			p.search.interrupt(group)
			return err
		}
	}
	bad, ok := p.search.end()
	if !ok {
		p.state.clearSuspects()
		return p.rejection
	}
	p.state.quarantine(bad...)
	return nil
}

// retryQuarantined requests one metric whose quarantine is over, alone, so that it blanks no other. If the source accepts
// it, it may accept the other quarantined metrics as well, so they are requested together.
func (p *Poller) retryQuarantined(ctx context.Context) error {
	due := p.state.quarantineOver()
	if len(due) == 0 {
		return nil
	}
	rejected, err := p.requestValues(ctx, due[:1])
	if len(rejected) > 0 {
		p.state.quarantine(badMetric{due[0], p.rejection.Cause})
	}
	if err != nil || len(rejected) > 0 {
		return err
	}
	return p.request(ctx, p.state.idsWhere(func(m *metricState) bool { return m.access == quarantined }))
}

// list reads the source's list and resolves every want by it. Where a source has no list, wants that may be IDs are used
// as such.
func (p *Poller) list(ctx context.Context) error {
	infos, err := p.o.Source.Metrics(ctx)
	count(p.o.Metrics.requests, p.o.Name, err)
	if err != nil {
		if p.state.noList(err) {
			return nil
		}
		return err
	}
	p.state.updateList(infos, p.began)
	p.search.retain(p.state.isSuspect)
	return nil
}
