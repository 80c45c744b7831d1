package app_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"waitboard/simulator"
)

// A network is what lies between the service and a phone system, and can be bad. Its faults are those of Toxiproxy, which names them
// toxics; a test writes them as Toxiproxy's own JSON.
type network struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

// Toxiproxy logs more than it is asked to, through zerolog's own logger.
func init() { zerolog.SetGlobalLevel(zerolog.Disabled) }

// between puts a network in front of a simulated phone system.
func between(t *testing.T, sim *simulator.Simulator) *network {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	n := &network{t, toxiproxy.NewProxy(server, "hq", "127.0.0.1:0", hostOf(sim))}
	if err := n.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.proxy.Stop)
	return n
}

// url is that of the phone system, reached through the network.
func (n *network) url() string { return "http://" + n.proxy.Listen + "/rest" }

func (n *network) suffer(toxics ...string) {
	n.t.Helper()
	for _, toxic := range toxics {
		if _, err := n.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			n.t.Fatalf("%s: %v", toxic, err)
		}
	}
}

func (n *network) heal() { n.proxy.Toxics.ResetToxics(n.t.Context()) }

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
	return goleak.Find(append(slices.Clone(toxiproxyLeaves), known)...)
}

// toxiproxyLeaves is what Toxiproxy leaves behind where it cuts a connection: goroutines that wait for each other's data.
var toxiproxyLeaves = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).read"),
	goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"),
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
