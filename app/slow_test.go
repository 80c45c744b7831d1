package app_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// The server cuts off slow peers and serves other visitors meanwhile. This is TestLimitsOfConnections with sockets and their buffers,
// in real time.
func TestSlowPeers(t *testing.T) {
	testlevel.Full(t)
	leavesNothing(t, 16<<20)
	plain := serveCrowd(t, "")
	encrypted, trusted := serveEncryptedCrowd(t)
	defer plain.visit()()
	defer encrypted.visitBy(trusted)()

	script := strings.Repeat("GET /v1/widget.js HTTP/1.1\r\nHost: x\r\n\r\n", 50)
	tests := []struct {
		name        string
		s           *service
		connections int
		first, then string // sent at first, then repeatedly
	}{
		{"silent", plain, 200, "", ""},
		{"silent before TLS", encrypted, 200, "", ""},
		{"a handshake of TLS that does not end", encrypted, 200, "\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03", "\x00"},
		{"a line that does not end", plain, 200, "GET /v1/", "x"},
		{"headers that do not end", plain, 200, getWidget, "X: y\r\n"},
		{"a body that does not end", plain, 200, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", "x"},
		{"chunks that do not end", plain, 200, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
		{"answers that nobody reads", plain, 20, script, script},
	}
	t.Run("", func(t *testing.T) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				var all sync.WaitGroup
				for range test.connections {
					conn, err := net.Dial("tcp", hostname(test.s.url))
					if err != nil {
						t.Fatal(err)
					}
					all.Go(func() {
						defer func() { _ = conn.Close() }()
						if err := heldUntilTCPIsCut(conn.(*net.TCPConn), test.first, test.then); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
			})
		}
	})
}

// heldUntilTCPIsCut sends bytes, first at once and then a few at a time, and reads nothing. It returns when the server has cut the connection.
func heldUntilTCPIsCut(conn *net.TCPConn, first, then string) error {
	_ = conn.SetReadBuffer(4 << 10)
	_ = conn.SetDeadline(time.Now().Add(10 * long))
	if then == "" { // nothing to send, so only a read detects the end
		_, err := io.Copy(io.Discard, conn)
		return stillOpen(err)
	}
	_, err := io.WriteString(conn, first)
	for pause := time.NewTicker(300 * time.Millisecond); err == nil; <-pause.C {
		_, err = io.WriteString(conn, then)
	}
	return stillOpen(err)
}

// stillOpen returns an error if the result of an operation shows that the connection is not cut.
func stillOpen(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errors.New("the connection has not been cut")
	}
	return nil
}
