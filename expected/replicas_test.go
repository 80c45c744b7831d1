package expected

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/estimate"
)

// An engine is what replicas share in a test.
type engine struct {
	mu       sync.Mutex // guards what follows
	down     bool
	holder   *world
	archives map[string][]byte
	replicas []*world
}

// A replica is a world's view of the engine.
type replica struct {
	*engine
	w *world
}

func (r replica) Holds(string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.holder == r.w
}

func (r replica) LoadHistory(_, place string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return nil, errors.New("down")
	}
	return r.archives[place], nil
}

func (r replica) SaveHistory(source, place string, archive []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return errors.New("down")
	}
	r.archives[place] = archive
	for _, w := range r.replicas {
		if w != r.w {
			go w.Refresh(source, place)
		}
	}
	return nil
}

// set changes the engine.
func (e *engine) set(change func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change()
}

func TestReplicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{archives: map[string][]byte{}}
		a, b := newWorld(t), newWorld(t)
		a.replicas, b.replicas = replica{e, a}, replica{e, b}
		e.holder = a
		a.start()
		b.start()
		e.set(func() { e.replicas = []*world{a, b} })
		poll := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(interval) {
				a.live(time.Now())
				b.waiting = a.waiting
				a.observe(a.store)
				b.observe(b.store)
			}
			time.Sleep(interval / 2)
		}
		last := 0
		same := func(what string, least int) {
			t.Helper()
			x, y := a.expectation(), b.expectation()
			if !reflect.DeepEqual(x, y) {
				t.Errorf("%s: %+v and %+v", what, x, y)
			}
			if n := a.saved(); n != b.saved() || n < last+least {
				t.Errorf("%s: %d and %d waits are saved, before %d", what, n, b.saved(), last)
			}
			last = a.saved()
		}
		poll(4*time.Hour + time.Minute)
		same("one holder", 250)
		if len(a.expectation().Waits) == 0 {
			t.Error("nothing is expected")
		}

		e.set(func() { e.holder = b })
		poll(time.Hour)
		same("another holder", 50)

		e.set(func() { e.down = true })
		poll(time.Hour)
		e.set(func() { e.down = false })
		poll(6 * time.Minute)
		same("the engine was away", 100)

		e.set(func() { e.archives = map[string][]byte{} })
		a.Refresh("", "")
		b.Refresh("", "")
		poll(6 * time.Minute)
		same("an empty engine", 0)

		a.stop()
		e.set(func() { e.replicas = []*world{b} })
		poll(time.Hour)
		e.set(func() { e.holder, e.replicas = a, []*world{a, b} })
		a.start()
		poll(6 * time.Minute)
		same("a replica that was away", 50)

		rows := []estimate.Row{{Time: time.Now().AddDate(0, 0, -3), Wait: 60}, {Time: time.Now().AddDate(0, 0, -3), Wait: 90, Ahead: 2}}
		if added, err := b.Import(placement, rows); err != nil || added != 2 {
			t.Errorf("imported %d: %v", added, err)
		}
		poll(time.Minute)
		same("an import by the one that does not learn", 2)
		a.stop()
		b.stop()
		if n := b.saved(); n < last {
			t.Errorf("%d waits are left of %d", n, last)
		}
	})
}

// When the engine comes back empty and a replica without a copy becomes the holder, the others save theirs.
func TestCopiesAreWrittenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{archives: map[string][]byte{}}
		old, fresh := newWorld(t), newWorld(t)
		old.replicas, fresh.replicas = replica{e, old}, replica{e, fresh}
		e.holder = old
		old.start()
		if _, err := old.Import(placement, []estimate.Row{{Time: time.Now().AddDate(0, 0, -2), Wait: 60}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		e.set(func() { e.archives, e.holder, e.replicas = map[string][]byte{}, fresh, []*world{old, fresh} })
		fresh.start()
		old.Refresh("", "")
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := fresh.trackers[placement].archive.Len(); n != 1 {
			t.Errorf("the fresh holder has %d waits", n)
		}
		fresh.stop()
		old.stop()
	})
}

// While replicas have different configurations, none takes over what another learned of another line.
func TestReplicasOfAnotherLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{archives: map[string][]byte{}}
		a, b := newWorld(t), newWorld(t)
		a.replicas, b.replicas = replica{e, a}, replica{e, b}
		e.holder, e.replicas = a, []*world{a, b}
		changed := *b.widget.Metrics[0].Estimate
		changed.Queue.Categories = []string{""}
		b.widget.Metrics[0].Estimate = &changed
		a.start()
		b.start()
		a.poll(8 * time.Hour)
		learned := a.saved()
		if len(a.expectation().Waits) == 0 || len(b.expectation().Waits) > 0 {
			t.Errorf("the holder: %+v, the other: %+v", a.expectation().Waits, b.expectation().Waits)
		}
		e.set(func() { e.holder = b })
		b.poll(time.Hour)
		if n := a.saved(); n < learned || b.saved() == 0 || b.saved() > learned/2 {
			t.Errorf("%d and %d waits are saved, before %d", n, b.saved(), learned)
		}
		a.stop()
		b.stop()
	})
}
