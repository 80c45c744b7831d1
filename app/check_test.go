package app

import (
	"errors"
	"testing"
	"time"

	"waitboard/config"
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

func TestClosed(t *testing.T) {
	cfg, err := config.Parse("test.yaml", []byte(`
sources: {hq: {url: "http://127.0.0.1:9", key_env: KEY}}
timezone: UTC
widgets:
  always: {metrics: {m: {metric: M}}}
  weekdays: {hours: {weekly: {mon-fri: "08:00-17:00"}}, metrics: {m: {metric: M}}}
  sundays: {hours: {weekly: {sun: "00:00-24:00"}}, metrics: {m: {metric: M}}}
`), func(string) (string, bool) { return "key", true })
	if err != nil {
		t.Fatal(err)
	}
	sunday := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	got := closed(cfg, sunday)
	if len(got) != 1 || got[0].ID != "weekdays" || !got[0].Opens.Equal(time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", got)
	}
}
