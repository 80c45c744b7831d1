package sse

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

type socketKey struct{}

// A socket is a connection of an [http.Server] that a hub may take over.
type socket struct {
	syscall.Conn
	taken bool
}

// Prepare allows hubs to take over the connections of a server. Call it after setting the handler and before serving.
//
// The hub duplicates the connection's descriptor. The handler then panics with [http.ErrAbortHandler]: the server writes nothing, closes
// its own descriptor, and reuses its buffers. Hijack would work too, but costs 12 KB for each stream.
func Prepare(s *http.Server) {
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if tcp, ok := c.(syscall.Conn); ok { // not a TLS connection
			return context.WithValue(ctx, socketKey{}, &socket{Conn: tcp})
		}
		return ctx
	}
	next := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if c, ok := r.Context().Value(socketKey{}).(*socket); ok && c.taken {
			panic(http.ErrAbortHandler)
		}
	})
}

// takeover is the transport for HTTP/1.1 without TLS. It takes connections over from net/http and gives them to its loops. It starts the
// loops for the first connection.
type takeover struct {
	hub *Hub

	mu      sync.Mutex // guards the fields below
	loops   []*loop
	next    int
	closed  bool
	running sync.WaitGroup
}

func takeovers(h *Hub) []transport { return []transport{&takeover{hub: h}} }

func (o *takeover) serve(w http.ResponseWriter, r *http.Request, s *reader, lastID string) bool {
	source, ok := r.Context().Value(socketKey{}).(*socket)
	if !ok || r.ProtoMajor != 1 {
		return false
	}
	l := o.pick()
	if l == nil {
		return false
	}
	fd, err := duplicate(source)
	if err != nil {
		return false
	}
	source.taken = true
	c := &conn{reader: *s, fd: fd}
	text := openings.Get().(*[]byte)
	*text = o.hub.opening(o.head((*text)[:0], w.Header()), &c.reader, lastID)
	if !l.post(func() { l.join(c, *text); openings.Put(text) }) { // the hub has closed in the meantime
		_, _ = unix.Write(fd, *text)
		_ = unix.Close(fd)
		o.hub.release(&c.reader)
	}
	return true
}

// openings reuses the buffers for the beginnings of streams. They dominate memory while many readers reconnect at once.
var openings = sync.Pool{New: func() any { return new([]byte) }}

// duplicate returns a second descriptor of a connection, unknown to the Go runtime.
func duplicate(source syscall.Conn) (fd int, err error) {
	raw, err := source.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := raw.Control(func(own uintptr) {
		fd, err = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0)
	})
	if failed != nil {
		return 0, failed
	}
	return fd, err
}

// head appends the response header. The end of the connection ends the body.
func (o *takeover) head(text []byte, header http.Header) []byte {
	out := bytes.NewBuffer(append(text, "HTTP/1.1 200 OK\r\nConnection: close\r\n"...))
	_ = header.Write(out) // a buffer returns no errors
	text = append(out.Bytes(), "Date: "...)
	text = o.hub.o.Now().UTC().AppendFormat(text, http.TimeFormat)
	return append(text, "\r\n\r\n"...)
}

// maxLoops bounds the goroutines that write to taken-over connections. A write is a system call for each reader.
const maxLoops = 8

// pick returns the loop for another connection, or nil if there can't be one.
func (o *takeover) pick() *loop {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return nil
	}
	if o.loops == nil {
		for range min(runtime.GOMAXPROCS(0), maxLoops) {
			l, err := newLoop(o.hub)
			if err != nil { // the process is out of descriptors; use the loops made so far
				break
			}
			o.loops = append(o.loops, l)
			o.running.Go(l.run)
		}
	}
	if len(o.loops) == 0 {
		return nil
	}
	o.next++
	return o.loops[o.next%len(o.loops)]
}

// all returns the loops that run.
func (o *takeover) all() []*loop {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.loops
}

func (o *takeover) changed(t *topic) {
	for _, l := range o.all() {
		l.post(func() { l.changed(t) })
	}
}

func (o *takeover) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	for _, l := range o.all() {
		l.stop()
	}
	o.running.Wait()
}
