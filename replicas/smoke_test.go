package replicas

import (
	"syscall"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// Two replicas show the same. When one stops, the other goes on.
func TestTwoReplicas(t *testing.T) {
	testlevel.Short(t)
	t.Parallel()
	w := newWorld(t, options{interval: 500 * time.Millisecond, speed: 20})
	a, b := w.start(w.engine.URL()), w.start(w.engine.URL())
	w.eventually("both are ready", func() bool { return a.ready() && b.ready() })
	c := newReader(t, "/v1/widgets/support", true)
	w.eventually("they show the same, and change", func() bool {
		c.read(a.URL)
		c.read(b.URL)
		return c.unchanged > 3 && c.answers-c.unchanged > 3
	})
	holder := w.holder()
	w.all = w.without(holder)
	holder.Signal(syscall.SIGTERM)
	if err := holder.Wait(); err != nil {
		t.Error(err)
	}
	stopped := time.Now()
	w.eventually("the other one polls", func() bool {
		c.read(w.all[0].URL)
		return c.observed("support").After(stopped)
	})
	c.check()
}
