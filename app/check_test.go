package app

import (
	"testing"

	"waitboard/domain"
	"waitboard/poller"
)

func TestFit(t *testing.T) {
	for name, test := range map[string]struct {
		failure *domain.Failure
		metric  poller.MetricReport
		misfits map[string]string
		want    bool
	}{
		"answered":               {metric: poller.MetricReport{Categories: []string{""}}, want: true},
		"initializing":           {metric: poller.MetricReport{Initializing: 1}, want: true},
		"not found":              {metric: poller.MetricReport{Problem: "not in the list"}},
		"without its category":   {metric: poller.MetricReport{Missing: []string{"Support"}}},
		"not asked for":          {metric: poller.MetricReport{Untried: true}},
		"of a source that fails": {failure: &domain.Failure{Cause: domain.Timeout}},
		"of another kind":        {misfits: map[string]string{"w.m": "a count"}},
	} {
		result := CheckResult{Misfits: test.misfits, Sources: []CheckedSource{{"hq", poller.Report{Failure: test.failure, Metrics: []poller.MetricReport{test.metric}}}}}
		if got := result.Fit(); got != test.want {
			t.Errorf("a metric that is %s: %v", name, got)
		}
	}
}
