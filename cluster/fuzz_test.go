package cluster

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
)

// FuzzDecode checks that what can be read can be written, and stays the same.
func FuzzDecode(f *testing.F) {
	raw, _ := encode("wait", &domain.Observation{
		Confirmed: time.UnixMilli(1), Kind: domain.Duration, Samples: map[string]domain.Sample{"a": {Reading: domain.CountOf(3), Confirmed: time.UnixMilli(1)}},
		Held: map[domain.Placement]domain.Held{{Widget: "w", Metric: "m"}: {Amount: 3, Since: time.UnixMilli(1)}},
	})
	f.Add(raw)
	f.Add([]byte(`{"metric":"m","confirmed":"9999-12-31T23:59:59-23:59","samples":{"":{"base":1e308,"kind":255}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		metric, o, ok := decode(raw)
		if !ok {
			return
		}
		again, ok := encode(metric, &o)
		if !ok {
			return // a year that UTC moves past 9999
		}
		_, same, ok := decode(again)
		if diff := cmp.Diff(o, same); !ok || diff != "" {
			t.Errorf("not the same: %v\n%s", ok, diff)
		}
	})
}

// What JSON can't hold stays with this replica.
func TestEncodeImpossible(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]domain.Observation{
		"year 10000": {Confirmed: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"NaN":        {Samples: map[string]domain.Sample{"": {Reading: domain.CountOf(math.NaN())}}},
		"infinity":   {Held: map[domain.Placement]domain.Held{{}: {Amount: math.Inf(1)}}},
	} {
		if _, ok := encode("m", &o); ok {
			t.Errorf("%s: encoded", name)
		}
	}
}

func TestParseBeat(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		reply []any
		ok    bool
	}{
		{"right", []any{"1", "2", []any{"b", "a"}}, true},
		{"nothing", nil, false},
		{"numbers", []any{int64(1), int64(2), []any{}}, false},
		{"no time", []any{"x", "2", []any{}}, false},
		{"no list", []any{"1", "2", "a"}, false},
		{"other members", []any{"1", "2", []any{"b", nil, int64(3), "a"}}, true},
	} {
		_, live, ok := parseBeat(test.reply)
		if ok != test.ok || ok && !cmp.Equal(live, []string{"a", "b"}) {
			t.Errorf("%s: %q, %v", test.name, live, ok)
		}
	}
}
