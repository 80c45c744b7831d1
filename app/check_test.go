package app

import (
	"errors"
	"testing"

	"waitboard/domain"
	"waitboard/poller"
)

func TestFit(t *testing.T) {
	for name, test := range map[string]struct {
		failure *domain.Failure
		metric  poller.MetricReport
		misfits map[string]string
		shown   []domain.Snapshot
		dataDir error
		want    bool
	}{
		"answered":                    {metric: poller.MetricReport{Categories: []string{""}}, want: true},
		"initializing":                {metric: poller.MetricReport{Initializing: 1}, want: true},
		"not found":                   {metric: poller.MetricReport{Problem: "not in the list"}},
		"without its category":        {metric: poller.MetricReport{Missing: []string{"Support"}}},
		"not asked for":               {metric: poller.MetricReport{Untried: true}},
		"of a source that fails":      {failure: &domain.Failure{Cause: domain.Timeout}},
		"one of several with a value": {shown: []domain.Snapshot{{Metrics: []domain.Shown{{}, {Value: domain.Value{Kind: domain.Count}}}}}, want: true},
		"without a value like all":    {shown: []domain.Snapshot{{Metrics: []domain.Shown{{}}}, {Metrics: []domain.Shown{{}}}}},
		"not saved":                   {dataDir: errors.New("can't write")},
		"of another kind":             {misfits: map[string]string{"w.m": "a count"}},
	} {
		result := CheckResult{Misfits: test.misfits, Private: test.shown, DataDir: test.dataDir, Sources: []CheckedSource{{"hq", poller.Report{Failure: test.failure, Metrics: []poller.MetricReport{test.metric}}}}}
		if got := result.Fit(); got != test.want {
			t.Errorf("a metric that is %s: %v", name, got)
		}
	}
}
