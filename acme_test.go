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
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"

	"waitboard/internal/testlevel"
)

// authority starts an ACME server, which validates every host name at 127.0.0.1 and the given port. It returns its directory, the certificate
// to trust, and a function to stop it. Its certificates are valid for the given time, in whole seconds.
func authority(t *testing.T, port int, valid time.Duration) (directory string, certificate *x509.Certificate, stop func()) {
	t.Helper()
	quiet := log.New(io.Discard, "", 0)
	store := db.NewMemoryStore()
	issuer := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {ValidityPeriod: uint64(valid / time.Second)}})
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	front := wfe.New(quiet, store, va.New(quiet, 0, port, false, resolver(t), store), issuer, nil, false, false, 1, 1)
	server := httptest.NewTLSServer(front.Handler())
	t.Cleanup(server.Close)
	return server.URL + wfe.DirectoryPath, server.Certificate(), server.Close
}

// resolver starts a name server that resolves every name to 127.0.0.1.
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
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.ActivateAndServe() })
	t.Cleanup(func() {
		_ = server.Shutdown()
		_ = listener.Close() // if Shutdown came before the server had started
		serving.Wait()
	})
	return listener.Addr().String()
}

// An automatic is the program with a host name in its configuration, and an authority for its certificate.
type automatic struct {
	*testing.T
	program, folder, config string
	reserved                net.Listener // holds the port until the first run
	address                 *net.TCPAddr
	stopAuthority           func()
}

func newAutomatic(t *testing.T, valid time.Duration) *automatic {
	t.Helper()
	reserved, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := &automatic{T: t, program: program(t), folder: t.TempDir(), reserved: reserved, address: reserved.Addr().(*net.TCPAddr)}
	directory, trusted, stop := authority(t, a.address.Port, valid)
	a.stopAuthority = stop
	a.write("authority.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.Raw}))
	a.config = a.write("waitboard.yaml", fmt.Appendf(nil, `
listen: %s
admin: 127.0.0.1:0
data_dir: data
tls: {auto: wait.example.com, email: ops@example.com, directory: %q, directory_ca_file: authority.pem}
sources: {hq: {url: "http://127.0.0.1:1/rest", key_env: KEY}}
widgets: {support: {metrics: {wait: {metric: Wait}}}}
`, a.address, directory))
	return a
}

func (a *automatic) write(name string, text []byte) (file string) {
	a.Helper()
	file = filepath.Join(a.folder, name)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		a.Fatal(err)
	}
	return file
}

// run runs the program during a function.
func (a *automatic) run(what func()) {
	a.Helper()
	ctx, cancel := context.WithTimeout(a.Context(), 5*time.Minute) // only failures take that long
	defer cancel()
	_ = a.reserved.Close()
	cmd := exec.CommandContext(ctx, a.program, "serve", "--config", a.config)
	cmd.Env = append(os.Environ(), "KEY=key")
	stderr, err := os.OpenFile(filepath.Join(a.folder, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		a.Fatal(err)
	}
	defer func() { _ = stderr.Close() }()
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		a.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil || a.Failed() {
			a.Errorf("ended with %v\n%s", err, a.log())
		}
	}()
	a.until(ctx, "it listens", func() bool {
		c, err := net.Dial("tcp", a.address.String())
		return err == nil && c.Close() == nil
	})
	what()
}

// log returns the log of all runs.
func (a *automatic) log() string {
	text, _ := os.ReadFile(filepath.Join(a.folder, "log"))
	return string(text)
}

func (a *automatic) until(ctx context.Context, what string, holds func() bool) {
	a.Helper()
	for !holds() {
		select {
		case <-ctx.Done():
			a.Fatalf("not in time: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// get sends a request for a host name.
func (a *automatic) get(name string) (*tls.ConnectionState, error) {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", a.address.String())
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, //nolint:gosec // the callers check the certificate
	}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport, Timeout: 5 * time.Minute}).Get("https://" + name + "/v1/widgets/support")
	if err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.TLS, resp.Body.Close()
}

// ends returns the end of the certificate from the metrics, in Unix time, or "".
func (a *automatic) ends() string {
	a.Helper()
	admin := regexp.MustCompile(`for=admin url=(\S+)`).FindAllStringSubmatch(a.log(), -1)
	if admin == nil {
		return "" // not listening yet
	}
	resp, err := http.Get(admin[len(admin)-1][1] + "/metrics")
	if err != nil {
		a.Fatal(err)
	}
	defer resp.Body.Close()
	metrics, _ := io.ReadAll(resp.Body)
	if found := regexp.MustCompile(`(?m)^waitboard_tls_certificate_expires_timestamp_seconds (\S+)$`).FindSubmatch(metrics); found != nil {
		return string(found[1])
	}
	return ""
}

// With a host name in its configuration, the service gets a certificate, stores it, and gets none for other names.
func TestAutomaticCertificate(t *testing.T) {
	a := newAutomatic(t, 90*24*time.Hour)
	var first *x509.Certificate
	a.run(func() {
		state, err := a.get("wait.example.com")
		if err != nil {
			t.Fatal(err)
		}
		first = state.PeerCertificates[0]
		if err := first.VerifyHostname("wait.example.com"); err != nil || state.NegotiatedProtocol != "h2" || !strings.Contains(first.Issuer.CommonName, "Pebble") {
			t.Errorf("%v, %s, issued by %s", err, state.NegotiatedProtocol, first.Issuer)
		}
		if _, err := a.get("evil.example.com"); err == nil {
			t.Error("got a certificate for another name")
		}
		if _, err := a.get("WAIT.example.com"); err != nil {
			t.Errorf("in capitals: %v", err)
		}
		if logged := strings.Count(a.log(), "certificate obtained"); logged != 1 {
			t.Errorf("%d log lines about the certificate, want 1", logged)
		}
		if ends, want := a.ends(), strconv.FormatFloat(float64(first.NotAfter.Unix()), 'g', -1, 64); ends != want {
			t.Errorf("the certificate ends at %s, the metric is %s", want, ends)
		}
	})
	a.run(func() {
		if state, err := a.get("wait.example.com"); err != nil || !state.PeerCertificates[0].Equal(first) {
			t.Errorf("another certificate after a restart: %v", err)
		}
	})
	if info, err := os.Stat(filepath.Join(a.folder, "data", "certificates")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder with the keys: %v, %v", info, err)
	}
}

// The service renews a certificate without requests, and updates the metric. It logs failures. Renewal begins after two thirds of the
// certificate's validity, in real time.
func TestAutomaticRenewal(t *testing.T) {
	testlevel.Full(t)
	a := newAutomatic(t, 30*time.Second)
	a.run(func() {
		var first string
		a.until(t.Context(), "certificate obtained", func() bool { first = a.ends(); return first != "" })
		a.until(t.Context(), "there is another", func() bool { return a.ends() != first })
		if state, err := a.get("wait.example.com"); err != nil || strconv.FormatFloat(float64(state.PeerCertificates[0].NotAfter.Unix()), 'g', -1, 64) == first {
			t.Errorf("request: %v", err)
		}
		if logged := strings.Count(a.log(), "certificate obtained"); logged < 2 {
			t.Errorf("%d log lines about certificates", logged)
		}
		a.stopAuthority()
		a.until(t.Context(), "the log says that it has expired", func() bool {
			_, err := a.get("wait.example.com")
			return err == nil && strings.Contains(a.log(), "certificate expired")
		})
	})
}
