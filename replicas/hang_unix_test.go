//go:build unix

package replicas

import (
	"syscall"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// A holder that hangs loses the lease. When it continues, the engine rejects its writes, it follows, and it shows nothing older than the
// others have shown.
func TestHolderHangs(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	w := newWorld(t, options{interval: 2 * time.Second, speed: 30, configuration: brief})
	w.startThree()
	w.settle()
	old := w.holder()
	c := newReader(t, "/v1/widgets/support", true)
	waiting := newReader(t, "/v1/widgets/support", false) // asks the one that hangs
	waiting.read(old.URL)
	tokens := w.watchTokens()
	others := w.without(old)

	old.Signal(syscall.SIGSTOP)
	stopped := time.Now()
	turn := 0
	stop := w.during(10*time.Millisecond, func() {
		c.read(others[turn%2].URL)
		turn++
	})
	w.eventually("another replica took over", func() bool {
		return others[0].metrics()[lease]+others[1].metrics()[lease] == 1 && c.observed("support").After(stopped)
	})
	t.Logf("another replica took over after %v", time.Since(stopped).Round(time.Millisecond))
	pass(30*time.Second - time.Since(stopped))
	stop()

	// Requests wait for the replica: their answers are the first that it sends.
	answered := make(chan *reader, 20)
	for i := range cap(answered) {
		early := newReader(t, "/v1/widgets/support", i%2 == 0)
		early.tag, early.seen = c.tag, map[string]time.Time{}
		if early.revalidates {
			for of, at := range c.seen {
				early.seen[of] = at
			}
		}
		go func() {
			early.read(old.URL)
			answered <- early
		}()
	}
	pass(time.Second) // until they are sent
	old.Signal(syscall.SIGCONT)
	var first []*reader
	for range cap(answered) {
		early := <-answered
		w.honest(early)
		first = append(first, early)
	}
	total(first).check()
	w.eventually("it follows", func() bool { return old.metrics()[lease] == 0 && w.holder() != old })
	continued := time.Now()
	w.eventually("some seconds pass", func() bool {
		c.read(w.all[turn%3].URL)
		w.honest(c)
		turn++
		return time.Since(continued) > 10*time.Second && c.observed("support").After(continued)
	})
	c.check()
	t.Logf("%v writes of the old holder were refused", old.metrics()["waitboard_cluster_refused_writes_total"])
	if handovers := tokens(); handovers < 1 {
		t.Errorf("%d handovers", handovers)
	}
}
