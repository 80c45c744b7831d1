package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"waitboard/config"
	"waitboard/simulator"
)

// selfSigned writes a certificate for 127.0.0.1 and its key into a folder, and replaces earlier ones.
func selfSigned(t *testing.T, folder string, serial int64, until time.Time) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "waitboard"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	rawKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: raw}, "key.pem": {Type: "PRIVATE KEY", Bytes: rawKey}} {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// trusting returns a client that trusts one authority.
func trusting(t *testing.T, certificate *x509.Certificate) *http.Client {
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * long}
}

const secureYAML = `
sources: {hq: {url: %q, key_env: KEY}}
widgets: {w: {metrics: {m: {metric: K0FLAEB6}}}}
%s
`

// The service uses a certificate from files and renews it while it runs. It survives clients with a wrong protocol.
func TestTLS(t *testing.T) {
	t.Parallel()
	sim, folder := simulate(t, simulator.Options{Seed: 5}), t.TempDir()
	configured := func(more string) *config.Config {
		return parse(t, fmt.Sprintf(secureYAML, sim.URL(), more), map[string]string{"KEY": sim.Key()})
	}
	secure := fmt.Sprintf("tls: {cert_file: %q, key_file: %q}", filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem"))
	first := selfSigned(t, folder, 1, time.Now().Add(24*time.Hour))
	s := serveReloading(t, configured(secure))
	if !strings.HasPrefix(s.url, "https://") || !strings.Contains(s.log.String(), "certificate expires soon") {
		t.Errorf("at %s\n%s", s.url, s.log)
	}
	get := func(client *http.Client) (*http.Response, error) {
		resp, err := client.Get(s.url + "/v1/widgets/w")
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		return resp, err
	}
	if resp, err := get(trusting(t, first)); err != nil || resp.StatusCode != 200 || resp.ProtoMajor != 2 || resp.Header.Get("Strict-Transport-Security") != "max-age=2592000" {
		t.Errorf("%v, %v", resp, err)
	}
	if resp, err := client.Get(strings.Replace(s.url, "https", "http", 1)); err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: %v, %v", resp, err)
	} else {
		_ = resp.Body.Close()
	}

	second := selfSigned(t, folder, 2, time.Now().Add(90*24*time.Hour))
	s.reload(configured(secure))
	if resp, err := get(trusting(t, second)); err != nil || resp.TLS.PeerCertificates[0].SerialNumber.Int64() != 2 {
		t.Errorf("renewed: %v", err)
	}
	for name, at := range map[string]time.Time{"begins": second.NotBefore, "expires": second.NotAfter} {
		if _, metrics := s.get(s.admin + "/metrics"); !strings.Contains(metrics, "waitboard_tls_certificate_"+name+"_timestamp_seconds "+strconv.FormatFloat(float64(at.Unix()), 'g', -1, 64)) {
			t.Errorf("no metric of when the certificate %s", name)
		}
	}
	if _, err := get(trusting(t, first)); err == nil {
		t.Error("the old certificate is still in use")
	}
	s.within(long, "the failed handshake is logged", func() bool {
		return strings.Contains(s.log.String(), `kind=tls count=1 last="http: TLS handshake error from [address]`)
	})

	for _, more := range []string{"", "h2c: true"} {
		s.reload(configured(more))
		if _, err := get(trusting(t, second)); err != nil || !strings.Contains(s.log.String(), "tls: can't be turned on or off") {
			t.Errorf("%q: %v", more, err)
		}
	}
}

// With h2c a proxy may use HTTP/2 without TLS; HTTP/1.1 still works.
func TestH2C(t *testing.T) {
	t.Parallel()
	sim := simulate(t, simulator.Options{Seed: 6})
	for _, on := range []bool{true, false} {
		cfg := parse(t, fmt.Sprintf(secureYAML, sim.URL(), fmt.Sprint("h2c: ", on)), map[string]string{"KEY": sim.Key()})
		s := serve(t, cfg)
		transport := &http.Transport{Protocols: new(http.Protocols)}
		transport.Protocols.SetUnencryptedHTTP2(true)
		t.Cleanup(transport.CloseIdleConnections)
		resp, err := (&http.Client{Transport: transport, Timeout: 10 * long}).Get(s.url + "/healthz")
		if spoken := err == nil && resp.ProtoMajor == 2; spoken != on {
			t.Errorf("h2c: %v: %v, %v", on, resp, err)
		}
		if err == nil {
			_ = resp.Body.Close()
		}
		if status, _ := s.get(s.url + "/healthz"); status != 200 {
			t.Errorf("HTTP/1.1 with h2c: %d", status)
		}
	}
}
