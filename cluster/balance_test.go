package cluster

import (
	"fmt"
	"testing"

	"waitboard/internal/testlevel"
)

// The leases of many sources move so that each replica has its share, when replicas come and go.
func TestBalance(t *testing.T) {
	t.Parallel()
	testlevel.Short(t)
	const sources = 40
	w := newWorld(t)
	join := func(host string) *replica {
		r := w.join(host)
		for i := range sources {
			r.Join(SourceOptions{
				Name: fmt.Sprint(i), Key: testKey, Interval: testTTL, Want: []byte("all"), Wanted: func([][]byte) {}, Poll: func(bool) {},
			})
		}
		stop := r.stop
		r.stop = func() {
			stop()
			for _, m := range r.list() {
				m.Leave()
			}
		}
		t.Cleanup(r.stop)
		return r
	}
	balanced := func(all ...*replica) {
		t.Helper()
		w.within(fmt.Sprintf("%d replicas share the leases", len(all)), func() bool {
			held, fair := 0, true
			for _, r := range all {
				n := 0
				for _, m := range r.list() {
					if m.holds() {
						n++
					}
				}
				held += n
				share := float64(sources+1) / float64(len(all))
				fair = fair && float64(n) > share*0.75 && float64(n) < share*1.25
			}
			return fair && held == sources+1
		})
	}
	a, b, c := join("a"), join("b"), join("c")
	balanced(a, b, c)
	d := join("d")
	balanced(a, b, c, d)
	a.stop()
	d.stop()
	balanced(b, c)
}
