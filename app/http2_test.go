package app_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"waitboard/internal/testlevel"
)

// An http2Flood is a stream of frames that each cost a client little. frames writes the nth piece of it.
type http2Flood struct {
	name   string
	frames func(f *http2.Framer, n uint32) error
	cut    bool // the server must end the connection
}

var http2Floods = []http2Flood{
	// CVE-2023-44487: streams that are reset at once do not count as open.
	{"rapid resets", func(f *http2.Framer, n uint32) error {
		return errors.Join(openStream(f, n, true), f.WriteRSTStream(2*n+1, http2.ErrCodeCancel))
	}, false},
	// The same with errors of the client, after which the server resets the stream.
	{"rapid mistakes", func(f *http2.Framer, n uint32) error {
		return errors.Join(openStream(f, n, false), f.WriteWindowUpdate(2*n+1, 1<<31-1))
	}, false},
	{"streams without end", func(f *http2.Framer, n uint32) error { return openStream(f, n, false) }, false},
	{"pings", func(f *http2.Framer, n uint32) error { return f.WritePing(false, [8]byte{byte(n)}) }, false},
	{"settings", func(f *http2.Framer, n uint32) error {
		return f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: n})
	}, false},
	{"headers that do not end", func(f *http2.Framer, n uint32) error {
		if n == 0 {
			return f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: headerBlock(":method", "GET")})
		}
		return f.WriteContinuation(1, false, headerBlock(fmt.Sprint("x-", n), "y"))
	}, true},
	{"no frames", func(f *http2.Framer, _ uint32) error {
		return f.WriteRawFrame(0xff, 0xff, 0, bytes.Repeat([]byte{0xff}, 1<<10))
	}, false},
	{"frames that are too large", func(f *http2.Framer, n uint32) error {
		return f.WriteRawFrame(http2.FrameHeaders, 0, 2*n+1, make([]byte, 1<<20))
	}, true},
}

// During floods of HTTP/2 frames, with and without TLS, whether the client reads or not, the service serves other visitors.
// Nothing is left afterwards. Package http2 ends a connection at 10,000 pending responses, which takes a flood of ./test.sh --full.
func TestHTTP2Floods(t *testing.T) {
	testlevel.Short(t)
	leavesNothing(t, 16<<20)
	plain := serveCrowd(t, "h2c: true")
	encrypted, trusted := serveEncryptedCrowd(t)
	cleartext := &http.Transport{Protocols: new(http.Protocols)}
	cleartext.Protocols.SetUnencryptedHTTP2(true)
	defer plain.visitBy(cleartext)()
	defer encrypted.visitBy(trusted)()
	t.Run("", func(t *testing.T) { // ends with the last subtest
		for _, flood := range http2Floods {
			for _, reads := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, reads %v", flood.name, reads), func(t *testing.T) {
					t.Parallel()
					conn, err := net.Dial("tcp", hostname(plain.url))
					if err != nil {
						t.Fatal(err)
					}
					flood.try(t, conn, reads)
					secure, err := tls.Dial("tcp", hostname(encrypted.url), &tls.Config{NextProtos: []string{"h2"}, InsecureSkipVerify: true})
					if err != nil {
						t.Fatal(err)
					}
					flood.try(t, secure, reads)
				})
			}
		}
	})
}

// try sends a flood over a connection. It reads meanwhile, or only afterwards.
func (flood *http2Flood) try(t *testing.T, conn net.Conn, reads bool) {
	t.Helper()
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * long))
	var got string
	var ending error
	read := make(chan struct{})
	reading := func() { defer close(read); got, ending = frames(conn) }
	if reads {
		go reading()
	}
	sent, err := flood.send(conn)
	if !reads {
		go reading()
	}
	if !flood.cut {
		_ = conn.Close()
	}
	<-read
	t.Logf("%d times, then %v; answered %s, then %v", sent, err, got, ending)
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(ending, os.ErrDeadlineExceeded) {
		t.Error("the connection neither continues nor ends")
	}
}

// frames reads frames until a connection ends. It returns their number by type, and the cause of the end.
func frames(conn net.Conn) (string, error) {
	counts := map[string]int{}
	framer := http2.NewFramer(nil, conn)
	for {
		f, err := framer.ReadFrame()
		if err != nil {
			return fmt.Sprint(counts), err
		}
		name := f.Header().Type.String()
		if away, ok := f.(*http2.GoAwayFrame); ok {
			name += " " + away.ErrCode.String()
		}
		counts[name]++
	}
}

func (flood *http2Flood) send(conn net.Conn) (n uint32, err error) {
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		return 0, err
	}
	most := testlevel.Pick[uint32](2_000, 2_000, 20_000)
	framer := http2.NewFramer(conn, nil)
	framer.AllowIllegalWrites = true
	if err := framer.WriteSettings(); err != nil {
		return 0, err
	}
	for ; n < most; n++ {
		if err := flood.frames(framer, n); err != nil {
			return n, err
		}
	}
	return n, nil
}

// openStream requests the widget in the nth stream of a connection. end marks the end of the request.
func openStream(f *http2.Framer, n uint32, end bool) error {
	return f.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 2*n + 1, EndHeaders: true, EndStream: end,
		BlockFragment: headerBlock(":method", "GET", ":scheme", "http", ":authority", "x", ":path", "/v1/widgets/support"),
	})
}

func headerBlock(fields ...string) []byte {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	encoder.SetMaxDynamicTableSizeLimit(0) // so that a block means the same in each place
	encoder.SetMaxDynamicTableSize(0)
	for i := 0; i < len(fields); i += 2 {
		_ = encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}) // into memory
	}
	return block.Bytes()
}
