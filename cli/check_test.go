package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"waitboard/app"
	"waitboard/config"
	"waitboard/internal/testengine"
	"waitboard/internal/testlevel"
)

// TestCheckVerdict checks what check says of values, and of what surrounds them.
func TestCheckVerdict(t *testing.T) {
	const absent = `"lastUpdateTime":"2018-09-24T13:17:35Z"`
	const count = absent + `,"type":"COUNT","count":3`
	for _, test := range []struct {
		name, value string // of metric M
		key         string // as the environment has it
		settings    string
		display     string
		code        int
		want        []string
	}{
		{"a count", count, "k", "", "", 0, []string{"\nFit to serve.\n"}},
		{"a count in quotes", absent + `,"type":"COUNT","count":"7"`, "k", "", "", 0, []string{"  7              7", "\nFit to serve.\n"}},
		{"a key in quotes", count, `"k"`, "", "", 0, []string{"Note: ", "the environment variable holds more than the key", "\nFit to serve.\n"}},
		{"no value", absent, "k", "", "", 1, []string{"no value now", "Nothing can be shown", "\nNot fit to serve.\n"}},
		{"a rejected key", count, "x", "", "", 1, []string{"unauthorized: the key is rejected (key_env KEY)  -", "\nNothing can be shown: the polls of all sources fail. The table above has the causes.\n", "\nNot fit to serve.\n"}},
		{"no value next to another", absent, "k", "n: {metric: N}", "", 0, []string{"no value now", "\nFit to serve.\n"}},
		{"a value that can't be read", absent + `,"type":"COUNT","count":"many"`, "k", "n: {metric: N}", "", 1, []string{"upstream sends a value with a field of another type", "\nNot fit to serve.\n"}},
		{"a damaged value", absent + `,"type":"COUNT","count":NaN`, "k", "n: {metric: N}", "", 1, []string{"upstream sends a value with a part that is not JSON", "\nNot fit to serve.\n"}},
		{"zero that is hidden on purpose", absent + `,"type":"COUNT","count":0`, "k", "", ", display: {hide_zero: true}", 0, []string{"\nFit to serve.\n"}},
		{"a sum of waits", absent + `,"type":"DURATION","finishedDuration":60000,"numCountingUp":4,"numCountingDown":1`, "k", "", "", 0,
			[]string{"counts up by 3 seconds a second: a sum of several waits, not one wait", "\nFit to serve, apart from the remarks above.\n"}},
		{"one wait", absent + `,"type":"DURATION","finishedDuration":60000,"numCountingUp":1`, "k", "", "", 0, []string{"\nFit to serve.\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Header.Get("Authorization") != "Bearer k":
					http.Error(w, "", http.StatusUnauthorized)
				case strings.HasSuffix(r.URL.Path, "/metrics"):
					fmt.Fprint(w, `[{"metricId":"M","metricName":"m","categoryType":"NONE"},{"metricId":"N","metricName":"n","categoryType":"NONE"}]`)
				default:
					fmt.Fprintf(w, `{"results":[{"key":{"metricId":"M"},"value":{%s}},{"key":{"metricId":"N"},"value":{%s}}]}`, test.value, count)
				}
			}))
			defer upstream.Close()
			path := file(t, "listen: 127.0.0.1:0\nadmin: ''\nsources: {hq: {url: '"+upstream.URL+"', key_env: KEY, mode: poll}}\n"+
				"widgets: {w: {metrics: {m: {metric: M"+test.display+"}, "+test.settings+"}}}")
			code, stdout, stderr := run(t, map[string]string{"KEY": test.key}, "check", "--config", path)
			if code != test.code || stderr != "" {
				t.Errorf("exit code %d: %s%s", code, stderr, stdout)
			}
			for _, want := range test.want {
				if !strings.Contains(stdout, want) {
					t.Errorf("%q is not in:\n%s", want, stdout)
				}
			}
		})
	}
}

// TestCheckDataDir checks that a folder in which nothing can be written makes check fail.
func TestCheckDataDir(t *testing.T) {
	const closed = "/proc/self/fdinfo" // for root as well
	testlevel.NeedFile(t, closed, "only Linux has it")
	sim := simulate(t)
	for folder, want := range map[string]int{t.TempDir(): 0, t.TempDir() + "/new": 0, closed: 1} {
		path := file(t, fmt.Sprintf("listen: 127.0.0.1:0\nadmin: ''\ndata_dir: %q\nsources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: Notice}}}}", folder, sim.URL()))
		code, stdout, stderr := run(t, map[string]string{"KEY": sim.Key()}, "check", "--config", path)
		if code != want || strings.Contains(stdout, "data_dir: can't write to the folder") != (want == 1) {
			t.Errorf("%s: exit code %d:\n%s%s", folder, code, stdout, stderr)
		}
		if left, _ := os.ReadDir(folder); want == 0 && len(left) > 0 {
			t.Errorf("check leaves %v", left)
		}
	}
}

// TestCheckLookalikes checks that names which look the same are distinguished.
func TestCheckLookalikes(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/metrics") {
			fmt.Fprint(w, `[{"metricId":"A","metricName":"Bu\u0308ro","categoryType":"NONE"},{"metricId":"B","metricName":"Büro\u00a0","categoryType":"NONE"},
				{"metricId":"C","metricName":"Queue\u00a01","categoryType":"GROUP","categorySelection":[]}]`)
			return
		}
		fmt.Fprint(w, `{"results":[{"key":{"metricId":"C","categoryValue":"Su\u0308d"},"value":{"type":"COUNT","count":3}},{"key":{"metricId":"C","categoryValue":"Süd\u00a0"},"value":{"type":"COUNT","count":4}},
			{"key":{"metricId":"C","categoryValue":"Ost\u00a01"},"value":{"type":"COUNT","count":5}}]}`)
	}))
	defer upstream.Close()
	path := file(t, "listen: 127.0.0.1:0\nadmin: ''\nsources: {hq: {url: '"+upstream.URL+"', key_env: KEY, mode: poll}}\n"+
		"widgets: {w: {metrics: {name: {metric: Büro}, category: {metric: Queue 1, category: Süd}, good: {metric: Queue 1, category: Ost 1}}}}")
	code, stdout, _ := run(t, map[string]string{"KEY": "k"}, "check", "--config", path)
	for _, want := range []string{
		"several metrics have names that look like this one", `A "Bu\u0308ro", B "B\u00fcro\u00a0"`,
		`no category value is exactly Süd. These look like it, with other spaces or encodings of accents: "Su\u0308d", "S\u00fcd\u00a0"`,
		"5              5",
	} {
		if code != 1 || !strings.Contains(stdout, want) {
			t.Errorf("exit code %d, %q is not in:\n%s", code, want, stdout)
		}
	}
}

// TestCheckClosed checks that check shows the values of a closed widget, and says that visitors don't see them.
func TestCheckClosed(t *testing.T) {
	sim := simulate(t)
	const weekly = "weekly: {daily: '00:00-24:00'}"
	for hours, want := range map[string]string{
		weekly: "",
		weekly + ", closed: ['2000-01-01..2099-12-31']": "\nNote: closed now by hours, so visitors see no values yet:\n  w, opens not within a year\n",
	} {
		path := file(t, fmt.Sprintf("listen: 127.0.0.1:0\nadmin: ''\nsources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {hours: {timezone: UTC, %s}, metrics: {m: {metric: Notice}}}}", sim.URL(), hours))
		code, stdout, stderr := run(t, map[string]string{"KEY": sim.Key()}, "check", "--config", path)
		if code != 0 || !strings.Contains(stdout, want) || want == "" && strings.Contains(stdout, "closed") || !strings.Contains(stdout, "Notice  -           <b>") {
			t.Errorf("%s: exit code %d:\n%s%s", hours, code, stdout, stderr)
		}
	}
	var out strings.Builder
	denver := time.FixedZone("MST", -7*60*60)
	printClosed(&out, []app.ClosedWidget{{ID: "a", Opens: time.Date(2026, 11, 30, 8, 0, 0, 0, denver)}, {ID: "b"}})
	if want := "  a, opens Mon 2026-11-30 08:00 MST\n  b, opens not within a year\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("%s", out.String())
	}
}

// A clock that differs from the engine's is a remark.
func TestCheckClock(t *testing.T) {
	for clock, want := range map[string]bool{"": false, "The clock differs.": true} {
		var out strings.Builder
		remarks := printRemarks(&out, &config.Config{}, app.CheckResult{Clock: clock})
		if remarks != want || strings.Contains(out.String(), "\ncluster: The clock differs.\n") != want {
			t.Errorf("%q: %v, %s", clock, remarks, &out)
		}
	}
}

// A URL that no engine can have is a mistake of the configuration. Which databases an engine has, only it knows, so check reports that.
func TestCheckEngine(t *testing.T) {
	engine, sim := testengine.Start(t), simulate(t)
	path := file(t, fmt.Sprintf("listen: 127.0.0.1:0\nadmin: ''\ncluster: {url_env: ENGINE}\nsources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: Notice}}}}", sim.URL()))
	for _, test := range []struct {
		database, want string
		code           int
	}{
		{"0", "\nFit to serve.\n", exitOK},
		{"99", "cluster: The engine can't be used: it doesn't have the database of the URL; correct the number after the last slash.\n", exitFailed},
		{"x", "waitboard.yaml:3:11: cluster.url_env: doesn't hold the URL of an engine", exitUsage},
		{"0?x=1", "waitboard.yaml:3:11: cluster.url_env: doesn't hold the URL of an engine", exitUsage},
	} {
		code, stdout, stderr := run(t, map[string]string{"KEY": sim.Key(), "ENGINE": "redis://" + engine.Addr() + "/" + test.database}, "check", "--config", path)
		if code != test.code || !strings.Contains(stdout+stderr, test.want) {
			t.Errorf("database %s: exit code %d\n%s%s", test.database, code, stdout, stderr)
		}
	}
}
