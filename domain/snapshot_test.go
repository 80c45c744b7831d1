package domain

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/internal/testlevel"
	"waitboard/locale"
)

func widget(metrics ...WidgetMetric) *Widget {
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

func inputs(observed ...Observation) Inputs { return Inputs{Observed: observed} }

const na = "Not available"

var (
	waitMetric    = WidgetMetric{ID: "wait", Label: "Current wait time"}
	waitingMetric = WidgetMetric{ID: "waiting", Label: "Calls in queue"}
	fourMinutes   = map[string]Reading{"": Line(4*time.Minute, 0, noon)}
	threeCalls    = map[string]Reading{"": CountOf(3)}
)

func TestSnapshot(t *testing.T) {
	seconds := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	shownWait := Shown{ID: "wait", Label: "Current wait time", Kind: Duration, Text: "4 min",
		Value: Value{Kind: Duration, Duration: 4 * time.Minute}}
	shownWaiting := Shown{ID: "waiting", Label: "Calls in queue", Kind: Count, Text: "3", Value: Value{Kind: Count, Number: 3}}
	stale := func(m Shown) Shown { m.Stale = true; return m }
	hidden := func(m Shown, kind Kind) Shown { return Shown{ID: m.ID, Label: m.Label, Kind: kind, Text: na} }

	tests := []struct {
		name     string
		observed []Observation
		at       time.Time
		want     Snapshot // without the widget's ID, title and refresh
		until    time.Time
	}{
		{
			"no readings", []Observation{{}, {}}, noon,
			Snapshot{State: Initializing, Metrics: []Shown{hidden(shownWait, None), hidden(shownWaiting, None)}}, time.Time{},
		},
		{
			"fresh", []Observation{observation(noon, fourMinutes), observation(seconds(1), threeCalls)}, seconds(2),
			Snapshot{State: Open, ObservedAt: noon, Metrics: []Shown{shownWait, shownWaiting}}, seconds(45),
		},
		{
			"one stale", []Observation{observation(noon, fourMinutes), observation(seconds(40), threeCalls)}, seconds(45),
			Snapshot{State: Open, Stale: true, ObservedAt: noon, Metrics: []Shown{stale(shownWait), shownWaiting}}, seconds(85),
		},
		{
			"one hidden, and the rest is not stale for it", []Observation{observation(noon, fourMinutes), observation(seconds(299), threeCalls)}, seconds(300),
			Snapshot{State: Open, ObservedAt: seconds(299), Metrics: []Shown{hidden(shownWait, Duration), shownWaiting}}, seconds(344),
		},
		{
			"one metric without a reading", []Observation{{}, observation(noon, threeCalls)}, noon,
			Snapshot{State: Open, ObservedAt: noon, Metrics: []Shown{hidden(shownWait, None), shownWaiting}}, seconds(45),
		},
		{
			"all too old", []Observation{{}, observation(noon, threeCalls)}, seconds(300),
			Snapshot{State: Unavailable, Metrics: []Shown{hidden(shownWait, None), hidden(shownWaiting, Count)}}, time.Time{},
		},
		{
			"no value now is a reading", []Observation{observation(noon, map[string]Reading{"": {}}), observation(noon, threeCalls)}, noon,
			Snapshot{State: Open, ObservedAt: noon, Metrics: []Shown{hidden(shownWait, None), shownWaiting}}, seconds(45),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := widget(waitMetric, waitingMetric)
			test.want.ID, test.want.Title, test.want.Locale, test.want.RefreshAfter = w.ID, w.Title, w.Locale, w.RefreshAfter
			test.want.StaleAfter, test.want.HideAfter = w.StaleAfter, w.HideAfter
			got, until := w.At(inputs(test.observed...), test.at)
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
		"Support": {Reading: CountOf(5), Confirmed: noon.Add(-time.Minute)}, // initializing in the last poll
		"Billing": {},                                                       // initializing, without a last value
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
		{"a sum without one part", []string{"Sales", "Billing"}, Sum, na, false, Count},
		{"as old as the last complete poll", nil, Max, "5", true, Count},
		{"an unknown category", []string{"Nobody"}, Max, na, false, Count},
		{"a known and an unknown category", []string{"Sales", "Nobody"}, Max, na, false, Count},
		{"a mean without an absent value", []string{"Sales", "Night"}, Mean, "2", false, Count},
		{"number of values", []string{"Sales", "Night", "Nobody"}, Number, "1", false, Count},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := widget(WidgetMetric{ID: "m", Categories: test.categories, Combine: test.combine})
			s, _ := w.At(inputs(mixed), noon)
			if got := s.Metrics[0]; got.Text != test.text || got.Stale != test.stale || got.Kind != test.kind {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A snapshot stays the same until its end, except for the value of a running duration.
func TestSnapshotHoldsUntil(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range testlevel.Pick(500, 2_000, 50_000) {
		w := widget(WidgetMetric{ID: "m", Combine: Combine(random.IntN(int(Number) + 1))})
		samples := map[string]Reading{}
		for _, category := range []string{"a", "b", "c"}[:1+random.IntN(3)] {
			samples[category] = Line(time.Duration(random.IntN(300_000))*time.Millisecond, float64(random.IntN(7)-3)/2, noon)
		}
		observed := []Observation{observation(noon.Add(-time.Duration(random.IntN(320))*time.Second), samples)}
		first, until := w.At(inputs(observed...), noon)
		if until.IsZero() {
			until = noon.Add(time.Hour)
		}
		if !until.After(noon) {
			t.Fatalf("%+v holds until %v, not in the future", observed, until)
		}
		last, _ := w.At(inputs(observed...), noon.Add(time.Duration(random.Int64N(int64(until.Sub(noon))/1e6))*time.Millisecond))
		if diff := cmp.Diff(first, last, public); diff != "" {
			t.Fatalf("%+v changed before %v:\n%s", observed, until, diff)
		}
	}
}

func TestSame(t *testing.T) {
	w := widget(waitMetric, waitingMetric)
	snapshot := func(rate float64, count float64, confirmed time.Time) Snapshot {
		s, _ := w.At(inputs(
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
