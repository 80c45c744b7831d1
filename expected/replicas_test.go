package expected

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/estimate"
	"waitboard/internal/testreplicas"
)

func TestReplicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := testreplicas.New[*world]()
		a, b := newWorld(t), newWorld(t)
		a.replicas, b.replicas = testreplicas.Replica[*world]{Engine: e, Of: a}, testreplicas.Replica[*world]{Engine: e, Of: b}
		e.Holder = a
		a.start()
		b.start()
		e.Set(func() { e.Replicas = []*world{a, b} })
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

		e.Set(func() { e.Holder = b })
		poll(time.Hour)
		same("another holder", 50)

		e.Set(func() { e.Down = true })
		poll(time.Hour)
		e.Set(func() { e.Down = false })
		poll(6 * time.Minute)
		same("the engine was away", 100)

		e.Set(func() { e.Archives = map[string][]byte{} })
		a.Refresh("", "")
		b.Refresh("", "")
		poll(6 * time.Minute)
		same("an empty engine", 0)

		a.stop()
		e.Set(func() { e.Replicas = []*world{b} })
		poll(time.Hour)
		e.Set(func() { e.Holder, e.Replicas = a, []*world{a, b} })
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
		e := testreplicas.New[*world]()
		old, fresh := newWorld(t), newWorld(t)
		old.replicas, fresh.replicas = testreplicas.Replica[*world]{Engine: e, Of: old}, testreplicas.Replica[*world]{Engine: e, Of: fresh}
		e.Holder = old
		old.start()
		if _, err := old.Import(placement, []estimate.Row{{Time: time.Now().AddDate(0, 0, -2), Wait: 60}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		e.Set(func() { e.Archives, e.Holder, e.Replicas = map[string][]byte{}, fresh, []*world{old, fresh} })
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
		e := testreplicas.New[*world]()
		a, b := newWorld(t), newWorld(t)
		a.replicas, b.replicas = testreplicas.Replica[*world]{Engine: e, Of: a}, testreplicas.Replica[*world]{Engine: e, Of: b}
		e.Holder, e.Replicas = a, []*world{a, b}
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
		e.Set(func() { e.Holder = b })
		b.poll(time.Hour)
		if n := a.saved(); n < learned || b.saved() == 0 || b.saved() > learned/2 {
			t.Errorf("%d and %d waits are saved, before %d", n, b.saved(), learned)
		}
		a.stop()
		b.stop()
	})
}
