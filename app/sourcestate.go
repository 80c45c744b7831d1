package app

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"waitboard/api/operator"
	"waitboard/poller"
	"waitboard/trend"
)

// state returns the source for the dashboard.
func (s *source) state(now time.Time) operator.Source {
	report := s.current().Report()
	out := operator.Source{ID: s.config.Name, Address: address(s.config.URL), Key: s.config.KeyFrom, State: "waiting", Hour: hour(s.polls.Of(now))}
	if ended, took := s.polls.Last(); !ended.IsZero() {
		out.LastPoll, out.Latency = &ended, took.Seconds()
	}
	if holder, follows := s.follows(); follows {
		out.State, out.PolledBy, out.Subscription.State, out.LastPoll, out.Latency = "follows", holder, "off", nil, 0
		return out
	}
	out.Subscription = subscriptionState(report.Subscription)
	switch {
	case !s.config.Usable():
		out.State, out.Subscription.State = "unusable", "off"
	case report.Failure != nil:
		out.State, out.Cause, out.Detail, out.FailingSince = "failing", string(report.Failure.Cause), report.Failure.Detail, &report.Failing
	case s.current().Tried():
		out.State = "ok"
	}
	if report.Answered {
		answered := now.Add(-report.Age)
		out.LastAnswer = &answered
	}
	if known, ok := s.client.(interface {
		ClockAhead() (time.Duration, bool)
		CertificateExpires() time.Time
	}); ok {
		if ahead, ok := known.ClockAhead(); ok {
			seconds := ahead.Round(time.Millisecond).Seconds()
			out.ClockAhead = &seconds
		}
		if expires := known.CertificateExpires(); !expires.IsZero() {
			out.CertificateExpires = &expires
		}
	}
	for _, all := range report.Metrics {
		for _, m := range all.Split() {
			if m.Reason() != "" {
				out.Metrics = append(out.Metrics, metricState(m))
			}
		}
	}
	return out
}

// follows returns the replica that polls the source in place of this one.
func (s *source) follows() (holder string, follows bool) {
	if member := s.shared(); member != nil {
		return member.Holder()
	}
	return "", false
}

// polledHere reports whether this replica polls the source.
func (s *source) polledHere() bool {
	member := s.shared()
	return member == nil || member.Polls()
}

// address returns the scheme, host and port of an address.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func hour(minutes []trend.Minute) (out operator.Hour) {
	for _, m := range minutes {
		out.Polls, out.Failures = append(out.Polls, int(m.Polls)), append(out.Failures, int(m.Failures))
	}
	return out
}

func subscriptionState(r poller.SubscriptionReport) operator.Subscription {
	out := operator.Subscription{State: "waiting"}
	switch {
	case !r.Wanted:
		return operator.Subscription{State: "off"}
	case r.Sockets > 0 && r.Polled > 0:
		out.State, out.Polled = "partial", r.Polled
	case r.Sockets > 0:
		out.State = "active"
	case r.Failure != nil:
		out.State = "unavailable"
	case r.Tried:
		out.State = "off" // there is nothing to subscribe to
	}
	if r.Tried {
		out.Since = &r.Since
	}
	if r.Failure != nil {
		out.Cause, out.Detail, out.Tried, out.Next = string(r.Failure.Cause), r.Failure.Detail, &r.Attempted, &r.Next
	}
	return out
}

// metricState returns a metric in trouble.
func metricState(m poller.MetricReport) operator.SourceMetric {
	out := operator.SourceMetric{Reason: string(m.Reason()), Text: m.Trouble(), Metric: m.Want.Metric, UsedBy: m.Want.UsedBy, Categories: m.Missing}
	if m.Rejected {
		out.Retry = &m.Retry
	}
	if m.Reason() == poller.Unexpected {
		out.Text = "the source sends " + m.Unexpected
	}
	for _, info := range m.Near() {
		out.Near = append(out.Near, strings.TrimSpace(fmt.Sprintf("%s (%s)", info.Name, info.ID)))
	}
	return out
}
