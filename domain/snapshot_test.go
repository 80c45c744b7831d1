package domain

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/internal/testlevel"
	"waitboard/locale"
)

func widget(metrics ...Metric) *Widget {
	return &Widget{ID: "support", Title: "Customer support", Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute,
		RefreshAfter: 10 * time.Second, Metrics: metrics}
}

func observation(confirmed time.Time, samples map[string]Reading) Observation {
	o := Observation{Confirmed: confirmed, Samples: map[string]Sample{}}
	for category, r := range samples {
		o.Samples[category] = Sample{Reading: r, Confirmed: confirmed}
		if r.Kind != None {
			o.Kind = r.Kind
		}
	}
	return o
}

func known(observed ...Observation) *Known { return &Known{Observed: observed} }

const na = "Not available"

var (
	waitMetric    = Metric{ID: "wait", Label: "Current wait time"}
	waitingMetric = Metric{ID: "waiting", Label: "Calls in queue"}
	fourMinutes   = map[string]Reading{"": Line(4*time.Minute, 0, noon)}
	threeCalls    = map[string]Reading{"": CountOf(3)}
)

func TestSnapshot(t *testing.T) {
	seconds := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	shownWait := Shown{ID: "wait", Label: "Current wait time", Kind: Duration, Text: "4 min",
		Value: Value{Kind: Duration, Duration: 4 * time.Minute}}
	shownWaiting := Shown{ID: "waiting", Label: "Calls in queue", Kind: Count, Text: "3", Value: Value{Kind: Count, Number: 3}}
	at := func(m Shown, asOf time.Time, stale bool) Shown { m.AsOf, m.Stale = asOf, stale; return m }
	hidden := func(m Shown, kind Kind) Shown { return Shown{ID: m.ID, Label: m.Label, Kind: kind, Text: na} }

	tests := []struct {
		name     string
		observed []Observation
		at       time.Time
		want     Snapshot // ID, title and refresh are those of the widget
		until    time.Time
	}{
		{
			"nothing known", []Observation{{}, {}}, noon,
			Snapshot{State: Initializing, Metrics: []Shown{hidden(shownWait, None), hidden(shownWaiting, None)}}, time.Time{},
		},
		{
			"fresh", []Observation{observation(noon, fourMinutes), observation(seconds(1), threeCalls)}, seconds(2),
			Snapshot{State: Open, ObservedAt: noon, Metrics: []Shown{at(shownWait, seconds(2), false), shownWaiting}}, seconds(45),
		},
		{
			"one stale", []Observation{observation(noon, fourMinutes), observation(seconds(40), threeCalls)}, seconds(45),
			Snapshot{State: Open, Stale: true, ObservedAt: noon, Metrics: []Shown{at(shownWait, seconds(45), true), shownWaiting}}, seconds(85),
		},
		{
			"one hidden, and the rest is not stale for it", []Observation{observation(noon, fourMinutes), observation(seconds(299), threeCalls)}, seconds(300),
			Snapshot{State: Open, ObservedAt: seconds(299), Metrics: []Shown{hidden(shownWait, Duration), shownWaiting}}, seconds(344),
		},
		{
			"one never known", []Observation{{}, observation(noon, threeCalls)}, noon,
			Snapshot{State: Open, ObservedAt: noon, Metrics: []Shown{hidden(shownWait, None), shownWaiting}}, seconds(45),
		},
		{
			"all too old", []Observation{{}, observation(noon, threeCalls)}, seconds(300),
			Snapshot{State: Unavailable, Metrics: []Shown{hidden(shownWait, None), hidden(shownWaiting, Count)}}, time.Time{},
		},
		{
			"no value now is an answer", []Observation{observation(noon, map[string]Reading{"": {}}), observation(noon, threeCalls)}, noon,
			Snapshot{State: Open, ObservedAt: noon, Metrics: []Shown{hidden(shownWait, None), shownWaiting}}, seconds(45),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := widget(waitMetric, waitingMetric)
			test.want.ID, test.want.Title, test.want.Locale, test.want.RefreshAfter = w.ID, w.Title, w.Locale, w.RefreshAfter
			test.want.StaleAfter, test.want.HideAfter = w.StaleAfter, w.HideAfter
			got, until := w.At(known(test.observed...), test.at)
			if want := got.Ages; got.State == Open && (want.Before(until) || !want.After(test.at)) || got.State != Open && !want.IsZero() {
				t.Errorf("ages at %v, until %v", want, until)
			}
			got.Ages = time.Time{}
			if diff := cmp.Diff(test.want, got, public); diff != "" {
				t.Errorf("snapshot (-want +got):\n%s", diff)
			}
			if !until.Equal(test.until) {
				t.Errorf("until %v, want %v", until, test.until)
			}
		})
	}
}

func TestCategories(t *testing.T) {
	mixed := Observation{Confirmed: noon, Complete: noon.Add(-2 * time.Minute), Kind: Count, Samples: map[string]Sample{
		"Sales":   {Reading: CountOf(2), Confirmed: noon},
		"Support": {Reading: CountOf(5), Confirmed: noon.Add(-time.Minute)}, // asked for again and initializing
		"Billing": {},                                                       // initializing, never known
		"Night":   {Reading: Reading{}, Confirmed: noon},
	}}
	tests := []struct {
		name       string
		categories []string
		combine    Combine
		text       string
		stale      bool
		kind       Kind
	}{
		{"one", []string{"Sales"}, Max, "2", false, Count},
		{"as old as its oldest part", []string{"Sales", "Support"}, Sum, "7", true, Count},
		{"nothing is summed over what is not known yet", []string{"Sales", "Billing"}, Sum, na, false, Count},
		{"all are as old as when all were known", nil, Max, "5", true, Count},
		{"what is not there has no value", []string{"Nobody"}, Max, na, false, Count},
		{"and nothing is made of the rest", []string{"Sales", "Nobody"}, Max, na, false, Count},
		{"what has no value takes no part", []string{"Sales", "Night"}, Mean, "2", false, Count},
		{"how many have one", []string{"Sales", "Night", "Nobody"}, Number, "1", false, Count},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := widget(Metric{ID: "m", Categories: test.categories, Combine: test.combine})
			s, _ := w.At(known(mixed), noon)
			if got := s.Metrics[0]; got.Text != test.text || got.Stale != test.stale || got.Kind != test.kind {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A snapshot must stay the same, but for the value of a running duration, until the time it names.
func TestSnapshotHoldsUntil(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range testlevel.Pick(500, 2_000, 50_000) {
		w := widget(Metric{ID: "m", Combine: Combine(random.IntN(int(Number) + 1))})
		samples := map[string]Reading{}
		for _, category := range []string{"a", "b", "c"}[:1+random.IntN(3)] {
			samples[category] = Line(time.Duration(random.IntN(300_000))*time.Millisecond, float64(random.IntN(7)-3)/2, noon)
		}
		observed := []Observation{observation(noon.Add(-time.Duration(random.IntN(320))*time.Second), samples)}
		first, until := w.At(known(observed...), noon)
		if until.IsZero() {
			until = noon.Add(time.Hour)
		}
		if !until.After(noon) {
			t.Fatalf("%+v holds until %v, which is not in the future", observed, until)
		}
		last, _ := w.At(known(observed...), noon.Add(time.Duration(random.Int64N(int64(until.Sub(noon))/1e6))*time.Millisecond))
		for i := range last.Metrics { // the same line, read later
			a, b := &first.Metrics[i], &last.Metrics[i]
			extended, _ := Line(a.Value.Duration, a.Rate, a.AsOf).At(b.AsOf)
			if a.Value.Kind == Duration && (extended.Duration-b.Value.Duration).Abs() > 2*time.Millisecond {
				t.Fatalf("%+v: the line of %+v says %v at %v", samples, a, extended, b)
			}
			b.Value, b.AsOf = a.Value, a.AsOf
		}
		if diff := cmp.Diff(first, last, public); diff != "" {
			t.Fatalf("%+v changed before %v:\n%s", observed, until, diff)
		}
	}
}

func TestSame(t *testing.T) {
	w := widget(waitMetric, waitingMetric)
	snapshot := func(rate float64, count float64, confirmed time.Time) Snapshot {
		s, _ := w.At(known(
			observation(confirmed, map[string]Reading{"": Line(90*time.Second, rate, noon)}),
			observation(confirmed, map[string]Reading{"": CountOf(count)}),
		), confirmed)
		return s
	}
	base := snapshot(0, 3, noon)
	tests := []struct {
		name  string
		other Snapshot
		want  bool
	}{
		{"confirmed again", snapshot(0, 3, noon.Add(10*time.Second)), true},
		{"another count", snapshot(0, 4, noon), false},
		{"now running", snapshot(1, 3, noon), false},
	}
	for _, test := range tests {
		if got := base.Same(&test.other); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}

// Two running durations are the same as long as they are nearly so at all times.
func TestSameRunning(t *testing.T) {
	w := widget(waitMetric)
	snapshot := func(base time.Duration, rate float64, instant, t time.Time) Snapshot {
		s, _ := w.At(known(observation(instant, map[string]Reading{"": Line(base, rate, instant)})), t)
		return s
	}
	soon, later := noon.Add(time.Second), noon.Add(10*time.Second)
	for _, test := range []struct {
		name  string
		other Snapshot
		want  bool
	}{
		{"the same, read later", snapshot(90*time.Second, 1, noon, later), true},
		{"a little ahead", snapshot(90*time.Second+tolerance, 1, noon, later), true},
		{"a little behind", snapshot(90*time.Second-tolerance, 1, noon, later), true},
		{"confirmed again after a little jitter", snapshot(100*time.Second, 1, later.Add(tolerance), later.Add(time.Second)), true},
		{"too far ahead", snapshot(90*time.Second+tolerance+time.Millisecond, 1, noon, later), false},
		{"too far behind", snapshot(90*time.Second-tolerance-time.Millisecond, 1, noon, later), false},
		{"two are waiting", snapshot(90*time.Second, 2, noon, noon), false},
		{"near now, and slower", snapshot(90*time.Second, .999, noon, soon), false},
		{"it stands still", snapshot(90*time.Second, 0, noon, noon), false},
		{"in other words", snapshot(90*time.Second, 1, noon, noon.Add(31*time.Second)), false},
	} {
		base := snapshot(90*time.Second, 1, noon, noon)
		if got, reverse := base.Same(&test.other), test.other.Same(&base); got != test.want || reverse != test.want {
			t.Errorf("%s: got %v, and %v the other way round", test.name, got, reverse)
		}
	}
}

// What is shown of a running duration is never off by more than the tolerance, however long it is shown and whichever way its
// line wanders; and where the line only trembles, it is hardly ever replaced.
func TestJitterDoesNotAddUp(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, test := range []struct {
		name    string
		rate    float64
		wanders func(by time.Duration) time.Duration // from one poll to the next
		most    int                                  // replacements in 3,000 polls, beyond those for each minute
	}{
		{"jitter", 1, func(time.Duration) time.Duration { return time.Duration(random.IntN(100)) * time.Millisecond }, 0},
		{"jitter of a mean", 1. / 3, func(time.Duration) time.Duration { return time.Duration(random.IntN(100)) * time.Millisecond }, 0},
		{"a clock that is fast", 1, func(by time.Duration) time.Duration { return by + 10*time.Millisecond }, 0},
		{"a clock that is slow", 2, func(by time.Duration) time.Duration { return by - 10*time.Millisecond }, 0},
		{"one that grows otherwise than it says", .01, func(by time.Duration) time.Duration { return by + 10*time.Millisecond }, 120},
		{"a random walk", 1, func(by time.Duration) time.Duration { return by + time.Duration(random.IntN(201)-100)*time.Millisecond }, 100},
	} {
		w := widget(waitMetric)
		var shown Snapshot
		var by time.Duration
		replaced, minutes, text := 0, 0, ""
		for poll := range 3_000 {
			now := noon.Add(time.Duration(poll) * 10 * time.Second)
			by = test.wanders(by)
			line := Line(time.Minute+by, test.rate, noon)
			k := known(observation(now, map[string]Reading{"": line}))
			for until := now; until.Before(now.Add(10 * time.Second)); { // the board looks again at each of these
				next, turn := w.At(k, until)
				if next.Metrics[0].Text != text {
					text, minutes = next.Metrics[0].Text, minutes+1
				}
				if !next.Same(&shown) {
					shown, replaced = next, replaced+1
				}
				m := shown.Metrics[0]
				said, _ := Line(m.Value.Duration, m.Rate, m.AsOf).At(until)
				if is, _ := line.At(until); (said.Duration - is.Duration).Abs() > tolerance+2*time.Millisecond {
					t.Fatalf("%s, poll %d: shown %v, is %v", test.name, poll, said.Duration, is.Duration)
				}
				until = turn
			}
		}
		if replaced-minutes > test.most {
			t.Errorf("%s: replaced %d times beside %d", test.name, replaced-minutes, minutes)
		}
		t.Logf("%s: replaced %d times in 3,000 polls, %d of them for a minute", test.name, replaced, minutes)
	}
}
