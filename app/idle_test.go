//go:build unix

package app_test

import (
	"bytes"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// Ten thousand visitors keep their connections, as browsers do, or as many as there are descriptors for: both ends of each are in this
// process.
func TestIdleConnections(t *testing.T) {
	leavesNothing(t, 64<<20)
	connections := min(10_000, (descriptorLimit(t)-500)/2)
	if connections <= 0 {
		t.Skip("this process may have too few descriptors")
	}
	s := serveCrowd(t, "")
	stop := s.visit()
	defer stop()
	before := measure()
	conns := make([]net.Conn, 0, connections)
	defer func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
	}()
	for range connections {
		conn, err := net.Dial("tcp", hostname(s.url))
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
		asks(t, conn)
	}
	with := measure()
	t.Logf("%d idle connections: %d bytes of heap each, both ends", connections, (with.heap-before.heap)/connections)
	for _, conn := range conns { // they are all still there
		asks(t, conn)
	}
}

// asks asks for the widget over a connection, and reads the answer to its end.
func asks(t *testing.T, conn net.Conn) {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(long))
	if _, err := io.WriteString(conn, getWidget+"\r\n"); err != nil {
		t.Fatal(err)
	}
	var answer []byte
	buffer := make([]byte, 4<<10)
	for !bytes.HasSuffix(bytes.TrimSpace(answer), []byte("}")) {
		n, err := conn.Read(buffer)
		if err != nil {
			t.Fatalf("%v after %s", err, answer)
		}
		answer = append(answer, buffer[:n]...)
	}
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) {
		t.Fatalf("answered %s", answer)
	}
}

// descriptorLimit is how many descriptors this process may have. Go raises it to what it may be raised to.
func descriptorLimit(t *testing.T) int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return int(min(limit.Cur, 1<<30))
}
