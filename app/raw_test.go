package app_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

const getWidget = "GET /v1/widgets/support HTTP/1.1\r\nHost: x\r\n"

// rawRequests are bytes that no regular client sends, and the statuses of all responses. A proxy and the server
// may see different requests in the same bytes. Then the server must send one response and close the connection. A second response would
// answer a request that an attacker smuggled past the proxy.
var rawRequests = []struct {
	name, bytes string
	want        []int
}{
	{"a regular request", getWidget + "\r\n", []int{200}},
	{"no HTTP", "hello\r\n\r\n", []int{400}},
	{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", []int{400}},
	{"NULs", strings.Repeat("\x00", 4<<10), nil},
	{"a line that does not end", "GET /" + strings.Repeat("x", 64<<10), []int{431}},
	{"a URL of 8 KB", "GET /v1/widgets/" + strings.Repeat("x", 8<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", []int{404}},
	{"a URL of 64 KB", "GET /v1/widgets/" + strings.Repeat("x", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", []int{431}},
	{"a query of 64 KB", "GET /v1/widgets?" + strings.Repeat("id=a&", 13<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", []int{431}},
	{"a header of 64 KB", getWidget + "X: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", []int{431}},
	{"10,000 headers", getWidget + strings.Repeat("X: y\r\n", 10_000) + "\r\n", []int{431}},
	{"HTTP/3.0", "GET / HTTP/3.0\r\nHost: x\r\n\r\n", []int{505}},
	{"HTTP/1.1 without Host", "GET / HTTP/1.1\r\n\r\n", []int{400}},
	{"two Hosts", getWidget + "Host: y\r\n\r\n", []int{400}},
	{"a Host with a space", "GET / HTTP/1.1\r\nHost: x y\r\n\r\n", []int{400}},
	{"a header without a name", getWidget + ": y\r\n\r\n", []int{400}},
	{"a header with a space in its name", getWidget + "X Y: z\r\n\r\n", []int{400}},
	{"a header with a NUL", getWidget + "X: \x00\r\n\r\n", []int{400}},
	{"a path with a NUL", "GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", []int{400}},
	{"a path with broken escapes", "GET /v1/widgets/%zz HTTP/1.1\r\nHost: x\r\n\r\n", []int{400}},
	{"a path upwards", "GET /assets/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", []int{404}},
	{"an address of another host", "GET http://internal.example.com/ HTTP/1.1\r\nHost: x\r\n\r\n", []int{200}},
	{"CONNECT", "CONNECT internal.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", []int{405}},
	{"a huge announced body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", []int{405}},
	{"a length that overflows", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", []int{400}},
	{"chunks over HTTP/1.0, which has none", "GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, []int{200, 400}},

	// These are two requests each, for the server and for any proxy that follows RFC 9112 (sections 2.2 and 5.2).
	{"bare line feeds", "GET / HTTP/1.1\nHost: x\nContent-Length: 0\n\n" + smuggled, []int{200, 200}},
	{"a folded line", getWidget + "X: y\r\n Content-Length: 44\r\n\r\n" + smuggled, []int{200, 200}},

	{"smuggling: two lengths", getWidget + "Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + smuggled, []int{400}},
	{"smuggling: a length with a sign", getWidget + "Content-Length: +0\r\n\r\n" + smuggled, []int{400}},
	{"smuggling: a length with a space before the colon", getWidget + "Content-Length : 44\r\n\r\n" + smuggled, []int{400}},
	{"smuggling: a length and chunks", getWidget + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, []int{413}},
	{"smuggling: a length and chunks behind POST", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, []int{405}},
	{"smuggling: chunks in two words", getWidget + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + smuggled, []int{501}},
	{"smuggling: chunks in other letters", getWidget + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled, []int{501}},
	{"smuggling: chunks behind a tab", getWidget + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" + smuggled, []int{413}},
	{"smuggling: chunks by HTTP/1.0", "GET / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, []int{200}},
	{"smuggling: a chunk of a negative length", getWidget + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + smuggled, []int{413}},
	{"smuggling: a chunk whose length overflows", getWidget + "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n" + smuggled, []int{413}},
	{"smuggling: a body behind GET", getWidget + "Content-Length: 5\r\n\r\n12345" + smuggled, []int{413}},
	{"smuggling: bare carriage returns", "GET / HTTP/1.1\rHost: x\r\r" + smuggled, []int{400}},
}

const smuggled = "GET /v1/widgets HTTP/1.1\r\nHost: x\r\n\r\n"

func TestRawRequests(t *testing.T) {
	t.Parallel()
	s := serveCrowd(t, "")
	stop := s.visit()
	defer stop()
	for _, test := range rawRequests {
		if got := s.raw(test.bytes); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// The server answers pipelined requests one by one, in order.
func TestPipelining(t *testing.T) {
	t.Parallel()
	s := serveCrowd(t, "")
	stop := s.visit()
	defer stop()
	var bytes strings.Builder
	var want []int
	for range testlevel.Pick(50, 500, 5_000) {
		bytes.WriteString(getWidget + "\r\nGET /v1/widgets/nobody HTTP/1.1\r\nHost: x\r\n\r\nHEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		want = append(want, 200, 404, 200)
	}
	if got := s.raw(bytes.String()); !slices.Equal(got, want) {
		t.Errorf("%d responses of %d, or in another order", len(got), len(want))
	}
}

// raw sends bytes over a new connection, and returns the statuses of all responses.
func (s *service) raw(bytes string) (statuses []int) {
	s.t.Helper()
	conn, err := net.Dial("tcp", hostname(s.url))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * long))
	sent := make(chan struct{})
	go func() { // while reading: the server may reject a request before its end
		defer close(sent)
		_, _ = io.WriteString(conn, bytes)
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	defer func() { _ = conn.Close(); <-sent }()
	answers := bufio.NewReader(conn)
	asked := bufio.NewReader(strings.NewReader(bytes))
	for {
		r, _ := http.ReadRequest(asked) // detects HEAD; nil: GET
		resp, err := http.ReadResponse(answers, r)
		if err != nil {
			return statuses
		}
		statuses = append(statuses, resp.StatusCode)
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return append(statuses, -1)
		}
	}
}
