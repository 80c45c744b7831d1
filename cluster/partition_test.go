package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"waitboard/domain"
	"waitboard/internal/testengine"
	"waitboard/internal/testlevel"
)

// A holder that can't reach the engine stops polling before another replica takes over. It polls alone, and follows when it can. Requests that
// the network delivers late change nothing.
func TestPartition(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault testengine.Fault
	}{
		{"cut", testengine.Fault{Cut: true}},
		{"requests wait", testengine.Fault{HoldRequests: true}},
		{"replies wait", testengine.Fault{HoldReplies: true}},
		{"both wait", testengine.Fault{HoldRequests: true, HoldReplies: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			proxy := testengine.Between(t, w.engine.Addr())
			w.url = proxy.URL()
			a := w.join("a")
			a.ShareNotices(&testNotices{})
			w.within("a holds the lease", a.member.holds)
			a.observe(1)
			w.url = w.engine.URL()
			b := w.join("b")
			w.within("b shows it", func() bool { return b.shown() == 1 })
			proxy.Set(test.fault)
			setNotice(t, a)
			if waits := a.waits(20); waits > 2*maxLate { // a tick may be about to succeed
				t.Errorf("%d of 20 requests of visitors waited for a silent engine", waits)
			}
			w.within("b took over", b.polling)
			if a.member.holds() {
				t.Error("a still believes to hold the lease")
			}
			w.within("a polls alone", a.polling)
			setNotice(t, a)
			b.observe(2)
			a.observe(3) // newer, but nobody else can know
			if waits := a.waits(5); waits > 0 {
				t.Errorf("%d of 5 requests of visitors waited although the engine is known to be silent", waits)
			}
			proxy.Set(testengine.Fault{})
			began := time.Now()
			w.one(a, b)
			w.within("both know each other", func() bool { return a.Connected() && b.Connected() })
			holder := w.one(a, b)
			t.Logf("one holder %v after the end", time.Since(began).Round(time.Millisecond))
			holder.observe(4)
			w.within("both show the newest", func() bool { return a.shown() == 4 && b.shown() == 4 })
		})
	}
}

// waits counts the requests of visitors that wait for the engine until they give up.
func (r *replica) waits(requests int) (n int) {
	for range requests {
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		if r.Refresh(ctx, []string{name}); ctx.Err() != nil {
			n++
		}
		cancel()
	}
	return n
}

// setNotice fails to set a notice.
func setNotice(t *testing.T, r *replica) {
	t.Helper()
	began := time.Now()
	if err := r.SetNotice("support", domain.Notice{Text: "No"}, func(int64) error { return nil }); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a notice without an engine: %v", err)
	}
	t.Logf("a notice was rejected after %v", time.Since(began).Round(time.Millisecond))
}

// A follower whose subscription is dead, because its engine was demoted and stays up, notices that and subscribes again.
func TestFailoverBehindOneAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.replicaOf(w.engine)
	promoted := client(t, second)
	proxy := testengine.Between(t, w.engine.Addr())
	w.url = proxy.URL()
	a, b := w.join("a"), w.join("b")
	w.one(a, b).observe(1)
	w.within("both show it", func() bool { return a.shown() == 1 && b.shown() == 1 })
	w.within("it is replicated", func() bool { return promoted.DBSize(t.Context()).Val() >= 4 })

	proxy.Lead(second.Addr())
	if err := errors.Join(promoted.Do(t.Context(), "REPLICAOF", "NO", "ONE").Err(), w.client.Do(t.Context(), "REPLICAOF", "127.0.0.1", "1").Err()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	w.within("both subscribe to the new engine", func() bool {
		return promoted.PubSubNumSub(t.Context(), "waitboard:wake").Val()["waitboard:wake"] == 2
	})
	holder := w.one(a, b)
	t.Logf("one holder and two subscriptions %v after the failover", time.Since(began).Round(time.Millisecond))
	holder.observe(2)
	w.within("both show the newest", func() bool { return a.shown() == 2 && b.shown() == 2 })
}

// Sentinel finds the engine, and its replica when it is killed.
func TestSentinel(t *testing.T) {
	t.Parallel()
	testlevel.Short(t)
	w := newWorld(t)
	second := w.replicaOf(w.engine)
	promoted := client(t, second)
	sentinel := testengine.StartSentinel(t, "waits", w.engine)
	w.url = sentinel.FailoverURL("waits")
	a, b := w.join("a"), w.join("b")
	holder := w.one(a, b)
	holder.observe(1)
	w.within("both show it", func() bool { return a.shown() == 1 && b.shown() == 1 })
	watched := redis.NewSentinelClient(&redis.Options{Addr: sentinel.Addr(), DisableIdentity: true})
	t.Cleanup(func() { _ = watched.Close() })
	w.within("Sentinel knows the replica", func() bool { return len(watched.Replicas(t.Context(), "waits").Val()) == 1 })
	w.engine.Kill()
	began := time.Now()
	w.within("both use the new engine", func() bool {
		return promoted.PubSubNumSub(t.Context(), "waitboard:wake").Val()["waitboard:wake"] == 2
	})
	holder = w.one(a, b)
	t.Logf("one holder and two subscriptions %v after the kill", time.Since(began).Round(time.Millisecond))
	holder.observe(2)
	w.within("both show the newest", func() bool { return a.shown() == 2 && b.shown() == 2 })
}
