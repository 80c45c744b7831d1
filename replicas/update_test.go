package replicas

import (
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// A balancer knows which replicas are ready, as a load balancer does.
type balancer struct {
	mu    sync.Mutex // guards what follows
	all   []*replica
	ready []*replica
	turn  int
}

// check asks all replicas.
func (b *balancer) check() {
	b.mu.Lock()
	all := b.all
	b.mu.Unlock()
	var ready []*replica
	for _, r := range all {
		if r.ready() {
			ready = append(ready, r)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready = ready
}

// next returns the address of the replica whose turn it is.
func (b *balancer) next() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn++
	return b.ready[b.turn%len(b.ready)].URL
}

// uses reports whether requests go to a replica.
func (b *balancer) uses(r *replica) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.ready, r)
}

func (b *balancer) set(all []*replica) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = all
}

// Replacing one replica after the other fails no request, and no visitor sees anything older.
func TestRollingUpdate(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	w := newWorld(t, options{interval: time.Second, speed: 30, configuration: "shutdown_delay: 15s\n" + configuration})
	w.startThree()
	b := &balancer{all: w.all}
	b.check()
	checking := w.during(100*time.Millisecond, b.check)
	visitors := crowd(t, 6)
	var reading []func()
	for _, c := range visitors {
		reading = append(reading, w.during(5*time.Millisecond, func() { c.read(b.next()) }))
	}
	before := slices.Clone(w.all)
	for _, old := range before {
		holds := old.metrics()[lease] == 1
		old.Signal(syscall.SIGTERM)
		began := time.Now()
		next := w.start(w.engine.URL())
		b.set(slices.Clone(w.all))
		w.eventually("requests go to the new one, and not to the old one", func() bool { return b.uses(next) && !b.uses(old) })
		took := time.Since(began)
		w.all = w.without(old)
		both, turn := newReader(t, "/v1/widgets/support", true), 0 // of a load balancer that has not noticed
		w.eventually("changes on both", func() bool {
			both.read([]*replica{old, next}[turn%2].URL)
			turn++
			return both.answers-both.unchanged > 5
		})
		both.check()
		t.Logf("replaced in %v, it had the lease: %v", took.Round(time.Millisecond), holds)
	}
	at := visitors[0].book // all of them have seen changes of the new replicas
	changes := at.size()
	w.eventually("the new ones show changes", func() bool { return at.size() > changes+5 })
	for _, old := range before {
		if err := old.Wait(); err != nil {
			t.Errorf("ended with %v", err)
		}
	}
	for _, stop := range append(reading, checking) {
		stop()
	}
	total(visitors).check()
}
