package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"waitboard/sse"
)

// A server is one listener and what serves it.
type server struct {
	name     string
	address  string // as it is configured
	listener net.Listener
	http     *http.Server
	handler  atomic.Pointer[http.Handler] // can be replaced while it serves
	keys     atomic.Pointer[keyring]      // can be replaced by others; nil: it doesn't encrypt
}

// listen opens a listener and returns its server. key is the name of the address in the configuration.
func listen(name, key, address string, open func(address string) (net.Listener, error), faults *httpLog, idle *idleConns) (*server, error) {
	listener, err := open(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return newServer(name, address, listener, faults, idle), nil
}

// newServer returns a server with the limits that the open internet requires. Set a handler before it serves.
func newServer(name, address string, listener net.Listener, faults *httpLog, idle *idleConns) *server {
	s := &server{name: name, address: address, listener: listener}
	s.http = &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*s.handler.Load()).ServeHTTP(w, r) }),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(faults, "", 0),
		ConnState:         idle.changed,
	}
	sse.Prepare(s.http)
	return s
}

// encrypt turns on TLS, with HTTP/2. It can be called again with other keys while the server serves.
func (s *server) encrypt(keys *keyring) {
	if s.keys.Swap(keys) == nil {
		s.http.TLSConfig = &tls.Config{
			MinVersion:         tls.VersionTLS12,
			GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.keys.Load().tls, nil },
		}
	}
}

// speakH2C accepts HTTP/2 without TLS from clients with prior knowledge (RFC 9113, section 3.3).
func (s *server) speakH2C() {
	s.http.Protocols = new(http.Protocols)
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetUnencryptedHTTP2(true)
}

func (s *server) handle(h http.Handler) { s.handler.Store(&h) }

func (s *server) serve() error {
	serve := func() error { return s.http.Serve(s.listener) }
	if s.keys.Load() != nil {
		serve = func() error { return s.http.ServeTLS(s.listener, "", "") }
	}
	if err := serve(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%s server: %w", s.name, err)
	}
	return nil
}

// lameDuck is how long a stopping server still accepts connections, and closes each after one response. Otherwise the kernel would reset
// those that it accepted and the server did not yet.
const lameDuck = 200 * time.Millisecond

// stop drains the server, and closes what is left after that time.
func (s *server) stop(drain time.Duration) {
	s.http.SetKeepAlivesEnabled(false)
	time.Sleep(lameDuck)
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
	}
}

// hasPort reports whether the server listens on the port of an address.
func (s *server) hasPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if s == nil || err != nil {
		return false
	}
	_, own, _ := net.SplitHostPort(s.listener.Addr().String())
	return port == own
}

func (s *server) loopback() bool {
	address, ok := s.listener.Addr().(*net.TCPAddr)
	return ok && address.IP.IsLoopback()
}

// url returns the listener's address as this machine reaches it.
func (s *server) url() string {
	host, port, _ := net.SplitHostPort(s.listener.Addr().String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	scheme := "http://"
	if s.keys.Load() != nil {
		scheme = "https://"
	}
	return scheme + host + ":" + port
}
