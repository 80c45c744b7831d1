package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writePair writes a self-signed certificate for a host name, and its key.
func writePair(t *testing.T, folder, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, name)
	for suffix, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: certificate}, ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path+suffix, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.LoadX509KeyPair(path+".pem", path+".key")
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// TestClientCertificate checks that check and discover present a client certificate, and verify the server's other name.
func TestClientCertificate(t *testing.T) {
	folder := t.TempDir()
	server, client := writePair(t, folder, "pbx.internal"), writePair(t, folder, "client")
	upstream := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/metrics") {
			fmt.Fprint(w, `[{"metricId":"M","metricName":"Calls in queue","categoryType":"NONE"}]`)
			return
		}
		fmt.Fprint(w, `{"results":[{"key":{"metricId":"M"},"value":{"type":"COUNT","count":3}}]}`)
	}))
	upstream.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // of refused handshakes
	clients := x509.NewCertPool()
	clients.AddCert(client.Leaf)
	upstream.TLS = &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	upstream.StartTLS()
	defer upstream.Close()

	const named, pair = "ca_file: pbx.internal.pem, server_name: pbx.internal", ", client_cert_file: client.pem, client_key_file: client.key"
	for _, test := range []struct {
		settings string
		code     int
		want     string
	}{
		{named + pair, 0, "Fit to serve."},
		{named, 1, "it demands a client certificate; set client_cert_file and client_key_file"},
		{"ca_file: pbx.internal.pem" + pair, 1, "not for that host name; set server_name"},
	} {
		path := filepath.Join(folder, "waitboard.yaml")
		text := "listen: 127.0.0.1:0\nadmin: ''\nsources: {hq: {url: '" + upstream.URL + "', key_env: KEY, mode: poll, " + test.settings + "}}\nwidgets: {w: {metrics: {m: {metric: M}}}}"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := run(t, map[string]string{"KEY": "k"}, "check", "--config", path)
		if code != test.code || !strings.Contains(stdout, test.want) {
			t.Errorf("%s: exit code %d:\n%s%s", test.settings, code, stdout, stderr)
		}
	}

	in := func(name string) string { return filepath.Join(folder, name) }
	code, stdout, stderr := run(t, map[string]string{"KEY": "k"}, "discover", "--url", upstream.URL, "--key-env", "KEY", "--ca-file", in("pbx.internal.pem"),
		"--server-name", "pbx.internal", "--client-cert-file", in("client.pem"), "--client-key-file", in("client.key"))
	for _, want := range []string{"Calls in queue", `server_name: "pbx.internal"`, "client_cert_file: ", "client_key_file: "} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("discover: exit code %d, %q is not in:\n%s%s", code, want, stdout, stderr)
		}
	}
}
