package cli

import (
	"testing"
	"time"

	"waitboard/simulator"
)

// The demo's estimate is learned before the first second, and true, at each speed.
func TestDemoLearns(t *testing.T) {
	now := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	for _, speed := range []float64{0.01, 1, 60} {
		c := &demoCommand{simulatorFlags: simulatorFlags{Seed: 1, Speed: speed}}
		cfg, err := c.config("key", now)
		if err != nil {
			t.Fatal(err)
		}
		m := &cfg.Widgets[0].Metrics[1]
		archive, err := c.learn(m, now)
		if err != nil {
			t.Fatal(err)
		}
		e := archive.Expectation(now, m.Estimate.Low, m.Estimate.High)
		if len(e.Waits) == 0 {
			t.Errorf("speed %v: nothing is expected of %d callers", speed, e.Score.Samples)
			continue
		}
		n := float64(e.Score.Samples)
		covered, longer := float64(e.Score.Covered)/n, float64(e.Score.Longer)/n
		if n < 200 || covered < 0.6 || longer > 0.15 {
			t.Errorf("speed %v: of %v callers %.3f waited as long as said, %.3f longer: %v", speed, n, covered, longer, e.Waits)
		}
		t.Logf("speed %v: of %v callers %.3f waited as long as said, %.3f longer", speed, n, covered, longer)
	}
}

func TestDemoLearnsFromTheSameCalls(t *testing.T) {
	calls := func() (n int) {
		begin := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
		if err := simulator.Replay(simulator.Options{Seed: 2}, "Support", begin, begin.Add(time.Hour), func(time.Time, simulator.Line) { n++ }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if first, second := calls(), calls(); first != second || first < 100 {
		t.Errorf("%d events, then %d", first, second)
	}
}
