package chronicall

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"waitboard/domain"
)

// A pair is a self-signed certificate and its key, in PEM.
type pair struct{ certificate, key []byte }

// selfSigned returns a certificate with a Common Name, and with host names if there are any.
func selfSigned(t *testing.T, names ...string) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pair{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})}
}

// encrypted returns a server with a certificate. It answers with an empty list.
func encrypted(t *testing.T, p pair, config *tls.Config) *httptest.Server {
	t.Helper()
	certificate, err := tls.X509KeyPair(p.certificate, p.key)
	if err != nil {
		t.Fatal(err)
	}
	config.Certificates = []tls.Certificate{certificate}
	return start(t, config)
}

func start(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			if conn, err := websocket.Accept(w, r, nil); err == nil {
				_ = conn.CloseNow()
			}
			return
		}
		fmt.Fprint(w, `[]`)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // of refused handshakes
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// The failures of old servers name their cause and a way out, for requests and subscriptions.
func TestTLSOfOldServers(t *testing.T) {
	cnOnly, named, own := selfSigned(t), selfSigned(t, "localhost"), selfSigned(t, "client")
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(own.certificate)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	rsaRaw, err := x509.CreateCertificate(rand.Reader, template, template, rsaKey.Public(), rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	rsaOnly := &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{rsaRaw}, PrivateKey: rsaKey}},
		MaxVersion:   tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256},
	}
	demands := func(version uint16) *tls.Config {
		return &tls.Config{MaxVersion: version, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	}
	local := func(s *httptest.Server) string { return strings.Replace(s.URL, "127.0.0.1", "localhost", 1) }
	for _, test := range []struct {
		name    string
		server  *httptest.Server
		options Options // without URL
		want    string  // in the failure; "": none
	}{
		{"only a Common Name", encrypted(t, cnOnly, &tls.Config{}), Options{CA: append(cnOnly.certificate, named.certificate...)}, ""},
		{"only a Common Name, not pinned", encrypted(t, cnOnly, &tls.Config{}), Options{}, "no Subject Alternative Name, only a Common Name, which is no longer accepted; set ca_file"},
		{"another name", encrypted(t, selfSigned(t, "pbx.example"), &tls.Config{}), Options{CA: named.certificate}, "not for that host name; set server_name"},
		{"another authority", encrypted(t, selfSigned(t, "localhost"), &tls.Config{}), Options{CA: named.certificate}, "authority that is not trusted here; set ca_file"},
		{"only RSA key exchange", start(t, rsaOnly), Options{}, "no TLS cipher in common"},
		{"only TLS 1.1", encrypted(t, named, &tls.Config{MaxVersion: tls.VersionTLS11}), Options{CA: named.certificate}, "versions of TLS before 1.2"},
		{"client certificate demanded, TLS 1.2", encrypted(t, named, demands(tls.VersionTLS12)), Options{CA: named.certificate}, "set client_cert_file and client_key_file"},
		{"client certificate demanded, TLS 1.3", encrypted(t, named, demands(tls.VersionTLS13)), Options{CA: named.certificate}, "set client_cert_file and client_key_file"},
		{"client certificate", encrypted(t, named, demands(tls.VersionTLS13)), Options{CA: named.certificate, ClientCert: own.certificate, ClientKey: secret(own.key)}, ""},
		{"another client certificate", encrypted(t, named, demands(tls.VersionTLS12)), Options{CA: named.certificate, ClientCert: named.certificate, ClientKey: secret(named.key)}, "client_cert_file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.URL = local(test.server)
			c := clientOf(t, test.options)
			_, listed := c.Metrics(t.Context())
			run, subscribed := c.Subscribe(t.Context(), []string{"M"})
			if subscribed == nil {
				_ = run(func(domain.Push) {}) // the server ends it
			}
			for i, err := range []error{listed, subscribed} {
				if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("request %d: %v, want %q", i+1, err, test.want)
				}
			}
		})
	}
}

// Names are verified as package tls does it, except for a pinned certificate without any.
func TestNames(t *testing.T) {
	cnOnly, other, pbx := selfSigned(t), selfSigned(t), selfSigned(t, "pbx.example")
	bare := func(p pair) *httptest.Server { return encrypted(t, p, &tls.Config{}) }
	// signed issues a certificate of an authority that is itself without a name.
	authority, leaf := issue(t, nil)
	_, leafOfIP := issue(t, []net.IP{net.IPv4(127, 0, 0, 2)})
	for _, test := range []struct {
		name    string
		server  *httptest.Server
		byName  bool // reach it as localhost, not as 127.0.0.1
		options Options
		want    string // in the failure; "": none
	}{
		{"pinned, by name", bare(cnOnly), true, Options{CA: cnOnly.certificate}, ""},
		{"pinned, by address", bare(cnOnly), false, Options{CA: cnOnly.certificate}, ""},
		{"another one pinned", bare(cnOnly), true, Options{CA: other.certificate}, "no Subject Alternative Name"},
		{"of a trusted authority, without a name", bare(leaf), true, Options{CA: authority}, "no Subject Alternative Name"},
		{"of a trusted authority, without a name, by address", bare(leaf), false, Options{CA: authority}, "no Subject Alternative Name"},
		{"for another address", bare(leafOfIP), false, Options{CA: append(leafOfIP.certificate, cnOnly.certificate...)}, "not for that host name; set server_name"},
		{"for another name", bare(pbx), true, Options{CA: pbx.certificate}, "not for that host name; set server_name"},
		{"for another name, with a pin", bare(pbx), false, Options{CA: append(pbx.certificate, cnOnly.certificate...)}, "not for that host name; set server_name"},
		{"server_name", bare(pbx), true, Options{CA: pbx.certificate, ServerName: "pbx.example"}, ""},
		{"server_name, by address, with a pin", bare(pbx), false, Options{CA: append(pbx.certificate, cnOnly.certificate...), ServerName: "pbx.example"}, ""},
		{"wrong server_name", bare(pbx), true, Options{CA: pbx.certificate, ServerName: "pbx2.example"}, "not for that host name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.URL = test.server.URL
			if test.byName {
				test.options.URL = strings.Replace(test.server.URL, "127.0.0.1", "localhost", 1)
			}
			_, err := clientOf(t, test.options).Metrics(t.Context())
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// issue returns an authority, and a certificate of it for addresses.
func issue(t *testing.T, addresses []net.IP) (authority []byte, leaf pair) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dates := x509.Certificate{NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true}
	ca, signed := dates, dates
	ca.SerialNumber, ca.IsCA, ca.KeyUsage, ca.Subject = big.NewInt(1), true, x509.KeyUsageCertSign, pkix.Name{CommonName: "authority"}
	signed.SerialNumber, signed.Subject, signed.IPAddresses = big.NewInt(2), pkix.Name{CommonName: "localhost"}, addresses
	encode := func(template *x509.Certificate) []byte {
		raw, err := x509.CreateCertificate(rand.Reader, template, &ca, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return encode(&ca), pair{encode(&signed), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})}
}

// A url with the wrong scheme is named, whatever the server sends to a request that it does not understand.
func TestWrongScheme(t *testing.T) {
	answering := func(status int, body string) string {
		return fmt.Sprintf("HTTP/1.1 %d Status\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
	}
	const try, plain = "wrong_scheme: this port speaks TLS only; try https:// in the address", "wrong_scheme: this port does not speak TLS; try http:// in the address"
	for _, test := range []struct{ name, scheme, answer, want string }{
		{"Go", "http", answering(400, "Client sent an HTTP request to an HTTPS server."), try},
		{"nginx", "http", answering(400, "<h1>400 Bad Request</h1><center>The plain HTTP request was sent to HTTPS port</center>"), try},
		{"Apache", "http", answering(400, "Reason: You're speaking plain HTTP to an SSL-enabled server port."), try},
		{"Tomcat", "http", answering(400, "Bad Request\r\nThis combination of host and port requires TLS.\r\n"), try},
		{"a TLS alert", "http", "\x15\x03\x01\x00\x02\x02\x50", try},
		{"a rejected metric", "http", answering(400, "bad id"), "bad_request: status 400"},
		{"an HTTP answer", "https", answering(400, ""), plain},
		{"an answer without a header", "https", "<html>400 Bad Request</html>", plain},
		{"another protocol", "https", "220 mail.example ESMTP\r\n", plain},
		{"a client certificate demanded by nginx", "http", answering(400, "<center>No required SSL certificate was sent</center>"), "status 400"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan struct{})
			go func() {
				defer close(served)
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = conn.Read(make([]byte, 4096))
					_, _ = io.WriteString(conn, test.answer)
					_ = conn.Close()
				}
			}()
			defer func() { _ = l.Close(); <-served }()
			c := clientOf(t, Options{URL: test.scheme + "://" + l.Addr().String()})
			b := c.Values(t.Context(), []string{"M"})[0]
			if b.Err == nil || !strings.Contains(b.Err.Error(), test.want) {
				t.Errorf("%v, want %q", b.Err, test.want)
			}
			if f, ok := errors.AsType[*domain.Failure](b.Err); ok && test.want != "bad_request: status 400" && test.want != "status 400" && f.Rejected() {
				t.Errorf("%v would be taken for a rejected metric", f)
			}
		})
	}
}
