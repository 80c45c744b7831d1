package poller

import "testing"

func TestReason(t *testing.T) {
	for name, test := range map[string]struct {
		report MetricReport
		want   Reason
	}{
		"has a value":                 {MetricReport{}, ""},
		"missing":                     {MetricReport{Problem: string(missing)}, NotFound},
		"unlisted":                    {MetricReport{Problem: string(unlisted)}, NotFound},
		"ambiguous":                   {MetricReport{Problem: string(ambiguous)}, Ambiguous},
		"lookalikes":                  {MetricReport{Problem: string(lookalikes)}, Ambiguous},
		"no list":                     {MetricReport{Problem: "the source's list of metrics can't be read"}, NoList},
		"rejected":                    {MetricReport{Problem: "the source rejects it: forbidden", Rejected: true}, Quarantined},
		"category gone, initializing": {MetricReport{Missing: []string{"Support"}, Initializing: 1}, NoCategory},
		"initializing":                {MetricReport{Initializing: 1}, Initializing},
		"unexpected value":            {MetricReport{Unexpected: "not a number"}, Unexpected},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.report.Reason(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
