package webhook

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each step is a time in minutes and the condition from then on; - is unknown. Facts are looked at every half minute for ten minutes.
func TestFacts(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name  string
		kind  Kind
		lasts time.Duration
		steps string
		want  string // time, since, from and to of each message
	}{
		{"normal", Level, 2 * time.Minute, "0 low", ""},
		{"high at once", Level, 0, "0 low, 1 high", "1m 1m low-high"},
		{"high that lasts", Level, 2 * time.Minute, "0 low, 1 high", "3m 1m low-high"},
		{"high at the start", Level, 2 * time.Minute, "0 high", "2m 0m low-high"},
		{"short", Level, 2 * time.Minute, "0 low, 1 high, 2 low", ""},
		{"there and back", Level, time.Minute, "0 low, 1 high, 4 low", "2m 1m low-high, 5m 4m high-low"},
		{"flapping", Level, 2 * time.Minute, "0 low, 1 high, 2 low, 3 high, 4 low, 5 high, 6 low", ""},
		{"flapping, then high", Level, 2 * time.Minute, "0 low, 1 high, 2 low, 3 high, 4 low, 5 high", "7m 5m low-high"},
		{"between moderate and high", Level, 2 * time.Minute, "0 low, 1 high, 2 moderate, 3 high, 4 moderate, 5 high, 6 moderate, 7 high", "3m 1m low-moderate, 9m 7m moderate-high"},
		{"down in steps", Level, 2 * time.Minute, "0 high, 3 moderate, 4 low, 5 moderate, 6 low", "2m 0m low-high, 5m 3m high-moderate, 8m 6m moderate-low"},
		{"unknown in between", Level, 2 * time.Minute, "0 high, 1 -, 2 high", "4m 2m low-high"},
		{"unknown changes nothing", Level, 0, "0 high, 1 -, 3 high", "0m 0m low-high"},
		{"state as found", State, time.Minute, "0 closed, 5 open", "1m 0m open-closed silent, 6m 5m closed-open"},
		{"unavailable as found", State, time.Minute, "0 -, 1 unavailable", "2m 1m open-unavailable"},
		{"other state, then another", State, 2 * time.Minute, "0 open, 3 closed, 4 unavailable", "2m 0m open-open silent, 6m 4m open-unavailable"},
		{"stale", Stale, time.Minute, "0 fresh, 2 stale, 4 fresh", "3m 2m fresh-stale, 5m 4m stale-fresh"},
		{"key refused", Source, 2 * time.Minute, "0 ok, 1 failing, 2 refused", "3m 1m ok-failing, 4m 2m failing-refused"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, s, reported := newFacts(test.lasts), subject{kind: test.kind, name: "x"}, map[string]string{}
			steps := strings.Split(test.steps, ", ")
			var got []string
			for half := range 20 {
				now := noon.Add(time.Duration(half) * 30 * time.Second)
				for len(steps) > 0 {
					var minute int
					var condition string
					if _, err := fmt.Sscan(steps[0], &minute, &condition); err != nil {
						t.Fatal(err)
					}
					if now.Before(noon.Add(time.Duration(minute) * time.Minute)) {
						break
					}
					f.note(s, condition, now)
					steps = steps[1:]
				}
				for _, c := range f.changes(reported, now) {
					reported[c.key()] = c.to
					line := fmt.Sprintf("%gm %gm %s-%s", now.Sub(noon).Minutes(), c.since.Sub(noon).Minutes(), c.from, c.to)
					if c.silent {
						line += " silent"
					}
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestSubjectKey(t *testing.T) {
	for _, s := range []subject{{Level, "support", "wait"}, {kind: State, name: "a-b_c"}, {kind: Source, name: "hq"}} {
		if got := parseSubject(s.key()); got != s {
			t.Errorf("%s is %v, want %v", s.key(), got, s)
		}
	}
}
