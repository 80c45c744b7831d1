package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzParse feeds any text. Parse must not panic. Its errors must be readable and without secrets. What it accepts must fit the comments
// of Config.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, file := range append(files, "../examples/waitboard.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, c := range invalidCases(f) {
		f.Add([]byte(c.Text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		config, err := Parse("testdata/fuzz.yaml", data, fuzzEnv)
		if err == nil {
			checkPromises(t, config)
			return
		}
		var problems *Error
		if config != nil || !errors.As(err, &problems) || len(problems.Problems) == 0 {
			t.Fatalf("Parse = %v, %v", config, err)
		}
		if strings.Contains(err.Error(), fuzzKey) {
			t.Errorf("the error holds the key: %v", err)
		}
		for _, literal := range literalValue.FindAllSubmatch(data, -1) {
			if strings.Contains(err.Error(), string(literal[1])) {
				t.Errorf("the error holds a key that was written into the file: %v", err)
			}
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1
		for i, p := range problems.Problems {
			if p.Line < 0 || p.Line > lines || p.Line > 0 && p.Column < 1 || p.Message == "" || strings.ContainsAny(p.String(), "\n\r\t") {
				t.Errorf("unreadable problem %#v", p)
			}
			if i > 0 && p.Line > 0 && p.Line < problems.Problems[i-1].Line {
				t.Error("problems are not sorted by line")
			}
		}
	})
}

const fuzzKey = "zQ9xKey7w"

// fuzzEnv has the same key under every name.
func fuzzEnv(string) (string, bool) { return fuzzKey, true }

// literalValue finds the secrets in the tests' files.
var literalValue = regexp.MustCompile(`(?:key|token|password): (canary-[a-z0-9-]{3,})\n`)

// checkPromises checks a Config against the comments of its fields.
func checkPromises(t *testing.T, c *Config) {
	origin := regexp.MustCompile(`^https?://(\*\.)?[a-z0-9_.\-\[\]:]+$`)
	var names []string
	intervals := map[string]time.Duration{}
	if c.Listen == "" || strings.HasSuffix(c.PublicURL, "/") || len(c.Sources) == 0 || len(c.Widgets) == 0 {
		t.Errorf("incomplete: %+v", c)
	}
	if l := c.RateLimit; l.Requests < 0 || l.Requests > 10_000 || l.Per < time.Second || l.Per > time.Hour || l.Per%time.Second != 0 {
		t.Errorf("limit %+v", l)
	}
	if e := c.Events; e.Max < 0 || e.Max > 1_000_000 || e.MaxPerAddress < 1 || e.MaxPerAddress > 1_000_000 || e.MaxPerWidget < 0 || e.MaxPerWidget > 1_000_000 {
		t.Errorf("events %+v", e)
	}
	for _, p := range c.TrustedProxies {
		if p != p.Masked() || p.Bits() < 1 || p.Addr().Is4In6() && p.Bits() >= 96 {
			t.Errorf("proxy %v", p)
		}
	}
	for _, s := range c.Sources {
		if s.Usable() != (s.Trouble == nil) || !strings.HasPrefix(strings.ToLower(s.URL), "http") || strings.ContainsAny(s.URL, "?# ") || !isID(s.Name) ||
			s.Interval < 100*time.Millisecond || s.Interval > time.Hour || s.Timeout < 100*time.Millisecond || s.Timeout > time.Minute || !slices.Contains([]Mode{ModeAuto, ModePoll, ModeSubscribe}, s.Mode) {
			t.Errorf("source %+v", s)
		}
		names = append(names, s.Name)
		intervals[s.Name] = s.Interval
	}
	var ids []string
	for _, w := range c.Widgets {
		if !isID(w.ID) || w.Title == "" || w.StaleAfter < 100*time.Millisecond || w.HideAfter < w.StaleAfter || len(w.Metrics) == 0 {
			t.Errorf("widget %+v", w)
		}
		for _, o := range w.Origins {
			if !origin.MatchString(o) {
				t.Errorf("origin %q", o)
			}
		}
		if w.Hours != nil {
			checkHours(t, w.Hours)
		}
		var metricIDs []string
		for _, m := range w.Metrics {
			if !isID(m.ID) || m.Metric == "" || m.Label == "" || m.Combine == "" || !slices.Contains(names, m.Source) || w.StaleAfter < intervals[m.Source] {
				t.Errorf("metric %+v", m)
			}
			checkDisplay(t, m)
			metricIDs = append(metricIDs, m.ID)
		}
		ids = append(ids, w.ID)
		noTwice(t, metricIDs)
	}
	noTwice(t, names)
	noTwice(t, ids)
}

// noTwice fails when a value is repeated.
func noTwice(t *testing.T, values []string) {
	slices.Sort(values)
	if len(slices.Compact(slices.Clone(values))) != len(values) {
		t.Errorf("repeated: %q", values)
	}
}
