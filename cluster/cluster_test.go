package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
)

func TestFollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.join("a"), w.join("b")
	holder := w.one(a, b)
	follower := map[*replica]*replica{a: b, b: a}[holder]
	holder.observe(7)
	if holder.shown() != 7 {
		t.Error("the holder doesn't show its own reading")
	}
	w.within("the follower shows it", func() bool { return follower.shown() == 7 })
	ref := domain.Ref{Source: name, Metric: metric}
	got, want := follower.store.Get(ref), holder.store.Get(ref)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("not the same (-holder +follower):\n%s", diff)
	}
	follower.observe(8)
	if follower.shown() != 7 {
		t.Error("a follower shows what it polled")
	}
	w.within("the holder knows what both want", func() bool {
		holder.mu.Lock()
		defer holder.mu.Unlock()
		return len(holder.wanted) == 2
	})
	w.within("the follower knows the holder", func() bool {
		at, ok := follower.member.Holder()
		return ok && at == holder.Replica()
	})
}

func TestRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.join("a"), w.join("b")
	first := w.one(a, b)
	other := map[*replica]*replica{a: b, b: a}[first]
	first.observe(1)
	first.Leave()
	w.within("the other one took over", other.polling)
	if first.polling() {
		t.Error("both poll")
	}
	other.observe(2)
	w.within("the one before follows", func() bool { return first.shown() == 2 })
}

// The state of a newer release is ignored: this replica polls on its own until it can take over.
func TestFutureVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := newKeys(testKey).name(name, "https://CANARY.example.com/rest")
	ctx := context.Background()
	lease, state := "waitboard:src:"+id+":lease", "waitboard:src:"+id+":state"
	w.client.Set(ctx, lease, "future:7", time.Hour)
	w.client.HSet(ctx, state, "t", "7", "r", "1", "field", "\x02 something else")
	a := w.join("a")
	w.within("a polls on its own", a.polling)
	a.observe(3)
	if a.shown() != 3 || a.member.holds() {
		t.Errorf("shows %v, holds the lease: %v", a.shown(), a.member.holds())
	}
	if got := w.client.HGetAll(ctx, state).Val(); got["field"] != "\x02 something else" {
		t.Errorf("the state was changed: %q", got)
	}
	w.client.Del(ctx, lease)
	w.within("a holds the lease", a.member.holds)
	if a.starts != 1 {
		t.Errorf("the poller started %d times", a.starts)
	}
}

// Without an engine all poll. When it is back, empty, one of them does, and no reading goes back.
func TestEngineRestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.join("a"), w.join("b")
	holder := w.one(a, b)
	holder.observe(1)
	w.within("both show it", func() bool { return a.shown() == 1 && b.shown() == 1 })
	notices := &testNotices{}
	a.ShareNotices(notices)
	if err := a.SetNotice("support", domain.Notice{Text: "Hello"}, func(int64) error {
		notices.Replace(map[string]domain.Notice{"support": {Text: "Hello"}}, 0)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.engine.Kill()
	w.within("both poll", func() bool { return a.polling() && b.polling() && !a.Connected() && !b.Connected() })
	if err := a.SetNotice("support", domain.Notice{Text: "No"}, func(int64) error { return nil }); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a notice was set without an engine: %v", err)
	}
	a.observe(2)
	b.observe(3) // the newest
	w.engine.Restart()
	holder = w.one(a, b)
	w.within("the holder's readings are on the engine", func() bool { return a.shown() >= 2 && b.shown() == 3 })
	holder.observe(4)
	w.within("both show the newest", func() bool { return a.shown() == 4 && b.shown() == 4 })
	w.within("the notice is back", func() bool {
		return strings.Contains(w.client.HGet(context.Background(), "waitboard:notices", "support").Val(), "Hello")
	})
}

// A replica with another key shares nothing with the others.
func TestOtherKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.join("a"), w.joinWith("b", "another key")
	w.within("both hold their leases", func() bool { return a.member.holds() && b.member.holds() })
	a.observe(1)
	if b.shown() != -1 {
		t.Error("b shows a reading of a")
	}
}

func TestCanaries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	monitor := monitored(t, w.engine.Addr())
	a, b := w.join("a"), w.join("b")
	w.one(a, b).observe(1)
	w.within("both show it", func() bool { return a.shown() == 1 && b.shown() == 1 })
	if sent := monitor(); !strings.Contains(sent, "evalsha") || strings.Contains(sent, "CANARY") {
		t.Errorf("a replica sends a name: %s", sent)
	}
	ctx := context.Background()
	keys := w.client.Keys(ctx, "*").Val()
	if len(keys) < 3 {
		t.Fatalf("only %q on the engine", keys)
	}
	for _, key := range keys {
		dump := key + w.client.Dump(ctx, key).Val() + fmt.Sprint(w.client.HGetAll(ctx, key).Val())
		if strings.Contains(dump, "CANARY") {
			t.Errorf("the engine holds a name: %q", dump)
		}
		if w.client.TTL(ctx, key).Val() <= 0 {
			t.Errorf("%s has no TTL", key)
		}
	}
}

// monitored returns a function that returns all commands that the engine has received.
func monitored(t *testing.T, addr string) (sent func() string) {
	t.Helper()
	connection, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, "MONITOR\r\n"); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		all, _ := io.ReadAll(connection)
		read <- string(all)
	}()
	return func() string { _ = connection.Close(); return <-read }
}

func TestClusterMode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.engine.Kill()
	w.engine.Restart("--cluster-enabled", "yes")
	if _, err := Inspect(t.Context(), Options{URL: w.engine.URL(), Now: time.Now}); !errors.Is(err, errClusterMode) {
		t.Errorf("got %v", err)
	}
	w.engine.Kill()
	w.engine.Restart("--maxmemory-policy", "allkeys-lru")
	if report, err := Inspect(t.Context(), Options{URL: w.engine.URL(), Now: time.Now}); err != nil || report.Evicts != "allkeys-lru" {
		t.Errorf("got %+v, %v", report, err)
	}
}

type testNotices struct {
	mu  sync.Mutex
	all map[string]domain.Notice

	revision int64
}

func (n *testNotices) Revision() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.revision
}

func (n *testNotices) All() map[string]domain.Notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.all)
}

func (n *testNotices) Replace(all map[string]domain.Notice, revision int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all, n.revision = all, revision
}

// Inspect reports a clock that is over two seconds off.
func TestInspectClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for offset, reported := range map[time.Duration]bool{0: false, time.Hour: true, -time.Hour: true} {
		report, err := Inspect(t.Context(), Options{URL: w.engine.URL(), Now: func() time.Time { return time.Now().Add(offset) }})
		if err != nil || (report.Ahead != 0) != reported || (report.Ahead-offset).Abs() > time.Minute {
			t.Errorf("a clock that is off by %v: %v, %v", offset, report.Ahead, err)
		}
	}
}
