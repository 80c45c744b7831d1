package typical

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// An engine is what replicas share in a test.
type engine struct {
	mu       sync.Mutex // guards what follows
	down     bool
	holder   *world
	archives map[string][]byte
	replicas []*world
}

var errDown = errors.New("down")

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
		return nil, errDown
	}
	return r.archives[place], nil
}

func (r replica) SaveHistory(source, place string, archive []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return errDown
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
		poll := func(d time.Duration, seconds float64) {
			for end := time.Now().Add(d); time.Now().Before(end); {
				a.observe(seconds)
				b.observe(seconds)
				time.Sleep(time.Minute)
			}
			time.Sleep(5 * time.Second)
		}
		same := func(what string, hour, weeks int) {
			t.Helper()
			if x, y := a.hour(hour), b.hour(hour); x != y || x.Weeks != weeks {
				t.Errorf("%s: %+v and %+v, want %d weeks", what, x, y, weeks)
			}
		}
		const saturday = 6 * 24
		poll(62*time.Minute, 60)
		same("the first hour", saturday, 1)

		e.set(func() { e.holder = b })
		poll(time.Hour, 120)
		same("another holder", saturday+1, 1)
		same("another holder, the hour before", saturday, 1)

		e.set(func() { e.down = true })
		poll(time.Hour, 180)
		same("without an engine", saturday+2, 1)

		e.set(func() { e.down, e.archives = false, map[string][]byte{} })
		a.Refresh("", "")
		b.Refresh("", "")
		time.Sleep(time.Second)
		same("an empty engine", saturday+2, 1)
		if len(e.archives) != 1 {
			t.Error("nothing was written back")
		}

		a.stop()
		e.set(func() { e.replicas = []*world{b} })
		poll(time.Hour, 240)
		e.set(func() { e.holder, e.replicas = a, []*world{a, b} })
		a.start()
		time.Sleep(5 * time.Second)
		same("a replica that was away", saturday+3, 1)
		if own := len(a.archives.read(placement).Hours()); own != 4 {
			t.Errorf("a replica that was away has a copy of %d hours", own)
		}
		a.stop()
		b.stop()
	})
}
