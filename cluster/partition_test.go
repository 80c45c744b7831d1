package cluster

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// A line is a proxy to an engine that a test can cut.
type line struct {
	engine string
	listen net.Listener
	ended  sync.WaitGroup

	mu   sync.Mutex // guards what follows
	cut  bool
	open map[net.Conn]bool
}

func newLine(t *testing.T, engine string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{engine: engine, listen: listener, open: map[net.Conn]bool{}}
	l.ended.Go(l.accept)
	t.Cleanup(func() { _ = listener.Close(); l.set(true); l.ended.Wait() })
	return l
}

func (l *line) accept() {
	for {
		a, err := l.listen.Accept()
		if err != nil {
			return
		}
		b, err := net.Dial("tcp", l.engine)
		if err != nil || !l.add(a, b) {
			_ = a.Close()
			continue
		}
		for _, pair := range [][2]net.Conn{{a, b}, {b, a}} {
			l.ended.Go(func() {
				_, _ = io.Copy(pair[0], pair[1])
				_, _ = pair[0].Close(), pair[1].Close()
			})
		}
	}
}

func (l *line) add(all ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, each := range all {
		if l.cut {
			_ = each.Close()
		} else {
			l.open[each] = true
		}
	}
	return !l.cut
}

// set cuts the line, or mends it.
func (l *line) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	for each := range l.open {
		_ = each.Close()
		delete(l.open, each)
	}
}

// A holder that can't reach the engine stops polling before another replica takes over. It polls alone, and follows when it can.
func TestPartition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := newLine(t, w.engine.Addr())
	w.url = strings.Replace(w.engine.URL(), w.engine.Addr(), l.listen.Addr().String(), 1)
	a := w.join("a")
	w.within("a holds the lease", a.member.holds)
	a.observe(1)
	w.url = w.engine.URL()
	b := w.join("b")
	w.within("b shows it", func() bool { return b.shown() == 1 })
	l.set(true)
	w.within("b took over", b.polling)
	if a.member.holds() {
		t.Error("a still believes to hold the lease")
	}
	w.within("a polls alone", a.polling)
	b.observe(2)
	a.observe(3) // newer, but nobody else can know
	l.set(false)
	w.one(a, b)
	w.within("both know each other", func() bool { return a.Connected() && b.Connected() })
	holder := w.one(a, b)
	holder.observe(4)
	w.within("both show the newest", func() bool { return a.shown() == 4 && b.shown() == 4 })
}
