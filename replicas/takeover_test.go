package replicas

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// When the holder stops, and when it is killed, the others soon show fresh readings. Their visitors notice nothing.
func TestHolderEnds(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	w := newWorld(t, options{interval: 5 * time.Second, mode: "poll", speed: 5})
	w.startThree()
	w.settle()
	w.holderEnds(syscall.SIGTERM, w.o.interval)
	w.start(w.engine.URL())
	w.settle()
	w.holderEnds(syscall.SIGKILL, 10*time.Second)
}

// holderEnds sends a signal to the holder, and waits until the others show fresh readings.
func (w *world) holderEnds(signal syscall.Signal, bar time.Duration) {
	w.Helper()
	holder := w.holder()
	w.all = w.without(holder)
	c, turn := newReader(w.T, "/v1/widgets/support", true), 0
	stop := w.during(10*time.Millisecond, func() {
		c.read(w.all[turn%len(w.all)].URL)
		turn++
	})
	holder.Signal(signal)
	ended := time.Now()
	for _, r := range w.all {
		own := newReader(w.T, "/v1/widgets/support", false)
		w.eventually("fresh readings", func() bool {
			own.read(r.URL)
			return own.observed("support").After(ended)
		})
		took := time.Since(ended)
		w.Logf("%v: fresh readings after %v, under %v: %v", signal, took.Round(time.Millisecond), bar, took < bar)
	}
	if err := holder.Wait(); err != nil && signal == syscall.SIGTERM {
		w.Error(err)
	}
	stop()
	c.check()
}

// honest fails the test if an answer passes for fresh, or shows values, though its values are too old for that. Date has whole seconds.
func (w *world) honest(c *reader) {
	w.Helper()
	sent, err := http.ParseTime(c.last.Header.Get("Date"))
	if err != nil {
		w.Fatal(err)
	}
	for _, s := range c.snapshots {
		age := sent.Sub(s.ObservedAt)
		if s.State == "open" && (age > briefHide+time.Second || !s.Stale && age > briefStale+time.Second) {
			w.Errorf("values of %v ago, stale: %v", age, s.Stale)
		}
	}
}

// watchTokens watches the states on the engine. Neither token nor revision may go back. The function that it returns returns how often the
// token has changed.
func (w *world) watchTokens() (stop func() (handovers int)) {
	ctx := context.Background()
	keys, err := w.client.Keys(ctx, "waitboard:src:*:state").Result()
	if err != nil || len(keys) != 1 {
		w.Fatalf("%d states, %v", len(keys), err)
	}
	var token, revision int64
	changes := -1 // the first one is none
	ended := w.during(5*time.Millisecond, func() {
		state, err := w.client.HMGet(ctx, keys[0], "t", "r").Result()
		if err != nil {
			return // the test has failed
		}
		now, _ := strconv.ParseInt(fmt.Sprint(state[0]), 10, 64)
		at, _ := strconv.ParseInt(fmt.Sprint(state[1]), 10, 64)
		if now < token || at < revision {
			w.Errorf("token %d and revision %d after %d and %d", now, at, token, revision)
		}
		if now != token {
			changes++
		}
		token, revision = now, at
	})
	return func() int { ended(); return changes }
}

const briefStale, briefHide = 13 * time.Second, 25 * time.Second

// brief is a configuration whose values become stale soon.
const brief = `
listen: 127.0.0.1:0
admin: localhost:0
{cluster}
sources: {hq: {url: "{source}", key_env: KEY, interval: {interval}, mode: {mode}}}
widgets:
  support:
    stale_after: 13s
    hide_after: 25s
    metrics:
      wait: {metric: Current Wait Time, category: Support}
      waiting: {metric: Calls Waiting, category: Support}
`
