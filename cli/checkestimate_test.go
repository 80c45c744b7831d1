package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestCheckEstimate checks that check refuses what isn't a line of callers, and shows what an estimate reads.
func TestCheckEstimate(t *testing.T) {
	const since, one = `"lastUpdateTime":"2018-09-24T13:17:35Z"`, `,"type":"DURATION","finishedDuration":60000,"numCountingUp":1`
	for _, test := range []struct {
		name, wait, agents string
		code               int
		want               []string
	}{
		{"one waits", one, `,"type":"COUNT","count":2`, 0, []string{"estimate", "Not enough data yet", "learned while waitboard serves", "w.e queue      N n", "w.e agents     K k", "Fit to serve."}},
		{"nobody waits", `,"type":"DURATION","finishedDuration":0`, `,"type":"COUNT","count":2`, 0, []string{"w.e wait       M m              -           0s             -\n", "Fit to serve."}},
		{"several wait", strings.ReplaceAll(one, "1", "3"), `,"type":"COUNT","count":2`, 1, []string{"can't be estimated: its wait must count up by a second a second", "Not fit to serve."}},
		{"an average", `,"type":"AVERAGE_DURATION","durationSum":60000,"count":2,"numCountingUp":1`, `,"type":"COUNT","count":2`, 1, []string{"can't be estimated: its wait", "Not fit to serve."}},
		{"agents with a duration", one, one, 1, []string{"can't be estimated: its queue and agents must be numbers", "Not fit to serve."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/metrics") {
					fmt.Fprint(w, `[{"metricId":"M","metricName":"m","categoryType":"NONE"},{"metricId":"N","metricName":"n","categoryType":"NONE"},{"metricId":"K","metricName":"k","categoryType":"NONE"}]`)
					return
				}
				fmt.Fprintf(w, `{"results":[{"key":{"metricId":"M"},"value":{%s}},{"key":{"metricId":"N"},"value":{%s}},{"key":{"metricId":"K"},"value":{%s}}]}`,
					since+test.wait, since+`,"type":"COUNT","count":3`, since+test.agents)
			}))
			defer upstream.Close()
			path := file(t, fmt.Sprintf("listen: 127.0.0.1:0\nadmin: ''\ndata_dir: %q\nsources: {hq: {url: %q, key_env: KEY, mode: poll}}\n"+
				"widgets: {w: {metrics: {e: {estimate: {wait: {metric: M}, queue: {metric: N}, agents: {metric: K}}}}}}", t.TempDir(), upstream.URL))
			code, stdout, stderr := run(t, map[string]string{"KEY": "k"}, "check", "--config", path)
			if code != test.code || stderr != "" {
				t.Errorf("exit code %d: %s", code, stderr)
			}
			for _, want := range test.want {
				if !strings.Contains(stdout, want) {
					t.Errorf("%q is not in:\n%s", want, stdout)
				}
			}
		})
	}
}
