package typical

import (
	"testing"
	"testing/synctest"
	"time"

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

		e.Set(func() { e.Holder = b })
		poll(time.Hour, 120)
		same("another holder", saturday+1, 1)
		same("another holder, the hour before", saturday, 1)

		e.Set(func() { e.Down = true })
		poll(time.Hour, 180)
		same("without an engine", saturday+2, 1)

		e.Set(func() { e.Down, e.Archives = false, map[string][]byte{} })
		a.Refresh("", "")
		b.Refresh("", "")
		time.Sleep(time.Second)
		same("an empty engine", saturday+2, 1)
		if len(e.Archives) != 1 {
			t.Error("nothing was written back")
		}

		a.stop()
		e.Set(func() { e.Replicas = []*world{b} })
		poll(time.Hour, 240)
		e.Set(func() { e.Holder, e.Replicas = a, []*world{a, b} })
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
