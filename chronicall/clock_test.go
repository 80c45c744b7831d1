package chronicall

import (
	"math/rand/v2"
	"testing"
	"time"
)

// answers samples the clock every 10 seconds, of a server that is ahead. there and back return the time that each way takes.
func answers(c *clock, n int, start time.Time, ahead time.Duration, there, back func() time.Duration) (estimates []time.Duration) {
	for i := range n {
		asked := start.Add(time.Duration(i) * 10_137 * time.Millisecond)
		written := asked.Add(there())
		answered := written.Add(back())
		estimates = append(estimates, c.sample(asked, answered, written.Add(ahead).Truncate(time.Second)).ahead)
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
			for i := 100; i < 200; i++ { // then jitter no longer moves it
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
		if !c.sample(later, later, later.Add(2*time.Minute)).doubtful {
			t.Error("a single contradicting sample is believed")
		}
		later = later.Add(10 * time.Second)
		if got := c.sample(later, later, later.Add(2*time.Minute)); got.doubtful || (got.ahead-2*time.Minute).Abs() > 2*time.Second {
			t.Errorf("got %+v after a second sample", got)
		}
	})
	t.Run("a single wrong date", func(t *testing.T) {
		var c clock
		answers(&c, 20, start, 0, jitter, jitter)
		later := start.Add(time.Hour)
		c.sample(later, later, later.Add(-10*time.Minute))
		if got := c.sample(later, later, later); got.ahead != 0 || got.doubtful {
			t.Errorf("got %+v after it", got)
		}
	})
	t.Run("a cached answer again and again", func(t *testing.T) {
		var c clock
		answers(&c, 20, start, 0, jitter, jitter)
		later := start.Add(time.Hour)
		for _, pause := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 10 * time.Second} {
			for range 50 {
				later = later.Add(pause)
				if got := c.sample(later, later, start.Add(5*time.Minute)); got.ahead != 0 || !got.doubtful {
					t.Fatalf("every %v: got %+v", pause, got)
				}
			}
		}
		if c.sample(later, later, later).doubtful {
			t.Error("a right date is not believed after it")
		}
	})
	t.Run("several cached answers again and again", func(t *testing.T) {
		var c clock
		answers(&c, 20, start, 0, jitter, jitter)
		later := start.Add(time.Hour)
		for range 50 {
			later = later.Add(10 * time.Second)
			for cached := range 4 {
				if got := c.sample(later, later, start.Add(5*time.Minute+time.Duration(cached)*time.Second)); got.ahead != 0 || !got.doubtful {
					t.Fatalf("got %+v", got)
				}
			}
		}
	})
	t.Run("set while polled every second", func(t *testing.T) {
		var c clock
		answers(&c, 20, start, 0, jitter, jitter)
		later, passed := start.Add(time.Hour), 0
		for sure := false; !sure; passed++ {
			sure = !c.sample(later, later, later.Add(-10*time.Minute).Truncate(time.Second)).doubtful
			later = later.Add(time.Second)
		}
		if passed > 5 {
			t.Errorf("it is believed after %d seconds", passed)
		}
	})
	t.Run("a jittering header", func(t *testing.T) {
		var c clock
		for i := range 100 {
			date := start.Add(time.Duration(i)*10*time.Second + time.Duration(i%3-1)*2*time.Second)
			if got := c.sample(start.Add(time.Duration(i)*10*time.Second), start.Add(time.Duration(i)*10*time.Second), date); got.ahead.Abs() > time.Second {
				t.Fatalf("answer %d: %+v", i, got)
			}
		}
	})
	t.Run("no Date header", func(t *testing.T) {
		var c clock
		if got := c.sample(start, start, time.Time{}); got != (offset{}) {
			t.Errorf("got %+v", got)
		}
	})
}

// The nodes of a cluster answer in turns or at random, each by its own clock.
func TestClockOfACluster(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	random := rand.New(rand.NewPCG(9, 10))
	inTurns := func(i, n int) int { return i % n }
	byChance := func(_, n int) int { return random.IntN(n) }
	tests := map[string]struct {
		ahead    []time.Duration // each node's clock
		interval time.Duration
		next     func(i, n int) int
	}{
		"one is behind":                    {[]time.Duration{0, -8 * time.Second}, 10 * time.Second, inTurns},
		"one is behind, the first":         {[]time.Duration{-8 * time.Second, 0}, 10 * time.Second, inTurns},
		"one is ahead":                     {[]time.Duration{0, 20 * time.Second}, 10 * time.Second, inTurns},
		"by more than an interval":         {[]time.Duration{0, -8 * time.Second}, 5 * time.Second, inTurns},
		"both are off":                     {[]time.Duration{time.Minute, -time.Minute}, 10 * time.Second, byChance},
		"three, one of them by an hour":    {[]time.Duration{0, 5 * time.Second, -time.Hour}, 10 * time.Second, byChance},
		"clocks that are nearly the same":  {[]time.Duration{0, 2 * time.Second}, 10 * time.Second, inTurns},
		"a node that answers now and then": {[]time.Duration{0, -8 * time.Second}, 10 * time.Second, func(i, _ int) int { return min(i%20, 1) ^ 1 }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var splits []time.Duration
			c := clock{onSecondNode: func(apart time.Duration) { splits = append(splits, apart) }}
			for i := range 400 {
				at := start.Add(time.Duration(i)*test.interval + time.Duration(random.IntN(500))*time.Millisecond)
				ahead := test.ahead[test.next(i, len(test.ahead))]
				b := c.sample(at, at.Add(30*time.Millisecond), at.Add(ahead).Truncate(time.Second))
				if i < 100 {
					continue
				}
				if b.doubtful || (b.ahead-ahead).Abs() > 2*time.Second {
					t.Fatalf("answer %d, of a node %v ahead: %+v", i, ahead, b)
				}
				if theirs := b.ahead - b.shift - c.nodes[0].ahead + c.nodes[0].shift; theirs.Abs() > time.Second {
					t.Errorf("answer %d is put %v from others of the same time", i, theirs)
				}
			}
			if len(splits) > 1 {
				t.Errorf("noted %d times", len(splits))
			}
		})
	}
	t.Run("occasional cached answers", func(t *testing.T) {
		c := clock{onSecondNode: func(time.Duration) { t.Error("taken for one") }}
		for i := range 400 {
			at := start.Add(time.Duration(i) * 10 * time.Second)
			if i%7 != 6 {
				c.sample(at, at, at)
				continue
			}
			if b := c.sample(at, at, start.Add(-time.Minute)); !b.doubtful {
				t.Fatalf("answer %d: %+v", i, b)
			}
		}
	})
	t.Run("a socket keeps the clock of its node", func(t *testing.T) {
		var c clock
		var socket offset
		for i := range 100 {
			at := start.Add(time.Duration(i) * 10 * time.Second)
			b := c.sample(at, at, at.Add(time.Duration(i%2)*-8*time.Second))
			if i == 51 {
				socket = b
			}
		}
		if got := c.of(socket.node); got != socket || (got.ahead+8*time.Second).Abs() > time.Second || got.shift != -8*time.Second {
			t.Errorf("got %+v, at its handshake %+v", got, socket)
		}
	})
}
