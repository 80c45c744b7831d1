package trend

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"waitboard/domain"
)

var start = time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)

var wait = domain.Placement{Widget: "support", Metric: "wait"}

// Samples come in order. A minute without one is a gap, and the oldest ones give way.
func TestValues(t *testing.T) {
	var v Values
	if got := v.Of(wait); got != nil {
		t.Errorf("without samples: %v", got)
	}
	add := func(minute int, sample float32) {
		v.Add(start.Add(time.Duration(minute)*time.Minute), map[domain.Placement]float32{wait: sample})
	}
	check := func(name string, want ...float32) {
		t.Helper()
		got := v.Of(wait)
		if len(got) != Minutes {
			t.Fatalf("%s: %d samples", name, len(got))
		}
		if last := got[Minutes-len(want):]; fmt.Sprint(last) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", name, last, want)
		}
		if !math.IsNaN(float64(got[0])) && len(want) < Minutes {
			t.Errorf("%s: the oldest is %v", name, got[0])
		}
	}
	add(0, 1)
	add(1, 2)
	check("two", nan, 1, 2)
	add(4, 3)
	check("a gap", 1, 2, nan, nan, 3)
	add(4, 4)
	check("twice in a minute", 1, 2, nan, nan, 4)
	add(1000, 5)
	check("a long gap", nan, nan, 5)
	for i := range 500 {
		add(1001+i, float32(i))
	}
	if got := v.Of(wait); got[0] != 320 || got[Minutes-1] != 499 || slices.ContainsFunc(got, func(s float32) bool { return s != s }) {
		t.Errorf("three hours: %v", got)
	}
	v.Add(start.Add(2000*time.Minute), map[domain.Placement]float32{{Widget: "other", Metric: "wait"}: 1})
	if got := v.Of(wait); got != nil {
		t.Errorf("of a metric that is gone: %v", got)
	}
}

func TestSample(t *testing.T) {
	for _, test := range []struct {
		value domain.Value
		want  float32
	}{
		{domain.Value{Kind: domain.Duration, Duration: 90500 * time.Millisecond}, 90.5},
		{domain.Value{Kind: domain.Count, Number: 7}, 7},
		{domain.Value{Kind: domain.Boolean, Flag: true}, 1},
		{domain.Value{Kind: domain.Boolean}, 0},
		{domain.Value{Kind: domain.Text, Text: "x"}, nan},
		{domain.Value{}, nan},
	} {
		if got := Sample(test.value); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%+v: %v", test.value, got)
		}
	}
}

// Polls are counted by the minute for an hour.
func TestPolls(t *testing.T) {
	var p Polls
	if ended, _ := p.Last(); !ended.IsZero() || p.Of(start)[Hour-1] != (Minute{}) {
		t.Error("not empty")
	}
	for i := range 90 * 6 { // 90 minutes, every tenth poll fails
		p.Add(start.Add(time.Duration(i)*10*time.Second), 20*time.Millisecond, i%10 == 0)
	}
	last := start.Add((90*6 - 1) * 10 * time.Second)
	if ended, took := p.Last(); !ended.Equal(last) || took != 20*time.Millisecond {
		t.Errorf("last at %v, took %v", ended, took)
	}
	polls, failures := 0, 0
	for _, m := range p.Of(last) {
		polls, failures = polls+int(m.Polls), failures+int(m.Failures)
	}
	if polls < 354 || polls > 360 || failures < 35 || failures > 36 {
		t.Errorf("%d polls, %d failures", polls, failures)
	}
	for minutes, want := range map[int]uint16{1: 6, 59: 6, 60: 0, 600: 0} {
		if got := p.Of(last.Add(time.Duration(minutes) * time.Minute))[max(Hour-2-minutes, 0)]; minutes < Hour-1 && got.Polls != want || minutes >= Hour && got.Polls != 0 {
			t.Errorf("%d minutes later: %+v", minutes, got)
		}
	}
	p.Add(last.Add(30*time.Minute), time.Second, true)
	if got := p.Of(last.Add(30 * time.Minute)); got[Hour-1] != (Minute{1, 1}) || got[Hour-2] != (Minute{}) || got[Hour-32].Polls == 0 {
		t.Errorf("after a pause: %v", got)
	}
}

// crowd returns samples of 1,000 widgets with three metrics each.
func crowd() map[domain.Placement]float32 {
	samples := map[domain.Placement]float32{}
	for i := range 1000 {
		for j := range 3 {
			samples[domain.Placement{Widget: fmt.Sprint("widget-", i), Metric: fmt.Sprint("metric-", j)}] = float32(i)
		}
	}
	return samples
}

// 3,000 metrics take less than 3 MB, however long the service runs.
func TestMemory(t *testing.T) {
	samples := crowd()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	v := new(Values)
	for i := range 2 * Minutes {
		v.Add(start.Add(time.Duration(i)*time.Minute), samples)
	}
	size := int64(heap()) - int64(before)
	t.Logf("%d bytes", size)
	if size > 3e6 {
		t.Errorf("%d bytes", size)
	}
	runtime.KeepAlive(v)
	runtime.KeepAlive(samples)
}

func BenchmarkAdd(b *testing.B) {
	b.ReportAllocs()
	v, samples, at := new(Values), crowd(), start
	for b.Loop() {
		at = at.Add(time.Minute)
		v.Add(at, samples)
	}
}
