package sse

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// each runs a test for each transport.
func each(t *testing.T, test func(t *testing.T, transport string)) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			test(t, transport)
		})
	}
}

func TestSnapshotsOnChange(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, slowly)
		l := w.listen("a")
		if got := l.Header.Get("Content-Type"); got != "text/event-stream" || l.Header.Get("Date") == "" {
			t.Errorf("headers: %v", l.Header)
		}
		if proto := l.Proto; (proto == "HTTP/2.0") != (transport == "HTTP/2") {
			t.Errorf("it came by %s", proto)
		}
		if runtime.GOOS == "linux" && l.Close != (transport == "taken over") {
			t.Errorf("it was taken over: %v", l.Close)
		}
		l.expect(retry, snapshot("a1 one"))
		w.set("b", "b2 two") // which it does not follow
		w.set("a", "a1 one, older")
		w.set("a", "a2 two") // the first that differs
		l.expect(snapshot("a2 two"))
		w.set("a", "a3 three")
		l.expect(snapshot("a3 three"))
		w.listen("a").expect(retry, snapshot("a3 three"))
		w.set("a", "a3 three, older")
		w.listen("a").expect(retry, snapshot("a3 three, older")) // a new reader gets the age of now
		if got := w.figure("waitboard_stream_events_total snapshot"); got != 5 {
			t.Errorf("%v snapshots written", got)
		}
	})
}

func TestSeveralTopics(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, slowly)
		bare := func(text string) event { e := snapshot(text); e.id = ""; return e }
		l := w.listen("b,a")
		l.expect(retry, bare("b1 one"), bare("a1 one"))
		first := l.next()
		if first.kind != "" || first.id == "" || first.data != "" {
			t.Fatalf("the id of all: %+v", first)
		}
		w.set("a", "a2 two")
		l.expect(bare("a2 two"))
		second := l.next()
		if second.id == "" || second.id == first.id {
			t.Errorf("ids %+v and %+v", first, second)
		}
		known := w.listen("b,a", "Last-Event-ID", second.id)
		known.expect(retry, event{"heartbeat", "", "b1 one"}, event{"heartbeat", "", "a2 two"})
		w.set("b", "b2 two")
		known.expect(bare("b2 two"))
		outdated := w.listen("b,a", "Last-Event-ID", second.id)
		outdated.expect(retry, bare("b2 two"), bare("a2 two"))
	})
}

func TestLastEventID(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, slowly)
		w.listen("a", "Last-Event-ID", "a0").expect(retry, snapshot("a1 one"))
		l := w.listen("a", "Last-Event-ID", "a1")
		l.expect(retry, event{"heartbeat", "", "a1 one"})
		w.set("a", "a2 two")
		l.expect(snapshot("a2 two"))
	})
}

// The timeouts of the server are for answers that end.
func TestServerTimeouts(t *testing.T) {
	p := slowly
	p.Patience = writeTimeout // nor must those of single writes
	eachInTime(t, p, func(t *testing.T, w *world) {
		var header []string
		if w.server.TLS == nil { // HTTP/2 ends a stream that is late before it begins
			header = []string{"Late", "yes"}
		}
		l := w.listen("a", header...)
		l.expect(retry, snapshot("a1 one"))
		w.pass(10 * max(readTimeout, writeTimeout))
		w.set("a", "a2 two")
		l.expect(snapshot("a2 two"))
	})
}

func TestHeartbeats(t *testing.T) {
	p := slowly
	p.Heartbeat = 28 * time.Second
	eachInTime(t, p, func(t *testing.T, w *world) {
		w.o.Random = func() float64 { return .5 } // so that each is due after three quarters of the longest time
		l := w.listen("a")
		l.expect(retry, snapshot("a1 one"))
		w.pass(p.Heartbeat)
		l.expect(event{"heartbeat", "", "a1 one"})
		w.set("a", "a1 one, confirmed") // nothing that readers are told at once
		w.pass(p.Heartbeat)
		l.expect(event{"heartbeat", "", "a1 one, confirmed"})
		w.set("a", "a2 two")
		l.expect(snapshot("a2 two"))
	})
}

func TestLifeEnds(t *testing.T) {
	p := slowly
	p.Life = time.Hour
	eachInTime(t, p, func(t *testing.T, w *world) {
		l := w.listen("a")
		l.expect(retry, snapshot("a1 one"))
		w.pass(p.Life/2 - time.Second)
		w.set("a", "a2 two")
		l.expect(snapshot("a2 two"))
		w.pass(p.Life/2 + time.Second)
		l.expect(retry, end)
		w.until("none is left", w.streams(0))
	})
}

// Whatever ends many streams at once, they end in order and their readers come back at different times.
func TestEnds(t *testing.T) {
	ends := map[string]struct {
		by     func(w *world)
		others bool // whether b goes on
	}{
		"topic gone": {func(w *world) { w.set("a", "") }, true},
		"End":        {func(w *world) { w.End("a") }, true},
		"outdated":   {func(w *world) { w.listen("a", "Outdated", "yes").expect(retry, retry, end) }, true},
		"EndAll":     {func(w *world) { w.EndAll() }, false},
		"Close":      {func(w *world) { w.Close() }, false},
	}
	each(t, func(t *testing.T, transport string) {
		for name, test := range ends {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, transport, slowly)
				var all []*listener
				for range 20 {
					all = append(all, w.listen("a"))
				}
				all = append(all, w.listen("b,a"))
				for _, l := range all {
					for e := l.next(); !strings.Contains(e.data, "a1"); e = l.next() {
					}
				}
				other := w.listen("b")
				other.expect(retry, snapshot("b1 one"))
				test.by(w)
				times := map[string]bool{}
				for _, l := range all {
					e := l.next()
					if e.kind == "" { // the id of several
						e = l.next()
					}
					after, err := strconv.Atoi(e.data)
					if err != nil || after < 1000 || after > 61_000 || l.next() != end {
						t.Errorf("ends with %+v", e)
					}
					times[e.data] = true
				}
				if len(times) < 15 {
					t.Errorf("only %d different times to come back", len(times))
				}
				if test.others {
					w.set("b", "b2 two")
					other.expect(snapshot("b2 two"))
					w.set("a", "a9 again")
					again := w.listen("a")
					again.expect(retry, snapshot("a9 again"))
				} else {
					other.expect(retry, end)
				}
			})
		}
	})
}

func TestLimits(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, slowly)
		refused := func(want error, topics string, headers ...string) {
			t.Helper()
			resp := w.listen(topics, headers...)
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != 503 || strings.TrimSpace(string(body)) != want.Error() {
				t.Errorf("%d %s, want %v", resp.StatusCode, body, want)
			}
		}
		w.SetLimits(Limits{Total: 4, PerClient: 2, PerTopic: 3})
		first := w.listen("a", "Client", "192.0.2.1")
		w.listen("a,b", "Client", "192.0.2.1")
		refused(ErrClientFull, "b", "Client", "192.0.2.1")
		w.listen("a")
		refused(ErrTopicFull, "a")
		refused(ErrTopicFull, "b,a", "Client", "192.0.2.2")
		w.listen("b")
		refused(ErrFull, "b")
		for name, want := range map[string]float64{"address": 1, "widget": 2, "total": 1, "closing": 0} {
			if got := w.figure("waitboard_streams_refused_total " + name); got != want {
				t.Errorf("refused because of %s: %v", name, got)
			}
		}
		first.cancel() // what one gives back another gets
		w.until("it is given back", w.streams(3))
		w.listen("a", "Client", "192.0.2.1").expect(retry, snapshot("a1 one"))
		w.Close()
		refused(ErrClosed, "a")
		w.until("none is left", w.streams(0))
		if len(w.clients) != 0 || len(w.topics) != 2 || len(w.Hub.topics) != 0 {
			t.Errorf("something is kept: %v %v", w.clients, w.Hub.topics)
		}
	})
}

func TestReaderGone(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, slowly)
		for _, l := range []*listener{w.listen("a"), w.listen("a,b")} {
			l.next()
			l.cancel()
		}
		w.until("both are noticed", w.streams(0))
		if transport == "HTTP/2" {
			return
		}
		for name, leave := range map[string]func(*net.TCPConn) error{
			"half closed": (*net.TCPConn).CloseWrite,
			"reset":       func(c *net.TCPConn) error { return errors.Join(c.SetLinger(0), c.Close()) },
			"sends more, then closes": func(c *net.TCPConn) error {
				if transport == "plain" { // net/http doesn't look behind what is sent
					return c.Close()
				}
				_, err := c.Write(bytes.Repeat([]byte("GET / HTTP/1.1\r\n\r\n"), 100))
				return errors.Join(err, c.Close())
			},
		} {
			if err := leave(w.dial("a").(*net.TCPConn)); err != nil {
				t.Error(err)
			}
			w.until(name, w.streams(0))
		}
	})
}

// One that reads nothing for a while gets what was begun, and then what is newest; all others get everything.
func TestSlowReader(t *testing.T) {
	const versions = 100
	long := strings.Repeat("x", 20_000)
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, slowly)
		slow, quick := w.idle("a"), w.listen("a")
		quick.expect(retry, snapshot("a1 one"))
		for i := range versions {
			text := fmt.Sprintf("v%d %s", i, long)
			w.set("a", text)
			quick.expect(snapshot(text))
		}
		slow.expect(retry, snapshot("a1 one"))
		got := 0
		for last := ""; last != fmt.Sprintf("v%d", versions-1); got++ {
			e := slow.next()
			if e.kind != "snapshot" || e.data != e.id+" "+long {
				t.Fatalf("after %s: %s %s, %d bytes", last, e.kind, e.id, len(e.data))
			}
			last = e.id
		}
		if got > versions/2 {
			t.Errorf("the slow one was told %d of %d", got, versions)
		}
		if cut := w.figure("waitboard_streams_cut_total"); cut != 0 {
			t.Errorf("%v were cut off", cut)
		}
	})
}

// One that stops reading is cut off, and nobody else is.
func TestReaderStops(t *testing.T) {
	p := slowly
	p.Patience = 20 * time.Second
	eachInTime(t, p, func(t *testing.T, w *world) {
		w.idle("a")
		quick := w.listen("a")
		quick.expect(retry, snapshot("a1 one"))
		long := strings.Repeat("x", 20_000)
		for i := range 50 { // more than the buffers in between take
			text := fmt.Sprintf("v%d %s", i, long)
			w.set("a", text)
			quick.expect(snapshot(text))
		}
		w.pass(p.Patience / 2)
		w.set("a", "half of it later")
		quick.expect(snapshot("half of it later"))
		if got := w.figure("waitboard_streams_cut_total"); got != 0 {
			t.Errorf("%v were cut off early", got)
		}
		w.pass(p.Patience)
		w.until("it is gone", w.streams(1))
		w.set("a", "last")
		quick.expect(snapshot("last"))
		if got := w.figure("waitboard_streams_cut_total"); got != 1 {
			t.Errorf("%v were cut off", got)
		}
	})
}

// Closing waits for nobody who does not read.
func TestCloseWithStoppedReaders(t *testing.T) {
	w := newWorld(t, "taken over", slowly)
	for range 20 {
		w.dial("a")
	}
	for i := range 100 {
		w.set("a", fmt.Sprintf("v%d %s", i, strings.Repeat("x", 20_000)))
	}
	w.Close()
	if !w.streams(0)() {
		t.Error("some are left")
	}
}

// Streams that were taken over have no goroutines of their own, and all of many get what changes.
func TestThousand(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has connections taken over")
	}
	readers := 1000
	if testing.Short() {
		readers = 200
	}
	w := newWorld(t, "taken over", slowly)
	first := w.dial("a")
	before := runtime.NumGoroutine()
	all := []net.Conn{first}
	for len(all) < readers {
		all = append(all, w.dial("a"))
	}
	w.until("all requests have ended", func() bool { return runtime.NumGoroutine() <= before+5 })
	if !w.streams(readers)() {
		t.Errorf("%v streams", w.figure("waitboard_streams"))
	}
	w.set("a", "a2 two")
	listeners := make([]*listener, readers)
	for i, conn := range all {
		listeners[i] = &listener{t: t, lines: bufio.NewScanner(conn)}
		listeners[i].expect(retry, snapshot("a1 one"), snapshot("a2 two"))
	}
	w.Close()
	for _, l := range listeners {
		l.expect(retry, end)
	}
}

// Readers come and go while things change and the hub is closed.
func TestCrowd(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		const readers = 100
		p := slowly
		p.Heartbeat, p.Life = 20*time.Millisecond, 300*time.Millisecond
		w := newWorld(t, transport, p)
		w.listen("a") // so that on HTTP/2 all others have one connection
		stop, done := make(chan struct{}), make(chan error, readers)
		go func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond): // whatever that is beside the speed of the readers
					w.pass(3 * time.Millisecond)
					w.set([]string{"a", "b"}[i%2], fmt.Sprintf("v%d", i))
				}
			}
		}()
		defer close(stop)
		for i := range readers {
			go func() {
				l, err := w.open([]string{"a", "b", "a,b"}[i%3])
				if err == nil && i%5 == 0 {
					l.cancel()
				} else if err == nil {
					err = l.followsCounts()
				}
				done <- err
			}()
		}
		for range readers {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		w.until("all have gone", w.streams(0))
	})
}

// followsCounts reads until the end. The data of snapshots are v and a number, which grows for each of two topics, of even and odd ones.
func (l *listener) followsCounts() error {
	last := map[int]int{}
	for e := l.next(); e != end; e = l.next() {
		if e.kind == "broken" {
			return errors.New(e.data)
		}
		n, err := strconv.Atoi(strings.TrimPrefix(e.data, "v"))
		if e.kind != "snapshot" || err != nil { // before the first change
			continue
		}
		if before, ok := last[n%2]; ok && n <= before {
			return fmt.Errorf("%d after %d", n, before)
		}
		last[n%2] = n
	}
	return nil
}
