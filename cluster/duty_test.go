package cluster

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"
)

// A worker is a replica's part in a duty.
type worker struct {
	*replica
	end func()

	mu      sync.Mutex // guards what follows
	serving bool
	state   map[string]string
	update  func(context.Context, map[string]string, []string) error
}

func (w *world) work(r *replica, secret string) *worker {
	w.t.Helper()
	one := &worker{replica: r}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		r.Serve(ctx, DutyOptions{Name: "CANARY duty", Secret: secret, Serve: one.serve})
	})
	one.end = sync.OnceFunc(func() { cancel(); running.Wait() })
	w.t.Cleanup(one.end)
	return one
}

func (o *worker) serve(ctx context.Context, state map[string]string, update func(context.Context, map[string]string, []string) error) {
	o.mu.Lock()
	o.serving, o.state, o.update = true, state, update
	o.mu.Unlock()
	<-ctx.Done()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.serving = false
}

func (o *worker) works() bool { o.mu.Lock(); defer o.mu.Unlock(); return o.serving }

func (o *worker) has() map[string]string { o.mu.Lock(); defer o.mu.Unlock(); return o.state }

func (o *worker) change(set map[string]string, del ...string) error {
	o.mu.Lock()
	update := o.update
	o.mu.Unlock()
	return update(context.Background(), set, del)
}

// busy waits until one worker serves, and returns it and the other one.
func (w *world) busy(a, b *worker) (holder, other *worker) {
	w.t.Helper()
	w.within("one serves", func() bool {
		holder, other = a, b
		if b.works() {
			holder, other = b, a
		}
		return holder.works() && !other.works()
	})
	return holder, other
}

func TestDuty(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.join("a"), w.join("b")
	a, b := w.work(first, testKey), w.work(second, testKey)
	holder, other := w.busy(a, b)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(holder.change(map[string]string{"CANARY one": "CANARY 1", "two": "2"}))
	must(holder.change(map[string]string{"three": "3"}, "two"))
	want := map[string]string{"CANARY one": "CANARY 1", "three": "3"}

	keys, err := w.client.Keys(t.Context(), "*").Result()
	must(err)
	for _, key := range keys {
		text := key
		if strings.HasSuffix(key, ":state") {
			text += fmt.Sprint(w.client.HGetAll(t.Context(), key).Val())
		}
		if strings.Contains(text, "CANARY") {
			t.Errorf("%s is not sealed", text)
		}
		if ttl := w.client.PTTL(t.Context(), key).Val(); ttl <= 0 {
			t.Errorf("%s lives forever", key)
		}
	}

	old := holder.update
	holder.end() // it releases the lease
	w.within("the other one serves", other.works)
	if !maps.Equal(other.has(), want) {
		t.Errorf("it has %v, want %v", other.has(), want)
	}
	if err := old(t.Context(), map[string]string{"late": "x"}, nil); err == nil {
		t.Error("a late update succeeds")
	}
	next := w.work(holder.replica, testKey)
	id := newKeys("").name("duty", "CANARY duty")
	w.within("the new one has a copy", func() bool { return w.client.HGet(t.Context(), first.key("duty", id, "state"), "r").Val() != "" })

	w.engine.Kill()
	w.within("nobody serves", func() bool { return !other.works() && !next.works() })
	if err := other.change(map[string]string{"x": "y"}); err == nil {
		t.Error("an update without an engine succeeds")
	}
	w.engine.Restart() // empty
	holder, _ = w.busy(other, next)
	if !maps.Equal(holder.has(), want) {
		t.Errorf("after a restart of the engine it has %v, want %v", holder.has(), want)
	}
	must(holder.change(map[string]string{"four": "4"}))

	must(w.client.Set(t.Context(), first.key("duty", id, "lease"), "thief:99", time.Hour).Err())
	if err := holder.change(map[string]string{"five": "5"}); err == nil {
		t.Error("an update without the lease succeeds")
	}
	w.within("nobody serves", func() bool { return !other.works() && !next.works() })
}

// What another program writes over a duty is replaced.
func TestDutyAmongForeignValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.work(w.join("a"), testKey), w.work(w.join("b"), testKey)
	holder, _ := w.busy(a, b)
	if err := holder.change(map[string]string{"one": "1"}); err != nil {
		t.Fatal(err)
	}
	ctx, id := t.Context(), newKeys("").name("duty", "CANARY duty")
	for name, write := range map[string]func(key string){
		"text": func(key string) { w.client.Set(ctx, key, "garbage", 0) },
		"list": func(key string) { w.client.Del(ctx, key); w.client.RPush(ctx, key, "garbage") },
		"fields": func(key string) {
			w.client.Del(ctx, key)
			w.client.HSet(ctx, key, "t", "9223372036854775807", "r", "1e300")
		},
		"gone": func(key string) { w.client.Del(ctx, key) },
	} {
		for _, part := range []string{"state", "lease", "token"} {
			write(a.key("duty", id, part))
			w.within(name+" over the "+part+": an update succeeds", func() bool {
				return a.works() && a.change(map[string]string{"two": "2"}) == nil || b.works() && b.change(map[string]string{"two": "2"}) == nil
			})
		}
	}
	w.within("the state is on the engine", func() bool { return w.client.HLen(ctx, a.key("duty", id, "state")).Val() == 4 })
}

// A replica with another secret can't read the state, and starts without it.
func TestDutyOfAnotherSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.work(w.join("a"), testKey)
	w.within("it serves", a.works)
	if err := a.change(map[string]string{"one": "1"}); err != nil {
		t.Fatal(err)
	}
	b := w.work(w.join("b"), "another")
	a.end()
	w.within("the other one serves", b.works)
	if len(b.has()) > 0 {
		t.Errorf("it has %v", b.has())
	}
}

func TestAmend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.client.Set(ctx, "l", "a:2", time.Hour)
	for _, test := range []struct {
		name string
		args []any
		want int64
	}{
		{"lease of another", []any{"b:2", 2, 1, 60000, 0, 0}, -1},
		{"part of nothing", []any{"a:2", 2, 0, 60000, 0, 1, "f", "v"}, -2},
		{"whole, above a revision seen", []any{"a:2", 2, 1, 60000, 40, 2, "f", "v", "g", "w"}, 41},
		{"part", []any{"a:2", 2, 0, 60000, 0, 1, "h", "x", "f", "g"}, 42},
		{"older token", []any{"a:2", 1, 1, 60000, 0, 0}, -1},
	} {
		got, err := amend.Run(ctx, w.client, []string{"l", "s"}, test.args...).Int64()
		if err != nil || got != test.want {
			t.Errorf("%s: %d, %v, want %d", test.name, got, err, test.want)
		}
	}
	if got := w.client.HGetAll(ctx, "s").Val(); !maps.Equal(got, map[string]string{"t": "2", "r": "42", "h": "x"}) {
		t.Errorf("the state is %v", got)
	}
}

// A replica knows the conditions of sources that others poll.
func TestConditions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.join("a"), w.join("b")
	w.one(a, b)
	w.within("both are connected", func() bool { return a.Connected() && b.Connected() })
	if got := b.Conditions(t.Context(), nil); len(got) > 0 {
		t.Errorf("b knows %v", got)
	}
	for _, condition := range []string{"ok", "failing CANARY"} {
		if got := a.Conditions(t.Context(), map[string]string{name: condition}); got[name] != condition {
			t.Errorf("a knows %v", got)
		}
		if got := b.Conditions(t.Context(), nil); got[name] != condition {
			t.Errorf("b knows %v", got)
		}
	}
	if got := w.client.Get(t.Context(), a.member.key("condition")).Val(); strings.Contains(got, "CANARY") || got == "" {
		t.Errorf("the engine has %q", got)
	}
	w.engine.Kill()
	w.within("the engine is gone", func() bool { return !b.Connected() })
	if got := b.Conditions(t.Context(), map[string]string{"x": "ok"}); len(got) != 1 || got["x"] != "ok" {
		t.Errorf("without an engine: %v", got)
	}
}
