package app_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waitboard/simulator"
)

// A footprint is what a process holds.
type footprint struct {
	descriptors, goroutines int // descriptors are -1 where they can't be counted
	heap                    int // bytes, after collecting garbage
}

func measure() footprint {
	runtime.GC() // twice: the first one moves what sync.Pool holds aside
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f := footprint{descriptors: -1, goroutines: runtime.NumGoroutine(), heap: int(m.HeapAlloc)}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		f.descriptors = len(open)
	}
	return f
}

// leavesNothing checks at the end of a test, after all that the test has set up is down, that the process is as it was at this
// call. A test that calls it must not be parallel; its subtests may be.
func leavesNothing(t *testing.T, allowance int) {
	t.Helper()
	warm(t)
	before, known := measure(), goleak.IgnoreCurrent()
	t.Cleanup(func() {
		err := before.left(allowance, known)
		for deadline := time.Now().Add(long); err != nil && time.Now().Before(deadline); err = before.left(allowance, known) {
			time.Sleep(10 * time.Millisecond) // the kernel and net/http close what has ended a little later
		}
		if err != nil {
			t.Error(err)
		}
		t.Logf("before %+v, after %+v", before, measure())
	})
}

// left is what the process holds more of than at this footprint, and than the bytes that are allowed for.
func (f footprint) left(allowance int, known goleak.Option) error {
	client.CloseIdleConnections()
	now := measure()
	switch {
	case now.descriptors > f.descriptors:
		return fmt.Errorf("descriptors: %d before, %d after", f.descriptors, now.descriptors)
	case now.heap > f.heap+allowance:
		return fmt.Errorf("bytes in use: %d before, %d after", f.heap, now.heap)
	}
	return goleak.Find(known)
}

// warm has the process open what it opens once, such as the runtime's poller.
func warm(t *testing.T) {
	sim := simulate(t, simulator.Options{})
	if resp, err := client.Get(sim.URL()); err == nil {
		_ = resp.Body.Close()
	}
	client.CloseIdleConnections()
	_ = sim.Close()
}
