package stream

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"syscall"

	"golang.org/x/sys/unix"
)

type connKey struct{}

// ConnContext is for an [http.Server]: with it a hub can take connections over.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if plain, ok := c.(syscall.Conn); ok { // not one with TLS in between
		return context.WithValue(ctx, connKey{}, plain)
	}
	return ctx
}

// sendBuffer is how much the kernel keeps for a reader, in bytes: so much is old already when a slow reader gets to it.
const sendBuffer = 32 << 10

// takeOver takes the connection from net/http and gives it to a loop, if that can be done. Nothing has happened if not.
func (h *Hub) takeOver(w http.ResponseWriter, r *http.Request, s *reader, known string) bool {
	source, ok := r.Context().Value(connKey{}).(syscall.Conn)
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
	taken, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = unix.Close(fd)
		return false
	}
	_ = taken.Close() // with all that the runtime and net/http have for it; the connection itself stays, by our descriptor
	// Without them a slow or vanished reader costs more, no more than that.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(h.o.Pace.Patience.Milliseconds()))

	c := &conn{reader: *s, fd: fd}
	text, _ := h.opening(&c.reader, known) // if it is over the loop sees that too
	text = append(h.head(w.Header()), text...)
	if !l.post(func() { l.join(c, text) }) {
		_ = unix.Close(fd)
		h.release(&c.reader)
	}
	return true
}

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

// head is what net/http would have written before the first event. The stream's end is that of the connection.
func (h *Hub) head(header http.Header) []byte {
	header.Set("Date", h.o.Now().UTC().Format(http.TimeFormat))
	header.Set("Connection", "close")
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 200 %s\r\n", http.StatusText(http.StatusOK))
	_ = header.Write(&out) // a buffer takes everything
	out.WriteString("\r\n")
	return out.Bytes()
}
