package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
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

// The log says when a replica reaches the engine, and when it begins and ends to hold leases, however many ticks pass in between.
func TestLeaseLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.join("a")
	const taken, ended = `msg="leases taken, polling" count=1 sources=hq`, `msg="leases released or lost" count=1 sources=hq`
	logged := func(line string) int { return strings.Count(a.log.String(), line) }
	w.within("a holds the lease", func() bool { return logged(taken) > 0 })
	ticks := a.ticked()
	w.within("more ticks pass", func() bool { return a.ticked() > ticks+3 })
	w.engine.Kill()
	w.within("a has lost the lease", func() bool { return logged(ended) == logged(taken) })
	before := logged(taken)
	w.engine.Restart()
	w.within("a holds the lease again", func() bool { return logged(taken) > before })
	a.stop()
	if logged(`msg="engine of the cluster answers" replica=a-`) != 1 || logged(`msg="engine of the cluster answers again"`) == 0 {
		t.Errorf("the log lacks the engine:\n%s", a.log)
	}
	last := ended
	for line := range strings.Lines(a.log.String()) {
		for _, next := range []string{taken, ended} {
			if strings.Contains(line, next) {
				if next == last {
					t.Errorf("twice:\n%s", a.log)
				}
				last = next
			}
		}
	}
	if last != ended {
		t.Errorf("no end:\n%s", a.log)
	}
}

// One line names ten sources at most.
func TestLeaseLogOfMany(t *testing.T) {
	t.Parallel()
	text := &logBuffer{}
	c := &Cluster{o: Options{Log: slog.New(slog.NewTextHandler(text, nil))}, members: map[string]*Member{}}
	for i := range 12 {
		source := fmt.Sprintf("s%02d", i)
		c.members[source] = &Member{o: SourceOptions{Name: source}, mode: holding}
	}
	c.logLeases()
	c.logLeases()
	if got := text.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `count=12 sources="s00, s01, s02, s03, s04, s05, s06, s07, s08, s09"`) {
		t.Error(got)
	}
}
