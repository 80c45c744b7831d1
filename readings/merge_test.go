package readings

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
)

// observed is an observation of some readings, confirmed at that time.
func observed(confirmed time.Time, samples map[string]domain.Reading) domain.Observation {
	o := domain.Observation{Confirmed: confirmed, Samples: map[string]domain.Sample{}}
	for category, r := range samples {
		o.Samples[category] = domain.Sample{Reading: r, Confirmed: confirmed}
	}
	return o
}

// A reading that is nearly the same as before leaves its line unchanged.
func TestApplyAbsorbsJitter(t *testing.T) {
	const ms = time.Millisecond
	line := func(base time.Duration, rate float64) domain.Reading { return domain.Line(base, rate, noon) }
	later := noon.Add(10 * time.Second)
	tests := []struct {
		name    string
		before  domain.Reading
		next    domain.Reading
		changed bool
	}{
		{"the same", line(time.Minute, 1), line(time.Minute, 1), false},
		{"the same, dated later", line(time.Minute, 1), domain.Line(70*time.Second, 1, later), false},
		{"a little ahead", line(time.Minute, 1), line(time.Minute+tolerance, 1), false},
		{"a little behind", line(time.Minute, 1), line(time.Minute-tolerance, 1), false},
		{"too far ahead", line(time.Minute, 1), line(time.Minute+tolerance+ms, 1), true},
		{"too far behind", line(time.Minute, 1), line(time.Minute-tolerance-ms, 1), true},
		{"two wait", line(time.Minute, 1), line(time.Minute, 2), true},
		{"nobody waits", line(time.Minute, 1), line(time.Minute, 0), true},
		{"standing still, dated later", line(time.Minute, 0), domain.Line(time.Minute, 0, later), false},
		{"standing still is not absorbed", line(time.Minute, 0), line(time.Minute+ms, 0), true},
		{"a count", domain.CountOf(3), domain.CountOf(3), false},
		{"another count", domain.CountOf(3), domain.CountOf(4), true},
		{"another kind", domain.CountOf(3), line(3*time.Second, 0), true},
		{"no value", domain.CountOf(3), domain.Reading{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			now := noon
			s := New(func() time.Time { return now })
			s.Apply("hq", map[string]domain.Observation{"m": observed(now, map[string]domain.Reading{"": test.before})})
			now = later
			s.Apply("hq", map[string]domain.Observation{"m": observed(now, map[string]domain.Reading{"": test.next})})
			want, changed := test.before, noon
			if test.changed {
				want, changed = test.next, later
			}
			got := s.Get(ref("hq", "m"))
			if diff := cmp.Diff(want, got.Samples[""].Reading); diff != "" || !got.Changed.Equal(changed) || !got.Confirmed.Equal(later) {
				t.Errorf("changed at %v, confirmed at %v (-want +got):\n%s", got.Changed, got.Confirmed, diff)
			}
		})
	}
}

// An observation changes when a category value appears, disappears, or gets its first value.
func TestApplyDetectsCategoryChanges(t *testing.T) {
	some := func(categories ...string) domain.Observation {
		samples := map[string]domain.Reading{}
		for _, category := range categories {
			samples[category] = domain.CountOf(1)
		}
		return observed(noon, samples)
	}
	initializing := some("a", "b")
	initializing.Samples["b"] = domain.Sample{}
	for name, test := range map[string]struct {
		before, next domain.Observation
		changed      bool
	}{
		"the same":        {some("a", "b"), some("a", "b"), false},
		"one more":        {some("a"), some("a", "b"), true},
		"one less":        {some("a", "b"), some("a"), true},
		"another":         {some("a", "b"), some("a", "c"), true},
		"first value":     {initializing, some("a", "b"), true},
		"nothing before":  {domain.Observation{}, some("a"), true},
		"nothing at all":  {domain.Observation{}, domain.Observation{}, false},
		"of a checkpoint": {domain.Observation{Confirmed: noon, Samples: map[string]domain.Sample{"x": some("a").Samples["a"]}, Alias: func(string) string { return "x" }}, some("a"), false},
	} {
		later := noon.Add(time.Second)
		if got := follow(&test.before, test.next, nil, later).Changed.Equal(later); got != test.changed {
			t.Errorf("%s: changed is %v", name, got)
		}
	}
}

// Set stores observations verbatim.
func TestSetStoresVerbatim(t *testing.T) {
	s := store(written{ref("hq", "m"): observed(noon, map[string]domain.Reading{"": domain.Line(time.Minute, 1, noon)})})
	o := observed(noon, map[string]domain.Reading{"": domain.Line(time.Minute, 1, noon.Add(time.Millisecond))})
	o.Changed = noon.Add(-time.Hour)
	o.Held = map[domain.Placement]domain.Held{{Widget: "w", Metric: "m"}: {Amount: 1, Since: noon}}
	s.Set(written{ref("hq", "m"): o})
	if diff := cmp.Diff(o, s.Get(ref("hq", "m")), public); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A writer may reuse its map after Apply.
func TestApplyLeavesTheWritersMapAlone(t *testing.T) {
	s := store(nil)
	for _, instant := range []time.Time{noon, noon.Add(time.Millisecond)} {
		o := observed(noon, map[string]domain.Reading{"": domain.Line(time.Minute, 1, instant)})
		s.Apply("hq", map[string]domain.Observation{"m": o})
		if got := o.Samples[""].Reading.Instant; !got.Equal(instant) {
			t.Errorf("confirmed at %v now", got)
		}
	}
}

// A stored running duration is never off by more than the tolerance, in whatever direction its line drifts. Jitter alone
// never replaces it.
func TestJitterDoesNotAddUp(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	tests := []struct {
		name    string
		rate    float64
		wanders func(by time.Duration) time.Duration // from one poll to the next
		most    int                                  // changes in 3,000 polls
	}{
		{"jitter", 1, func(time.Duration) time.Duration { return time.Duration(random.IntN(100)) * time.Millisecond }, 0},
		{"jitter of a mean", 1. / 3, func(time.Duration) time.Duration { return time.Duration(random.IntN(100)) * time.Millisecond }, 0},
		{"a clock that is fast", 1, func(by time.Duration) time.Duration { return by + 10*time.Millisecond }, 120},
		{"a random walk", 1, func(by time.Duration) time.Duration { return by + time.Duration(random.IntN(201)-100)*time.Millisecond }, 300},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			now := noon
			s := New(func() time.Time { return now })
			var by time.Duration
			var changed time.Time
			changes := -1 // the first is none
			for range 3_000 {
				now = now.Add(10 * time.Second)
				by = test.wanders(by)
				line := domain.Line(time.Minute+by, test.rate, noon)
				s.Apply("hq", map[string]domain.Observation{"m": observed(now, map[string]domain.Reading{"": line})})
				got := s.Get(ref("hq", "m"))
				if !got.Changed.Equal(changed) {
					changed, changes = got.Changed, changes+1
				}
				is, _ := line.At(now)
				if stored, _ := got.Samples[""].Reading.At(now); (stored.Duration - is.Duration).Abs() > tolerance+2*time.Millisecond {
					t.Fatalf("stored %v, is %v", stored.Duration, is.Duration)
				}
			}
			if changes > test.most {
				t.Errorf("%d changes", changes)
			}
		})
	}
}

// The store holds the state of hysteresis at the time when the observation last changed.
func TestStoreKeepsHysteresis(t *testing.T) {
	now := noon
	s := New(func() time.Time { return now })
	m := domain.WidgetMetric{ID: "m", Ref: ref("hq", "m"), Display: domain.Display{Kind: domain.Count, Round: 10, Hold: domain.Hold{Least: 30 * time.Second}}}
	here := domain.Placement{Widget: "w", Metric: "m"}
	s.Hold(map[domain.Ref][]Hold{m.Ref: {{here, &m}}})
	for _, step := range []struct {
		after time.Duration
		count float64
		held  domain.Held
	}{
		{0, 5, domain.Held{}},
		{10 * time.Second, 5, domain.Held{}},                                               // no change
		{20 * time.Second, 12, domain.Held{Amount: 5, Since: noon}},                        // still held
		{25 * time.Second, 13, domain.Held{Amount: 5, Since: noon}},                        //
		{50 * time.Second, 14, domain.Held{Amount: 13, Since: noon.Add(30 * time.Second)}}, // since the least time of 5 ended
	} {
		now = noon.Add(step.after)
		s.Apply("hq", map[string]domain.Observation{"m": observed(now, map[string]domain.Reading{"": domain.CountOf(step.count)})})
		if diff := cmp.Diff(step.held, s.Get(m.Ref).Held[here]); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", step.after, diff)
		}
	}
}
