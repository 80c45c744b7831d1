package poller

import (
	"slices"
	"time"

	"waitboard/wait"
)

// A Report tells an operator how a source's metrics fare. It is private: it names metrics and categories.
type Report struct {
	Cause    wait.Cause    // why the last poll failed; empty: it did not
	Detail   string        // the same in words
	Answered bool          // whether it ever answered for a metric
	Age      time.Duration // since it last did
	Metrics  []MetricReport
}

// Warming tells whether some values are still initializing.
func (r Report) Warming() bool {
	return slices.ContainsFunc(r.Metrics, func(m MetricReport) bool { return m.Warming > 0 })
}

// A MetricReport is about one Want.
type MetricReport struct {
	Want    Want
	Info    wait.MetricInfo   // zero when it is not resolved by the list
	Problem string            // why there is no value to be expected; empty: none
	Near    []wait.MetricInfo // what may have been meant
	Known   []string          // category values with an answer, sorted
	Warming int               // values that are initializing
	Missing []string          // chosen category values that the metric does not have
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

// Report is the state of affairs after the last poll.
func (p *Poller) Report() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	report := Report{Cause: p.failing, Detail: p.detail, Answered: !p.fresh.IsZero(), Age: p.now().Sub(p.fresh)}
	for _, w := range p.wants {
		out := MetricReport{Want: w.Want, Info: w.info, Problem: string(w.problem), Near: w.near}
		if m := p.asked[w.id]; m != nil {
			for category, s := range m.observation.Samples {
				if s.Confirmed.IsZero() {
					out.Warming++
				} else {
					out.Known = append(out.Known, category)
				}
			}
			slices.Sort(out.Known)
			if m.warming && out.Warming == 0 {
				out.Warming = 1
			}
			out.Missing = missingCategories(w, m)
			switch {
			case m.leftOut && !m.retry.IsZero() && w.problem == unlisted:
				out.Problem += ", and turns it down: " + string(m.cause)
			case m.leftOut && !m.retry.IsZero():
				out.Problem = "the source turns it down: " + string(m.cause)
			case !m.leftOut && !m.observation.Confirmed.IsZero():
				out.Problem = "" // unlisted, and answered for all the same
			}
		}
		report.Metrics = append(report.Metrics, out)
	}
	return report
}
