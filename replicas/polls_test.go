package replicas

import (
	"sync/atomic"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// A source receives from three replicas what one would send: n + 3 polls in n intervals, and one WebSocket.
func TestPollsAsOfOne(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	for _, test := range []struct {
		mode     string
		interval time.Duration
		sockets  int64
	}{{"auto", 5 * time.Second, 1}, {"poll", 2 * time.Second, 0}} {
		t.Run(test.mode, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{interval: test.interval, mode: test.mode, speed: 5})
			w.startThree()
			w.settle()
			w.eventually("its WebSocket is open", func() bool { return w.sim.Requests().Open == test.sockets })
			var most atomic.Int64
			stop := w.during(20*time.Millisecond, func() { most.Store(max(most.Load(), w.sim.Requests().Open)) })
			before, began := w.sim.Requests(), time.Now()
			pass(12 * test.interval)
			after := w.sim.Requests()
			intervals := int64(time.Since(began)/test.interval) + 1
			stop()
			polls, attempts := after.Values-before.Values, after.Subscriptions-before.Subscriptions
			t.Logf("%d polls in %d intervals, %d new subscriptions, at most %d open", polls, intervals, attempts, most.Load())
			if polls > intervals+3 || polls < 1 {
				t.Errorf("%d polls in %d intervals", polls, intervals)
			}
			if attempts != 0 || after.Open != test.sockets || most.Load() != test.sockets {
				t.Errorf("%d new subscriptions, %d open, at most %d", attempts, after.Open, most.Load())
			}
		})
	}
}
