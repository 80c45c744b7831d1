package chronicall

import (
	"math/rand/v2"
	"testing"
	"time"
)

// answers samples the clock every 10 seconds: a server that is ahead, whose answers take the given times there and back.
func answers(c *clock, n int, start time.Time, ahead time.Duration, there, back func() time.Duration) (estimates []time.Duration) {
	for i := range n {
		asked := start.Add(time.Duration(i) * 10_137 * time.Millisecond)
		written := asked.Add(there())
		answered := written.Add(back())
		estimate, _ := c.sample(asked, answered, written.Add(ahead).Truncate(time.Second))
		estimates = append(estimates, estimate)
	}
	return estimates
}

func TestClock(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	random := rand.New(rand.NewPCG(7, 8))
	jitter := func() time.Duration { return time.Duration(random.IntN(800)) * time.Millisecond }
	tests := []struct {
		name  string
		ahead time.Duration
	}{
		{"right", 0}, {"a little ahead", 1500 * time.Millisecond}, {"minutes ahead", 5*time.Minute + 300*time.Millisecond},
		{"hours behind", -3 * time.Hour}, {"years behind", -5 * 365 * 24 * time.Hour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var c clock
			estimates := answers(&c, 200, start, test.ahead, jitter, jitter)
			if test.ahead == 0 {
				for _, e := range estimates {
					if e != 0 {
						t.Fatalf("a right clock was estimated %v ahead", e)
					}
				}
			}
			for i, e := range estimates {
				if (e - test.ahead).Abs() > 2*time.Second {
					t.Errorf("answer %d: %v instead of %v", i, e, test.ahead)
				}
			}
			for i := 100; i < 200; i++ { // once settled, jitter moves it no more
				if change := (estimates[i] - estimates[i-1]).Abs(); change > 100*time.Millisecond {
					t.Errorf("answer %d moved the estimate by %v", i, change)
				}
			}
		})
	}
	t.Run("set while running", func(t *testing.T) {
		var c clock
		answers(&c, 20, start, 0, jitter, jitter)
		later := start.Add(time.Hour)
		if _, sure := c.sample(later, later, later.Add(2*time.Minute)); sure {
			t.Error("a first sample that contradicts all before is believed")
		}
		later = later.Add(10 * time.Second)
		if got, sure := c.sample(later, later, later.Add(2*time.Minute)); !sure || (got-2*time.Minute).Abs() > 2*time.Second {
			t.Errorf("got %v, %v after a second sample", got, sure)
		}
	})
	t.Run("a stray date", func(t *testing.T) {
		var c clock
		answers(&c, 20, start, 0, jitter, jitter)
		later := start.Add(time.Hour)
		c.sample(later, later, later.Add(-10*time.Minute))
		if got, sure := c.sample(later, later, later); got != 0 || !sure {
			t.Errorf("got %v, %v after it", got, sure)
		}
	})
	t.Run("a cache that says the same again and again", func(t *testing.T) {
		var c clock
		answers(&c, 20, start, 0, jitter, jitter)
		later := start.Add(time.Hour)
		for _, pause := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 10 * time.Second} {
			for range 50 {
				later = later.Add(pause)
				if got, sure := c.sample(later, later, start.Add(5*time.Minute)); got != 0 || sure {
					t.Fatalf("every %v: got %v, %v", pause, got, sure)
				}
			}
		}
		if _, sure := c.sample(later, later, later); !sure {
			t.Error("a right date is not believed after it")
		}
	})
	t.Run("a cache that says the same again and again of several addresses", func(t *testing.T) {
		var c clock
		answers(&c, 20, start, 0, jitter, jitter)
		later := start.Add(time.Hour)
		for range 50 {
			later = later.Add(10 * time.Second)
			for kept := range 4 { // which were asked for one after the other
				if got, sure := c.sample(later, later, start.Add(5*time.Minute+time.Duration(kept)*time.Second)); got != 0 || sure {
					t.Fatalf("got %v, %v", got, sure)
				}
			}
		}
	})
	t.Run("a clock that is set, of a source that is asked often", func(t *testing.T) {
		var c clock
		answers(&c, 20, start, 0, jitter, jitter)
		later, passed := start.Add(time.Hour), 0
		for sure := false; !sure; passed++ {
			_, sure = c.sample(later, later, later.Add(-10*time.Minute).Truncate(time.Second))
			later = later.Add(time.Second)
		}
		if passed > 5 {
			t.Errorf("it is believed after %d seconds", passed)
		}
	})
	t.Run("a header that jitters by a second is damped", func(t *testing.T) {
		var c clock
		for i := range 100 {
			date := start.Add(time.Duration(i)*10*time.Second + time.Duration(i%3-1)*2*time.Second)
			if got, _ := c.sample(start.Add(time.Duration(i)*10*time.Second), start.Add(time.Duration(i)*10*time.Second), date); got.Abs() > time.Second {
				t.Fatalf("answer %d: estimate %v", i, got)
			}
		}
	})
	t.Run("no Date header", func(t *testing.T) {
		var c clock
		if got, _ := c.sample(start, start, time.Time{}); got != 0 {
			t.Errorf("got %v", got)
		}
	})
}
