package sse

import (
	"bytes"
	"context"
	"net"
	"net/http"
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

// Prepare lets hubs take connections over from a server, which has its handler and does not serve yet.
//
// A hub duplicates the connection's descriptor. The handler then ends as one that aborts, so that the server writes nothing, lets go of its own
// descriptor, and keeps its buffers for the next connection. Hijack would do too, but lose 12 KB with every stream.
func Prepare(s *http.Server) {
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if plain, ok := c.(syscall.Conn); ok { // not one with TLS in between
			return context.WithValue(ctx, socketKey{}, &socket{Conn: plain})
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

// takeOver takes the connection from net/http and gives it to a loop, if that can be done. Nothing has happened if not.
func (h *Hub) takeOver(w http.ResponseWriter, r *http.Request, s *reader, known string) bool {
	source, ok := r.Context().Value(socketKey{}).(*socket)
	if !ok || r.ProtoMajor != 1 {
		return false
	}
	l := h.loops.pick(h)
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
	*text = h.opening(h.head((*text)[:0], w.Header()), &c.reader, known)
	if !l.post(func() { l.join(c, *text); openings.Put(text) }) { // the hub has been closed meanwhile
		_, _ = unix.Write(fd, *text)
		_ = unix.Close(fd)
		h.release(&c.reader)
	}
	return true
}

// openings are buffers that have been used: what many streams begin with, as when all readers of a day come back at once, would be
// most of the memory that their beginning takes.
var openings = sync.Pool{New: func() any { return new([]byte) }}

// duplicate is another descriptor of the connection's, which the runtime knows nothing of.
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

// head appends what net/http would have written before the first event. The stream's end is that of the connection.
func (h *Hub) head(text []byte, header http.Header) []byte {
	out := bytes.NewBuffer(append(text, "HTTP/1.1 200 OK\r\nConnection: close\r\n"...))
	_ = header.Write(out) // a buffer takes everything
	text = append(out.Bytes(), "Date: "...)
	text = h.o.Now().UTC().AppendFormat(text, http.TimeFormat)
	return append(text, "\r\n\r\n"...)
}
