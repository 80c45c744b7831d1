package cluster

import (
	"bytes"
	"sync"
	"testing"
)

// calls are the calls of OnHistory.
type calls struct {
	mu  sync.Mutex
	all []string
}

func (c *calls) add(source, place string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, source+"/"+place)
}

func (c *calls) have(call string) func() bool {
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, each := range c.all {
			if each == call {
				return true
			}
		}
		return false
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, stranger := w.join("a"), w.join("b"), w.joinWith("c", "another key")
	w.within("all are connected", func() bool { return a.Connected() && b.Connected() && stranger.Connected() })
	var seen calls
	b.OnHistory(seen.add)
	const place = "support.wait"
	load := func(r *replica) []byte {
		t.Helper()
		value, err := r.LoadHistory(name, place)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	if value := load(b); value != nil { // from now on it knows the place
		t.Errorf("before anything was saved: %q", value)
	}
	want := []byte("an archive")
	if err := a.SaveHistory(name, place, want); err != nil {
		t.Fatal(err)
	}
	w.within("the message reaches b", seen.have(name+"/"+place))
	if got := load(b); !bytes.Equal(got, want) {
		t.Errorf("b reads %q", got)
	}
	if got := load(stranger); got != nil {
		t.Errorf("a replica with another key reads %q", got)
	}
	if holder := w.one(a, b); !holder.Holds(name) {
		t.Error("the holder does not know")
	}
	w.engine.Kill()
	w.within("b notices", func() bool { return !b.Connected() })
	if err := b.SaveHistory(name, place, want); err == nil {
		t.Error("saved without an engine")
	}
	w.engine.Restart()
	w.within("b may have lost all", seen.have("/"))
	if got := load(b); got != nil {
		t.Errorf("an empty engine: %q", got)
	}
}
