package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

// authority is an ACME server of its own, which looks for every host name at 127.0.0.1 and the port given. It gives its directory and the
// certificate by which it is to be trusted itself.
func authority(t *testing.T, port int) (directory string, certificate *x509.Certificate) {
	t.Helper()
	quiet := log.New(io.Discard, "", 0)
	store := db.NewMemoryStore()
	issuer := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {ValidityPeriod: 90 * 24 * 3600}})
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	front := wfe.New(quiet, store, va.New(quiet, 0, port, false, resolver(t), store), issuer, nil, false, false, 1, 1)
	server := httptest.NewTLSServer(front.Handler())
	t.Cleanup(server.Close)
	return server.URL + wfe.DirectoryPath, server.Certificate()
}

// resolver is a name server that knows every name, at 127.0.0.1.
func resolver(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: listener, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		answer := new(dns.Msg).SetReply(question)
		if q := question.Question[0]; q.Qtype == dns.TypeA {
			answer.Answer = append(answer.Answer, &dns.A{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}, A: net.IPv4(127, 0, 0, 1)})
		}
		_ = w.WriteMsg(answer)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return listener.Addr().String()
}

// With a host name in its configuration the service gets its certificate by itself, keeps it, and gets none for other names.
func TestAutomaticCertificate(t *testing.T) {
	path, folder := program(t), t.TempDir()
	reserved, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free in a moment
	if err != nil {
		t.Fatal(err)
	}
	address := reserved.Addr().(*net.TCPAddr)
	directory, trusted := authority(t, address.Port)
	write := func(name string, text []byte) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	roots := write("roots.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.Raw}))
	config := write("waitboard.yaml", fmt.Appendf(nil, `
listen: %s
admin: ""
data_dir: data
tls: {auto: wait.example.com, email: ops@example.com, directory: %q}
sources: {hq: {url: "http://127.0.0.1:1/rest", key_env: KEY}}
widgets: {support: {metrics: {wait: {metric: Wait}}}}
`, address, directory))
	run := func(what func(get func(name string) (*tls.ConnectionState, error))) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_ = reserved.Close()
		cmd := exec.CommandContext(ctx, path, "serve", "--config", config)
		cmd.Env = append(os.Environ(), "KEY=key", "SSL_CERT_FILE="+roots)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for listening := false; !listening; {
			if c, err := net.Dial("tcp", address.String()); err == nil {
				listening = c.Close() == nil
			} else if ctx.Err() != nil {
				t.Fatal("it does not listen")
			}
		}
		defer func() {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			if err := cmd.Wait(); err != nil || t.Failed() {
				t.Errorf("ended with %v\n%s", err, &stderr)
			}
		}()
		what(func(name string) (*tls.ConnectionState, error) {
			transport := &http.Transport{
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, "tcp", address.String())
				},
				TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, //nolint:gosec // what it is, is looked at below
			}
			defer transport.CloseIdleConnections()
			resp, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Get("https://" + name + "/v1/widgets/support")
			if err != nil {
				return nil, err
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			return resp.TLS, resp.Body.Close()
		})
	}
	var first *x509.Certificate
	run(func(get func(string) (*tls.ConnectionState, error)) {
		state, err := get("wait.example.com")
		if err != nil {
			t.Fatal(err)
		}
		first = state.PeerCertificates[0]
		if err := first.VerifyHostname("wait.example.com"); err != nil || state.NegotiatedProtocol != "h2" || !strings.Contains(first.Issuer.CommonName, "Pebble") {
			t.Errorf("%v, %s, issued by %s", err, state.NegotiatedProtocol, first.Issuer)
		}
		if _, err := get("evil.example.com"); err == nil {
			t.Error("there is a certificate for a name that is not in the configuration")
		}
	})
	run(func(get func(string) (*tls.ConnectionState, error)) {
		if state, err := get("wait.example.com"); err != nil || !state.PeerCertificates[0].Equal(first) {
			t.Errorf("after a restart it is another one: %v", err)
		}
	})
	if info, err := os.Stat(filepath.Join(folder, "data", "certificates")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder with the keys: %v, %v", info, err)
	}
}
