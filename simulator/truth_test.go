package simulator

import (
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// truthOf computes a published value by the vendor's formulas, independent of the simulator.
func truthOf(t *testing.T, v wireValue, at time.Time) (Value, bool) {
	t.Helper()
	sum := func(base int64) time.Duration {
		running := at.Sub(v.Value.LastUpdateTime)
		return time.Duration(base)*time.Millisecond + time.Duration(v.Value.NumCountingUp-v.Value.NumCountingDown)*running
	}
	switch v.Value.Type {
	case "BOOLEAN":
		return Value{Kind: KindBoolean, Bool: v.Value.Value.(bool)}, true
	case "COUNT":
		return Value{Kind: KindCount, Count: v.Value.Count}, true
	case "STRING":
		return Value{Kind: KindText, Text: v.Value.Value.(string)}, true
	case "DURATION":
		return Value{Kind: KindDuration, Duration: sum(v.Value.FinishedDuration)}, true
	case "AVERAGE_DURATION":
		if v.Value.Count == 0 {
			return Value{}, false
		}
		return Value{Kind: KindDuration, Duration: sum(v.Value.DurationSum) / time.Duration(v.Value.Count)}, true
	default:
		return Value{}, false
	}
}

func TestTruthMatchesPublishedValues(t *testing.T) {
	s, clock := start(t, Options{Seed: 11, Speed: 5, Mark: "m"})
	kinds, none := map[string]int{}, 0
	for range testlevel.Pick(30, 50, 500) {
		at := clock.advance(7300 * time.Millisecond)
		published := values(t, s, allIDs(s)...)
		// A past value must not change after the center has advanced.
		later := clock.advance(4 * time.Second)
		s.Truth("mK0FLAEB6", "", later)
		for _, v := range published {
			want, wantOK := truthOf(t, v, at)
			got, ok := s.Truth(v.Key.MetricID, v.Key.CategoryValue, at)
			if got != want || ok != wantOK {
				t.Fatalf("%+v at %v: truth %+v, %v; published %+v, %v", v.Key, at, got, ok, want, wantOK)
			}
			kinds[got.Kind]++
			if !ok {
				none++
			}
		}
	}
	for _, kind := range []string{KindDuration, KindCount, KindBoolean, KindText} {
		if kinds[kind] == 0 {
			t.Errorf("no value of kind %s", kind)
		}
	}
	if none == 0 {
		t.Error("no value was ever absent")
	}
}

// Events change the lastUpdateTime of a running value; requests don't.
func TestLastUpdateTimeStays(t *testing.T) {
	s, clock := start(t, Options{Seed: 2})
	before := values(t, s, "K0W4ITGD")
	clock.advance(time.Millisecond)
	for i, after := range values(t, s, "K0W4ITGD") {
		if after != before[i] {
			t.Errorf("%+v became %+v within a millisecond", before[i], after)
		}
		if after.Value.LastUpdateTime.After(clock.Now()) {
			t.Errorf("%+v was updated in the future", after)
		}
	}
	if before[0].Value.NumCountingUp != 1 {
		t.Errorf("nobody waits for Support: %+v", before[0])
	}
}

func TestTruthOutOfReach(t *testing.T) {
	s, clock := start(t, Options{})
	now := clock.advance(time.Hour)
	for _, tc := range []struct {
		name, id, category string
		at                 time.Time
		want               bool
	}{
		{"now", "K0W4ITGD", "Support", now, true},
		{"half a minute ahead", "K0W4ITGD", "Support", now.Add(30 * time.Second), true},
		{"now, having looked ahead", "K0W4ITGD", "Support", now, true},
		{"a minute back", "K0W4ITGD", "Support", now.Add(-time.Minute), true},
		{"an hour ahead", "K0W4ITGD", "Support", now.Add(time.Hour), false},
		{"two hours back", "K0FLAEB6", "", now.Add(-2 * time.Hour), false},
		{"no category", "K0W4ITGD", "", now, false},
		{"unknown category", "K0W4ITGD", "Nobody", now, false},
		{"unknown metric", "NOPE", "", now, false},
		{"a metric that is not assigned", s.UnassignedID(), "", now, true},
	} {
		if v, ok := s.Truth(tc.id, tc.category, tc.at); ok != tc.want {
			t.Errorf("%s: %+v, %v; want %v", tc.name, v, ok, tc.want)
		}
	}
	if n := s.Requests(); n.Values != 0 {
		t.Errorf("counted %+v", n)
	}
}
