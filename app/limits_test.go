package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/internal/memnet"
)

// The server cuts off peers that hold connections without proper use, each kind after its own time. Meanwhile it
// serves other visitors.
func TestLimitsOfConnections(t *testing.T) {
	script := strings.Repeat("GET /v1/widget.js HTTP/1.1\r\nHost: x\r\n\r\n", 50)
	const page = "GET /page HTTP/1.1\r\nHost: x\r\n"
	for _, test := range []struct {
		name        string
		encrypted   bool
		first, then string // sent at first, then repeatedly
		reads       bool
		cut         time.Duration // after this time
	}{
		{"silent", false, "", "", true, 5 * time.Second},
		{"silent before TLS", true, "", "", true, 5 * time.Second},
		{"a handshake of TLS that does not end", true, "\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03", "\x00", true, 5 * time.Second},
		{"a line that does not end", false, "GET /v1/", "x", true, 5 * time.Second},
		{"headers that do not end", false, page, "X: y\r\n", true, 5 * time.Second},
		{"a body that does not end", false, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", "x", true, 10 * time.Second},
		{"a body that is too long to be read to its end", false, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", "x", true, 500 * time.Millisecond},
		{"chunks that do not end", false, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", true, 10 * time.Second},
		{"answers that nobody reads", false, script, script, false, 15 * time.Second},
		{"idle after an answer", false, page + "\r\n", "", true, 2 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := serveInMemory(t, test.encrypted)
				stop := visit(t, l, test.encrypted)
				defer stop()
				const connections = 20
				took := make(chan time.Duration, connections)
				for range connections {
					conn, err := l.Dial()
					if err != nil {
						t.Fatal(err)
					}
					go func() { took <- heldUntilCut(conn, test.first, test.then, test.reads) }()
				}
				for range connections {
					if got := <-took; got < test.cut || got > test.cut+pause {
						t.Errorf("cut after %v, want %v", got, test.cut)
					}
				}
			})
		})
	}
}

const pause = 300 * time.Millisecond // between two writes of a slow peer

// serveInMemory starts a server like the public one, with one large page.
func serveInMemory(t *testing.T, encrypted bool) *memnet.Listener {
	t.Helper()
	l := memnet.Listen()
	s := newServer("public", l.Addr().String(), l, newHTTPLog(slog.New(slog.DiscardHandler), prometheus.NewRegistry()), newIdleConns(0, nil))
	s.handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		fmt.Fprint(w, strings.Repeat("x", 64<<10))
	}))
	if encrypted {
		s.encrypt(&keyring{tls: &tls.Config{Certificates: []tls.Certificate{newCertificate(t)}}})
	}
	ended := make(chan error, 1)
	go func() { ended <- s.serve() }()
	t.Cleanup(func() {
		s.stop(drainTime)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Second) // each side of TLS waits 5 seconds for the other to read that it ends
	})
	return l
}

func newCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// visit sends ten requests a second until stop is called, in turn over a keep-alive connection and over new ones. Each response
// must arrive before any time has passed.
func visit(t *testing.T, l *memnet.Listener, encrypted bool) (stop func()) {
	transport := &http.Transport{DialContext: l.DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true} //nolint:gosec // the server is not the subject
	url := "http://x/page"
	if encrypted {
		url = "https://x/page"
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for n := 0; ; n++ {
			asked := time.Now()
			r, _ := http.NewRequest(http.MethodGet, url, nil)
			r.Close = n%2 == 1
			resp, err := transport.RoundTrip(r)
			if err != nil {
				t.Errorf("request %d: %v", n, err)
				return
			}
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if took := time.Since(asked); err != nil || took > 0 {
				t.Errorf("request %d: %v, after %v", n, err, took)
			}
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return func() {
		close(done)
		<-ended
		transport.CloseIdleConnections()
	}
}

// heldUntilCut sends bytes, first at once and then a few at a time, until the server cuts the connection. It returns the time until then.
func heldUntilCut(conn net.Conn, first, then string, reads bool) time.Duration {
	began := time.Now()
	defer func() { _ = conn.Close() }()
	cut := make(chan struct{})
	if reads {
		go func() { defer close(cut); _, _ = io.Copy(io.Discard, conn) }()
	}
	if first != "" {
		_, _ = io.WriteString(conn, first)
	}
	for then != "" {
		time.Sleep(pause)
		if _, err := io.WriteString(conn, then); err != nil {
			return time.Since(began)
		}
	}
	<-cut
	return time.Since(began)
}
