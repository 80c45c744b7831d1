package poller

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"

	"waitboard/domain"
)

// A Report tells an operator how a source's metrics fare. It is private: it names metrics and categories.
type Report struct {
	Failure  *domain.Failure // why the last poll failed; nil: it did not
	Answered bool            // whether it ever answered for a metric
	Age      time.Duration   // since it last did
	Metrics  []MetricReport
	Stream   StreamReport
}

// A StreamReport tells how the source tells of changes.
type StreamReport struct {
	Wanted  bool            // it is asked to
	Tried   bool            // it has been asked, or there is nothing to ask it for
	Sockets int             // through which it tells
	Polled  int             // metrics of which it does not tell
	Failure *domain.Failure // why it does not, or not of all; nil: it does, or was not asked
}

// String is a word or two for an operator.
func (r StreamReport) String() string {
	text := "polled"
	if r.Sockets > 0 {
		text = "subscribed"
	}
	if r.Sockets > 1 {
		text += fmt.Sprintf(" through %d sockets", r.Sockets)
	}
	if r.Sockets > 0 && r.Polled > 0 {
		text += fmt.Sprintf(", but for %d metrics", r.Polled)
	}
	if r.Failure != nil {
		text += "; no subscription: " + r.Failure.Error()
	}
	return text
}

// Settled tells whether asking on would tell nothing new: no value is initializing, and nothing is still to be tried.
func (r Report) Settled() bool {
	return (r.Stream.Tried || !r.Stream.Wanted) && !slices.ContainsFunc(r.Metrics, func(m MetricReport) bool { return m.Warming > 0 || m.Untried })
}

// A MetricReport is about one Want.
type MetricReport struct {
	Want    Want
	Info    domain.MetricInfo // zero when it is not resolved by the list
	Problem string            // why there is no value to be expected; empty: none
	Known   []string          // category values with an answer, sorted
	Warming int               // values that are initializing
	Oddity  string            // what is odd about a value that is not shown
	Untried bool              // it is still to be found out whether the source accepts it
	Missing []string          // chosen category values that the metric does not have

	listed []domain.MetricInfo // where it is not found: what there is instead
}

// Trouble is what stands between the metric and a value, in words that name nothing of upstream; empty: nothing.
func (m MetricReport) Trouble() string {
	switch {
	case m.Problem != "":
		return m.Problem
	case len(m.Missing) > 0:
		return "a chosen category value is not among those of the metric"
	case m.Warming > 0:
		return "still initializing"
	}
	return ""
}

// Near lists up to five metrics that a want without one may have meant, best first. It looks at all that there are, which takes
// a while where they are thousands, so it is for those who show it.
func (m MetricReport) Near() (found []domain.MetricInfo) {
	scores := map[string]int{}
	text := strings.ToLower(m.Want.Metric)
	for _, info := range m.listed {
		name := strings.ToLower(info.Name)
		score := min(levenshtein.ComputeDistance(text, name), levenshtein.ComputeDistance(text, strings.ToLower(info.ID)))
		if len(text) > 2 && (strings.Contains(name, text) || len(name) > 2 && strings.Contains(text, name)) {
			score = min(score, 1)
		}
		if score == 0 || m.Problem != string(ambiguous) && score <= 1+len(text)/3 {
			scores[info.ID] = score
			found = append(found, info)
		}
	}
	slices.SortStableFunc(found, func(a, b domain.MetricInfo) int { return scores[a.ID] - scores[b.ID] })
	return found[:min(len(found), 5)]
}

// Report is the state of affairs after the last poll.
func (p *Poller) Report() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	report := Report{Failure: p.failing, Answered: !p.fresh.IsZero(), Age: p.now().Sub(p.fresh), Stream: p.stream.report()}
	for _, w := range p.wants {
		report.Metrics = append(report.Metrics, p.reportOf(w))
	}
	return report
}

func (p *Poller) reportOf(w *want) MetricReport {
	out := MetricReport{Want: w.Want, Info: w.info, Problem: string(w.problem)}
	if w.problem != "" {
		out.listed = p.catalog.infos
	}
	m := p.asked[w.id]
	if m == nil {
		return out
	}
	if !m.observation.Restored() { // that no answer has said anything of yet
		for category, s := range m.observation.Samples {
			if s.Confirmed.IsZero() {
				out.Warming++
			} else {
				out.Known = append(out.Known, category)
			}
		}
		slices.Sort(out.Known)
	}
	if m.warming && out.Warming == 0 {
		out.Warming = 1
	}
	out.Missing, out.Oddity = missingCategories(w, m), m.oddity
	out.Untried = m.suspect || m.leftOut && m.retry.IsZero()
	switch {
	case m.leftOut && !m.retry.IsZero() && w.problem == "":
		out.Problem = "the source turns it down: " + string(m.cause)
	case !m.leftOut && !m.observation.Confirmed.IsZero() && !m.observation.Restored():
		out.Problem = "" // unlisted, and answered for all the same
	}
	return out
}
