package sse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// each runs a test over each transport.
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
		w := newWorld(t, transport, still)
		l := w.listen("a")
		if got := l.Header.Get("Content-Type"); got != "text/event-stream" || l.Header.Get("Date") == "" {
			t.Errorf("headers: %v", l.Header)
		}
		if proto := l.Proto; (proto == "HTTP/2.0") != (transport == "HTTP/2") {
			t.Errorf("protocol %s", proto)
		}
		if l.Close != (transport == takenOver) {
			t.Errorf("taken over: %v", l.Close)
		}
		l.expect(retry, snapshot("a1 one"))
		w.set("b", "b2 two")        // another topic
		w.set("a", "a1 one, older") // the same id
		w.set("a", "a2 two")
		l.expect(snapshot("a2 two"))
		w.set("a", "a3 three")
		l.expect(snapshot("a3 three"))
		w.listen("a").expect(retry, snapshot("a3 three"))
		w.set("a", "a3 three, older")
		w.listen("a").expect(retry, snapshot("a3 three, older")) // new readers get the latest text
		if got := w.metric("waitboard_stream_events_total snapshot"); got != 5 {
			t.Errorf("%v snapshots sent, want 5", got)
		}
	})
}

func TestSeveralTopics(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, still)
		bare := func(text string) event { e := snapshot(text); e.id = ""; return e }
		l := w.listen("b,a")
		l.expect(retry, bare("b1 one"))
		first := l.next() // the last of several has the id of all
		if first.kind != "snapshot" || first.id == "" || first.data != "a1 one" {
			t.Fatalf("got %+v", first)
		}
		w.set("a", "a2 two")
		second := l.next()
		if second.id == "" || second.id == first.id || second.data != "a2 two" {
			t.Errorf("got %+v, then %+v", first, second)
		}
		resumed := w.listen("b,a", "Last-Event-ID", second.id)
		resumed.expect(retry, event{"heartbeat", "", "b1 one"}, event{"heartbeat", "", "a2 two"})
		w.set("b", "b2 two")
		if e := resumed.next(); e.id == "" || e.data != "b2 two" {
			t.Errorf("got %+v", e)
		}
		outdated := w.listen("b,a", "Last-Event-ID", second.id)
		outdated.expect(retry, bare("b2 two"))
		if e := outdated.next(); e.id == "" || e.data != "a2 two" {
			t.Errorf("got %+v", e)
		}
	})
}

func TestLastEventID(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, still)
		w.listen("a", "Last-Event-ID", "a0").expect(retry, snapshot("a1 one"))
		l := w.listen("a", "Last-Event-ID", "a1")
		l.expect(retry, event{"heartbeat", "", "a1 one"})
		w.set("a", "a2 two")
		l.expect(snapshot("a2 two"))
	})
}

// The timeouts of the server do not end streams.
func TestServerTimeouts(t *testing.T) {
	p := still
	p.WriteTimeout = writeTimeout
	eachInTime(t, p, func(t *testing.T, w *world) {
		var header []string
		if w.server.TLS == nil { // HTTP/2 ends a stream whose deadline has passed before it begins
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
	p := still
	p.Heartbeat = 28 * time.Second
	eachInTime(t, p, func(t *testing.T, w *world) {
		w.o.Random = func() float64 { return .5 } // each is due after three quarters of the longest time
		l := w.listen("a")
		l.expect(retry, snapshot("a1 one"))
		w.pass(p.Heartbeat)
		l.expect(event{"heartbeat", "", "a1 one"})
		w.set("a", "a1 one, confirmed") // the same id
		w.pass(p.Heartbeat)
		l.expect(event{"heartbeat", "", "a1 one, confirmed"})
		w.set("a", "a2 two")
		l.expect(snapshot("a2 two"))
	})
}

func TestMaxAge(t *testing.T) {
	p := still
	p.MaxAge = time.Hour
	eachInTime(t, p, func(t *testing.T, w *world) {
		l := w.listen("a")
		l.expect(retry, snapshot("a1 one"))
		w.pass(p.MaxAge/2 - time.Second)
		w.set("a", "a2 two")
		l.expect(snapshot("a2 two"))
		w.pass(p.MaxAge/2 + time.Second)
		l.expect(end)
		w.until("all streams have ended", w.streams(0))
	})
}

// Streams that end together end in order, and ask their readers to reconnect at different times.
func TestEnds(t *testing.T) {
	ends := map[string]struct {
		by     func(w *world)
		others bool // b goes on
	}{
		"topic gone":  {func(w *world) { w.set("a", "") }, true},
		"End":         {func(w *world) { w.End("a") }, true},
		"not allowed": {func(w *world) { w.listen("a", "Outdated", "yes").expect(retry, end) }, true},
		"EndAll":      {func(w *world) { w.EndAll() }, false},
		"Close":       {func(w *world) { w.Close() }, false},
	}
	each(t, func(t *testing.T, transport string) {
		for name, test := range ends {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, transport, still)
				var all []*listener
				for range 20 {
					all = append(all, w.listen("a"))
				}
				all = append(all, w.listen("b,a"))
				times := map[string]bool{}
				for _, l := range all {
					e := l.next()
					if after, err := strconv.Atoi(e.data); err != nil || after < 1000 || after > 61_000 || e.kind != "retry" {
						t.Errorf("begins with %+v", e)
					}
					times[e.data] = true
					for !strings.Contains(e.data, "a1") {
						e = l.next()
					}
				}
				if len(times) < 15 {
					t.Errorf("%d different retry times, want at least 15", len(times))
				}
				other := w.listen("b")
				other.expect(retry, snapshot("b1 one"))
				test.by(w)
				for _, l := range all {
					l.expect(end)
				}
				if test.others {
					w.set("b", "b2 two")
					other.expect(snapshot("b2 two"))
					w.set("a", "a9 again")
					again := w.listen("a")
					again.expect(retry, snapshot("a9 again"))
				} else {
					other.expect(end)
				}
			})
		}
	})
}

func TestLimits(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, still)
		rejected := func(want error, topics string, headers ...string) {
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
		rejected(ErrClientFull, "b", "Client", "192.0.2.1")
		w.listen("a")
		rejected(ErrTopicFull, "a")
		rejected(ErrTopicFull, "b,a", "Client", "192.0.2.2")
		w.listen("b")
		rejected(ErrFull, "b")
		for name, want := range map[string]float64{"address": 1, "widget": 2, "total": 1, "closing": 0} {
			if got := w.metric("waitboard_streams_refused_total " + name); got != want {
				t.Errorf("%v rejected by limit %s, want %v", got, name, want)
			}
		}
		first.cancel()
		w.until("the stream is released", w.streams(3))
		w.listen("a", "Client", "192.0.2.1").expect(retry, snapshot("a1 one"))
		w.Close()
		rejected(ErrClosed, "a")
		w.until("all streams have ended", w.streams(0))
		if len(w.clients) != 0 || len(w.topics) != 2 || len(w.Hub.topics) != 0 {
			t.Errorf("leaked: %v %v", w.clients, w.Hub.topics)
		}
	})
}

func TestReaderGone(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, still)
		for _, l := range []*listener{w.listen("a"), w.listen("a,b")} {
			l.next()
			l.cancel()
		}
		w.until("both are released", w.streams(0))
		if transport == "HTTP/2" {
			return
		}
		for name, leave := range map[string]func(*net.TCPConn) error{
			"half closed": (*net.TCPConn).CloseWrite,
			"reset":       func(c *net.TCPConn) error { return errors.Join(c.SetLinger(0), c.Close()) },
			"sends more, then closes": func(c *net.TCPConn) error {
				if transport == "plain" { // net/http doesn't detect the close behind unread input
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

// A slow reader gets the event that was being sent and then the newest; all others get every event.
func TestSlowReader(t *testing.T) {
	const versions = 100
	long := strings.Repeat("x", 20_000)
	each(t, func(t *testing.T, transport string) {
		w := newWorld(t, transport, still)
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
			t.Errorf("the slow reader received %d of %d events", got, versions)
		}
		if cut := w.metric("waitboard_streams_cut_total"); cut != 0 {
			t.Errorf("%v streams cut", cut)
		}
	})
}

// A reader that stops reading is cut; the others are not.
func TestReaderStops(t *testing.T) {
	p := still
	p.WriteTimeout = 20 * time.Second
	eachInTime(t, p, func(t *testing.T, w *world) {
		w.idle("a")
		quick := w.listen("a")
		quick.expect(retry, snapshot("a1 one"))
		long := strings.Repeat("x", 20_000)
		for i := range 50 { // more than the buffers hold
			text := fmt.Sprintf("v%d %s", i, long)
			w.set("a", text)
			quick.expect(snapshot(text))
		}
		w.pass(p.WriteTimeout / 2)
		w.set("a", "half of it later")
		quick.expect(snapshot("half of it later"))
		if got := w.metric("waitboard_streams_cut_total"); got != 0 {
			t.Errorf("%v streams cut early", got)
		}
		w.pass(p.WriteTimeout)
		w.until("the stopped reader is cut", w.streams(1))
		w.set("a", "last")
		quick.expect(snapshot("last"))
		if got := w.metric("waitboard_streams_cut_total"); got != 1 {
			t.Errorf("%v streams cut, want 1", got)
		}
	})
}

// Readers come and go while topics change and the hub closes.
func TestCrowd(t *testing.T) {
	each(t, func(t *testing.T, transport string) {
		const readers = 100
		p := still
		p.Heartbeat, p.MaxAge = 20*time.Millisecond, 300*time.Millisecond
		w := newWorld(t, transport, p)
		w.listen("a") // on HTTP/2, all others share its connection
		stop, done := make(chan struct{}), make(chan error, readers)
		go func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond): // any time passes the test
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
					err = l.readCounts()
				}
				done <- err
			}()
		}
		for range readers {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		w.until("all streams have ended", w.streams(0))
	})
}

// readCounts reads to the end of the stream. Snapshots hold v and a number. One topic has the even numbers, the other the odd ones; both grow.
func (l *listener) readCounts() error {
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
