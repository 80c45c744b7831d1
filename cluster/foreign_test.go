package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"waitboard/domain"
	"waitboard/internal/testengine"
)

// shows waits until all replicas show the number that the holder observes.
func (w *world) shows(number float64, all ...*replica) {
	w.t.Helper()
	w.within(fmt.Sprintf("all show %v", number), func() bool {
		for _, r := range all {
			if r.member.holds() {
				r.observe(number) // again, as polls do
			}
		}
		return !slices.ContainsFunc(all, func(r *replica) bool { return r.shown() != number })
	})
}

// sharing starts two replicas that show a reading and a notice.
func (w *world) sharing() (a, b *replica) {
	w.t.Helper()
	a, b = w.join("a"), w.join("b")
	for _, r := range []*replica{a, b} {
		r.ShareNotices(&testNotices{all: map[string]domain.Notice{}})
	}
	w.one(a, b)
	w.shows(1, a, b)
	local := a.notices.local
	if err := a.SetNotice("support", domain.Notice{Text: "Hello"}, func(int64) error {
		local.Replace(map[string]domain.Notice{"support": {Text: "Hello"}}, 0)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	w.within("b has the notice", func() bool { return b.notices.local.All()["support"].Text == "Hello" })
	return a, b
}

func (w *world) noticeBack() bool {
	return strings.Contains(w.client.HGet(context.Background(), "waitboard:notices", "support").Val(), "Hello")
}

// What another program writes under our prefix is replaced. It stops nothing but what it replaced.
func TestForeignValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.sharing()
	ctx := context.Background()
	number := 1.
	for _, test := range []struct {
		name  string
		write func(pipe redis.Pipeliner, key string)
	}{
		{"text", func(pipe redis.Pipeliner, key string) { pipe.Set(ctx, key, "garbage", 0) }},
		{"large number", func(pipe redis.Pipeliner, key string) { pipe.Set(ctx, key, "9223372036854775807", 0) }},
		{"lease with a large token", func(pipe redis.Pipeliner, key string) { pipe.Set(ctx, key, "x:9223372036854775807", 0) }},
		{"list", func(pipe redis.Pipeliner, key string) { pipe.Del(ctx, key); pipe.RPush(ctx, key, "garbage") }},
		{"hash", func(pipe redis.Pipeliner, key string) { pipe.Del(ctx, key); pipe.HSet(ctx, key, "garbage", "x") }},
		{"hash with our fields", func(pipe redis.Pipeliner, key string) {
			pipe.Del(ctx, key)
			pipe.HSet(ctx, key, "t", "nan", "r", "1e300", ":revision", "inf", "support", "{}", a.Replica(), "x", b.Replica(), "x")
		}},
		{"set of our type", func(pipe redis.Pipeliner, key string) {
			pipe.Del(ctx, key)
			pipe.ZAdd(ctx, key, redis.Z{Score: 1e300, Member: "ghost"}, redis.Z{Score: -1, Member: "\x00\xff"})
		}},
		{"everything is gone", func(pipe redis.Pipeliner, key string) { pipe.Del(ctx, key) }},
	} {
		pipe := w.client.Pipeline()
		for _, key := range w.client.Keys(ctx, "waitboard:*").Val() {
			test.write(pipe, key)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		number++
		w.shows(number, a, b)
		w.within(test.name+": the notice is back", w.noticeBack)
		w.within(test.name+": both know each other", func() bool {
			a.Cluster.mu.Lock()
			defer a.Cluster.mu.Unlock()
			return len(a.live) == 2
		})
	}
	if log := a.log.String() + b.log.String(); strings.Contains(log, "can't be used") {
		t.Errorf("a replica gave up: %s", log)
	}
}

// Keys that vanish are written again. Nothing goes back.
func TestLostKeys(t *testing.T) {
	t.Parallel()
	fill := strings.Repeat("x", 4096)
	for _, test := range []struct {
		name      string
		arguments []string
		lose      func(w *world)
	}{
		{"flushed", nil, func(w *world) { w.client.FlushAll(context.Background()) }},
		{"evicted", []string{"--maxmemory", "4mb", "--maxmemory-policy", "allkeys-lru"}, func(w *world) {
			pipe := w.client.Pipeline()
			for i := range 1000 {
				pipe.Set(context.Background(), fmt.Sprint(i), fill, 0)
			}
			_, _ = pipe.Exec(context.Background())
		}},
		{"paused", nil, func(w *world) { w.client.Do(context.Background(), "CLIENT", "PAUSE", 1500) }},
		{"asleep", []string{"--enable-debug-command", "yes"}, func(w *world) { w.client.Do(context.Background(), "DEBUG", "SLEEP", "1.5") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if test.arguments != nil {
				w.engine.Kill()
				w.engine.Restart(test.arguments...)
			}
			a, b := w.sharing()
			last := map[*replica]float64{}
			for number := 2.; number < 6; number++ {
				test.lose(w)
				w.within("all show the next", func() bool {
					for _, r := range []*replica{a, b} {
						if r.member.holds() {
							r.observe(number)
						}
						if shown := r.shown(); shown < last[r] {
							t.Fatalf("%v after %v", shown, last[r])
						} else {
							last[r] = shown
						}
					}
					return a.shown() == number && b.shown() == number
				})
				w.one(a, b)
			}
			w.within("the notice is back", w.noticeBack)
		})
	}
}

// A notice that is set right after the engine was emptied doesn't remove the others.
func TestNoticeOnEmptyEngine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.sharing()
	w.client.FlushAll(context.Background())
	if err := b.SetNotice("sales", domain.Notice{Text: "Second"}, func(int64) error {
		b.notices.local.Replace(map[string]domain.Notice{"support": {Text: "Hello"}, "sales": {Text: "Second"}}, 0)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.within("a has both", func() bool { return len(a.notices.local.All()) == 2 })
	if !w.noticeBack() {
		t.Error("the engine lacks the first notice")
	}
}

// A holder never forgets what a live replica wants: not when its own wants change, and not when the engine loses them.
func TestWants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.join("a"), w.join("b")
	holder := a
	w.within("the one that should hold the lease does", func() bool {
		for _, r := range []*replica{a, b} {
			r.Cluster.mu.Lock()
			live := len(r.live)
			r.Cluster.mu.Unlock()
			if live == 2 && r.preferred()[name] == r.Replica() && r.member.holds() {
				holder = r
				return true
			}
		}
		return false
	})
	other := map[*replica]*replica{a: b, b: a}[holder]
	wants := func(r *replica) []string {
		r.mu.Lock()
		defer r.mu.Unlock()
		var out []string
		for _, want := range r.wanted {
			out = append(out, string(want))
		}
		return out
	}
	otherWants := string(other.member.want)
	w.within("the holder knows what both want", func() bool { return len(wants(holder)) == 2 })
	holder.mu.Lock()
	holder.onWanted = func(all [][]byte) {
		if len(all) != 2 || string(all[0]) != otherWants {
			t.Errorf("the holder polls only %q", all)
		}
	}
	holder.mu.Unlock()
	holder.member.SetWant([]byte("something new"))
	if got := wants(holder); !slices.Contains(got, "something new") {
		t.Errorf("the holder polls %q", got)
	}
	for range 3 {
		w.client.Del(context.Background(), holder.member.key("wants"))
		holder.member.SetWant([]byte("something new"))
		ticks := holder.ticked()
		w.within("ticks pass", func() bool { return holder.ticked() > ticks+1 })
	}
	holder.mu.Lock()
	holder.onWanted = nil
	holder.mu.Unlock()
	otherWants = "all of it"
	other.member.SetWant([]byte(otherWants))
	w.within("the holder polls more", func() bool { return slices.Contains(wants(holder), otherWants) })
	other.member.Leave() // its configuration has lost the source
	w.within("the holder polls for itself", func() bool {
		holder.member.mu.Lock()
		holder.member.askWants = true
		holder.member.mu.Unlock()
		return len(wants(holder)) == 1
	})
}

// A silent engine doesn't delay the end of a replica for long.
func TestLeaveSilentEngine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	proxy := testengine.Between(t, w.engine.Addr())
	w.url = proxy.URL()
	a := w.join("a")
	w.within("a holds the lease", a.member.holds)
	proxy.Set(testengine.Fault{HoldRequests: true, HoldReplies: true})
	w.within("a notices", func() bool { return !a.Connected() })
	a.stop()
}
