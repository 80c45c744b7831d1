package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writePair writes a certificate and its key, as PEM, into a folder.
func writePair(t *testing.T, folder, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for suffix, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: certificate}, ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(folder, name+suffix), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTLS(t *testing.T) {
	folder := t.TempDir()
	writePair(t, folder, "one")
	writePair(t, folder, "two")
	parse := func(lines string) (*Config, error) {
		const rest = "sources: {hq: {url: https://chronicall.example.com/rest, key_env: CHRONICALL_KEY}}\nwidgets: {w: {metrics: {m: {metric: M}}}}\n"
		return Parse(filepath.Join(folder, "waitboard.yaml"), []byte(lines+"\n"+rest), testEnv)
	}
	c, err := parse("tls: {cert_file: one.pem, key_file: one.key}")
	if err != nil || !c.TLS.On() || len(c.Files) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	if text := fmt.Sprintf("%+v %#v", c.TLS, c.TLS); strings.Contains(text, "PRIVATE KEY") {
		t.Errorf("the key can be printed: %s", text)
	}
	if _, err := parse("tls: {cert_file: one.pem, key_file: two.key}"); err == nil || !strings.Contains(err.Error(), "the key does not match the certificate") {
		t.Errorf("the key of another certificate: %v", err)
	}
	if _, err := parse("tls: {cert_file: one.pem, key_file: one.key, email: ops@example.com}"); err == nil || !strings.Contains(err.Error(), "tls.email: can't be combined with cert_file") {
		t.Errorf("an email without auto: %v", err)
	}
	again, err := parse("tls: {cert_file: one.pem, key_file: one.key}")
	if err != nil || !c.Equal(again) {
		t.Errorf("the same configuration differs: %v", err)
	}
	other, err := parse("tls: {cert_file: two.pem, key_file: two.key}")
	if err != nil || c.Equal(other) {
		t.Errorf("another certificate is the same: %v", err)
	}
	auto, err := parse("data_dir: .\ntls: {auto: [Wait.Example.com., wait2.example.com]}")
	if err != nil || !auto.TLS.On() || auto.TLS.Auto[0] != "wait.example.com" || auto.TLS.Directory != letsEncrypt || auto.PublicURL != "https://wait.example.com" {
		t.Errorf("automatic: %+v, %v", auto, err)
	}
	private, err := parse("data_dir: .\ntls: {auto: [wait.example.com], directory: https://ca.example.com/acme, directory_ca_file: one.pem}")
	if err != nil || len(private.TLS.DirectoryCA) == 0 || len(private.Files) != 1 {
		t.Errorf("of a private authority: %+v, %v", private, err)
	}
	if system, err := parse("data_dir: .\ntls: {auto: [wait.example.com], directory: https://ca.example.com/acme}"); err != nil || private.Equal(system) {
		t.Errorf("another authority to trust is the same: %v", err)
	}
	if _, err := parse("tls: {cert_file: one.pem, key_file: one.key, directory_ca_file: one.pem}"); err == nil || !strings.Contains(err.Error(), "tls.directory_ca_file: can't be combined with cert_file") {
		t.Errorf("a trusted authority without auto: %v", err)
	}
	if plain, err := parse("h2c: true"); err != nil || plain.TLS.On() || !plain.H2C || plain.Equal(c) {
		t.Errorf("none: %+v, %v", plain, err)
	}
}
