package poller

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"

	"waitboard/domain"
)

// A Report says what an operator needs to know of a source. It is private: it names metrics and categories.
type Report struct {
	Failure      *domain.Failure // of the last poll; nil: it succeeded
	Failing      time.Time       // since when polls fail, if the last one failed
	Answered     bool            // whether the source has ever sent a value
	Age          time.Duration   // since it last did
	Metrics      []MetricReport
	Subscription SubscriptionReport
}

// A SubscriptionReport says whether the source pushes changes.
type SubscriptionReport struct {
	Wanted  bool            // the poller tries to subscribe
	Tried   bool            // it has tried, or there is nothing to subscribe to
	Sockets int             // open ones
	Polled  int             // accepted metrics that the source doesn't push
	Failure *domain.Failure // why the last attempt failed, or a socket ended since; nil: neither, or it has not been tried

	Since     time.Time // when it last began or ceased to push anything; zero: it has not been tried
	Attempted time.Time // when Failure happened
	Next      time.Time // when the next attempt is due, after a Failure
}

// String returns the report in a few words.
func (r SubscriptionReport) String() string {
	text := "polled"
	if r.Sockets > 0 {
		text = "subscribed"
	}
	if r.Sockets > 0 && r.Polled > 0 {
		text += fmt.Sprintf(", except for %d metrics", r.Polled)
	}
	if r.Failure != nil {
		text += "; no subscription: " + r.Failure.Error()
	}
	return text
}

// Settled returns whether more polls would add nothing: no value is initializing, and nothing remains to be tried.
func (r Report) Settled() bool {
	return (r.Subscription.Tried || !r.Subscription.Wanted) && !slices.ContainsFunc(r.Metrics, func(m MetricReport) bool { return m.Initializing > 0 || m.Untried })
}

// A MetricReport is about one Want.
type MetricReport struct {
	Want         Want
	Info         domain.MetricInfo // zero: the list does not resolve it
	Problem      string            // why no value is to be expected; empty: none
	Categories   []string          // category values with an answer, sorted
	Initializing int               // values that are initializing
	Unexpected   string            // why the last value that came can't be shown; empty: it can
	Untried      bool              // whether the source accepts it is still unknown
	Rate         float64           // of its fastest duration, in seconds per second; more than 1: a sum of several
	Missing      []string          // category values that widgets name and the metric does not have
	Rejected     bool              // the source rejects requests for it, and it is quarantined
	Retry        time.Time         // when a quarantined metric is requested again

	catalog catalog // if it is not found: the list
}

// Trouble returns why the metric has no value, in words that name nothing of upstream; empty: it has one.
func (m MetricReport) Trouble() string {
	switch {
	case m.Problem != "":
		return m.Problem
	case len(m.Missing) > 0:
		return "a chosen category value is not among those of the metric"
	case m.Initializing > 0:
		return "still initializing"
	}
	return ""
}

// Split returns a report for the widgets' metrics that choose a missing category value, and one for the others, whose values don't depend on it.
func (m MetricReport) Split() []MetricReport {
	if m.Reason() != NoCategory {
		return []MetricReport{m}
	}
	lacking, others := m, m
	lacking.Want.UsedBy = m.Want.choosers(m.Missing)
	others.Want.UsedBy = slices.DeleteFunc(slices.Clone(m.Want.UsedBy), func(user string) bool { return slices.Contains(lacking.Want.UsedBy, user) })
	others.Missing = nil
	if len(others.Want.UsedBy) == 0 {
		return []MetricReport{lacking}
	}
	return []MetricReport{lacking, others}
}

// Near lists up to five metrics that an unresolved want may mean, best first. It compares the want with every metric of the
// source, once for each list that the source sends, because that takes time where there are thousands.
func (m MetricReport) Near() []domain.MetricInfo {
	if m.catalog.near == nil {
		return nil
	}
	if found, ok := m.catalog.near.Load(m.Want.Metric); ok {
		return found.([]domain.MetricInfo)
	}
	found := m.nearest()
	m.catalog.near.Store(m.Want.Metric, found)
	return found
}

func (m MetricReport) nearest() (found []domain.MetricInfo) {
	scores := map[string]int{}
	text, look := strings.ToLower(m.Want.Metric), domain.Lookalike(m.Want.Metric)
	for _, info := range m.catalog.infos {
		name := strings.ToLower(info.Name)
		score := min(levenshtein.ComputeDistance(text, name), levenshtein.ComputeDistance(text, strings.ToLower(info.ID)))
		if len(text) > 2 && (strings.Contains(name, text) || len(name) > 2 && strings.Contains(text, name)) {
			score = min(score, 1)
		}
		if domain.Lookalike(info.Name) == look {
			score = 0
		}
		if score == 0 || m.Problem != string(ambiguous) && m.Problem != string(lookalikes) && score <= 1+len(text)/3 {
			scores[info.ID] = score
			found = append(found, info)
		}
	}
	slices.SortStableFunc(found, func(a, b domain.MetricInfo) int { return scores[a.ID] - scores[b.ID] })
	return found[:min(len(found), 5)]
}

// Report returns what the last poll and the subscription found.
func (p *Poller) Report() Report {
	s := p.state
	s.mu.Lock()
	defer s.mu.Unlock()
	report := Report{Failure: s.failure, Failing: s.failing, Answered: !s.answered.IsZero(), Age: s.o.Now().Sub(s.answered), Subscription: s.pushes}
	if report.Subscription.Wanted {
		report.Subscription.Polled = s.polled()
	}
	for _, t := range s.targets {
		report.Metrics = append(report.Metrics, s.reportOf(t))
	}
	return report
}

// Failure returns why the last poll failed; nil: it succeeded, or there was none.
func (p *Poller) Failure() *domain.Failure {
	p.state.mu.Lock()
	defer p.state.mu.Unlock()
	return p.state.failure
}

// reportOf reports on a target. The mutex must be held.
func (s *state) reportOf(t *target) MetricReport {
	out := MetricReport{Want: t.Want, Info: t.info, Problem: string(t.problem)}
	if t.problem != "" {
		out.catalog = s.catalog
	}
	m := s.metrics[t.id]
	if m == nil {
		return out
	}
	answered := !m.observation.Confirmed.IsZero() && !m.observation.Restored()
	if !m.observation.Restored() {
		for category, sample := range m.observation.Samples {
			if sample.Confirmed.IsZero() {
				out.Initializing++
			} else {
				out.Categories = append(out.Categories, category)
			}
		}
		slices.Sort(out.Categories)
	}
	if m.initializing && out.Initializing == 0 {
		out.Initializing = 1
	}
	out.Missing, out.Unexpected, out.Rate = missingCategories(t, m), m.unexpected, fastest(&m.observation)
	out.Untried = m.access == suspect || m.access == untried
	switch {
	case m.access == quarantined && t.problem == "":
		out.Problem, out.Rejected, out.Retry = "the source rejects it: "+string(m.cause), true, m.retryAt
	case (m.access == accepted || m.access == suspect) && answered:
		out.Problem = "" // unlisted, but answered
	}
	return out
}
