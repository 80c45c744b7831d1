package cluster

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"
)

// A holder that loses its connection stops polling before another replica takes over, and its late writes have no effect.
func TestFencing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.join("a")
	w.within("a polls, and has written its state", func() bool {
		a.member.mu.Lock()
		defer a.member.mu.Unlock()
		return a.member.mode == holding && !a.member.rewrite
	})
	a.observe(1)
	ctx := context.Background()
	// Another replica, which this program does not know, takes the lease.
	if err := w.client.Set(ctx, a.member.key("lease"), "thief:99", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	a.observe(2)
	if a.shown() != 1 || a.polling() {
		t.Errorf("a writes without the lease: shows %v, polls %v", a.shown(), a.polling())
	}
	a.member.mu.Lock()
	old := a.member.lease()
	a.member.mu.Unlock()
	revision := w.client.HGet(ctx, a.member.key("state"), "r").Val()
	last, err := strconv.ParseInt(revision, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, lease, token, all string
		want                    int64
	}{
		{"lease of another", old, "1", "1", -1},
		{"older token", "thief:99", "0", "1", -1},
		{"part of another token's state", "thief:99", "99", "0", -2},
		{"whole", "thief:99", "99", "1", last + 1},
		{"part", "thief:99", "99", "0", last + 2},
	} {
		got, err := write.Run(ctx, w.client, []string{a.member.key("lease"), a.member.key("state")}, test.lease, test.token, test.all, 60000, "c", "m").Int64()
		if err != nil || got != test.want {
			t.Errorf("%s: %d, %v, want %d", test.name, got, err, test.want)
		}
	}
}

func TestLeaseScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	for _, test := range []struct {
		name     string
		run      func() any
		want     string
		lease    string
		keysLeft bool
	}{
		{"first", func() any {
			return acquire.Run(ctx, w.client, []string{"l", "n", "s"}, "a", 60000, 60000, 0).Val()
		}, "[1]", "a:1", true},
		{"held", func() any {
			return acquire.Run(ctx, w.client, []string{"l", "n", "s"}, "b", 60000, 60000, 0).Val()
		}, "[0]", "a:1", true},
		{"renewed", func() any {
			return renew.Run(ctx, w.client, []string{"l", "n", "s"}, 60000, 60000, 60000, "a:1").Val()
		}, "[1]", "a:1", true},
		{"renewed by another", func() any {
			return renew.Run(ctx, w.client, []string{"l", "n", "s"}, 60000, 60000, 60000, "b:1").Val()
		}, "[0]", "a:1", true},
		{"released by another", func() any {
			return release.Run(ctx, w.client, []string{"l"}, "c", "b:1", "r:x").Val()
		}, "0", "a:1", true},
		{"released", func() any {
			return release.Run(ctx, w.client, []string{"l"}, "c", "a:1", "r:x").Val()
		}, "0", "", true},
		{"token grows", func() any {
			return acquire.Run(ctx, w.client, []string{"l", "n", "s"}, "b", 60000, 60000, 0).Val()
		}, "[2]", "b:2", true},
		{"token above one seen", func() any {
			w.client.Del(ctx, "l", "n")
			return acquire.Run(ctx, w.client, []string{"l", "n", "s"}, "b", 60000, 60000, 41).Val()
		}, "[42]", "b:42", true},
	} {
		if got := fmt.Sprint(test.run()); got != test.want || w.client.Get(ctx, "l").Val() != test.lease {
			t.Errorf("%s: %s and lease %q, want %s and %q", test.name, got, w.client.Get(ctx, "l").Val(), test.want, test.lease)
		}
	}
}

func TestAssign(t *testing.T) {
	t.Parallel()
	var sources []string
	for i := range 200 {
		sources = append(sources, newKeys("k").name(fmt.Sprint(i)))
	}
	before := assign(sources, []string{"a", "b", "c"})
	for _, replicas := range [][]string{{"a", "b", "c"}, {"a", "b", "c", "d"}, {"a", "c"}} {
		load, moved := map[string]int{}, 0
		for source, replica := range assign(sources, replicas) {
			load[replica]++
			if before[source] != replica {
				moved++
			}
		}
		for _, replica := range replicas {
			if share := 200 / len(replicas); load[replica] < share*3/4 || load[replica] > share*5/4 {
				t.Errorf("%v: %v", replicas, load)
			}
		}
		if moved > 110 {
			t.Errorf("%v: %d of 200 moved", replicas, moved)
		}
	}
}
